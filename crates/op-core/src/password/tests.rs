use std::collections::{BTreeSet, HashMap};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

/// SplitMix64. The tests check statistics, which only a fixed seed makes reliable.
fn seeded(mut state: u64) -> impl FnMut(&mut [u8]) {
    move |buffer| {
        for byte in buffer {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (mixed >> 56) as u8;
        }
    }
}

fn samples(recipe: &PasswordRecipe, count: usize) -> Vec<String> {
    let mut random = seeded(1);
    (0..count).map(|_| generate(recipe, &mut random).unwrap().to_string()).collect()
}

/// Returns Pearson's statistic for equal frequencies, as the distance from its mean in standard deviations.
fn excess<T: std::hash::Hash + Eq>(drawn: impl IntoIterator<Item = T>, kinds: usize) -> f64 {
    let mut counts = HashMap::new();
    let mut total = 0.0;
    for value in drawn {
        *counts.entry(value).or_insert(0.0) += 1.0;
        total += 1.0;
    }
    assert!(counts.len() <= kinds, "{} kinds", counts.len());
    let expected = total / kinds as f64;
    let missing = (kinds - counts.len()) as f64 * expected;
    let statistic = counts.values().map(|count: &f64| (count - expected).powi(2) / expected).sum::<f64>() + missing;
    let freedom = (kinds - 1) as f64;
    (statistic - freedom) / (2.0 * freedom).sqrt()
}

#[derive(Deserialize)]
struct Case {
    input: Value,
    ok: bool,
    error: Option<String>,
    value: Option<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    stats: Stats,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stats {
    min_length: usize,
    max_length: usize,
    lower: String,
    upper: String,
    digits: String,
    symbols: String,
    per_sample: HashMap<String, [f64; 3]>,
    words: Option<WordStats>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WordStats {
    count: [usize; 2],
    all_upper_per_sample: [usize; 2],
}

/// A class as the recordings divide characters: its name, its members among all samples, and its test.
type Class<'a> = (&'a str, &'a str, fn(&char) -> bool);

fn classes(stats: &Stats) -> [Class<'_>; 4] {
    [
        ("lower", &stats.lower, char::is_ascii_lowercase),
        ("upper", &stats.upper, char::is_ascii_uppercase),
        ("digits", &stats.digits, char::is_ascii_digit),
        ("symbols", &stats.symbols, |c| !c.is_ascii_alphanumeric()),
    ]
}

#[test]
fn recorded_recipes_get_the_recorded_answer() {
    let cases: Vec<Case> =
        serde_json::from_str(include_str!("../../../../packages/contract/vectors/passwords.json")).unwrap();
    assert_eq!(cases.len(), 113);
    for case in cases {
        let input = case.input.to_string();
        let Ok(recipe) = serde_json::from_value::<PasswordRecipe>(case.input) else {
            // The public SDK ignores members that it does not know.
            let is_refused = case.error.is_some_and(|error| error.starts_with("data did not match any variant"));
            assert!(is_refused || input.contains("\"extra\""), "{input}");
            continue;
        };
        match generate(&recipe, &mut seeded(1)) {
            Ok(_) => {
                assert!(case.ok, "{input} was accepted");
                check_statistics(&input, &recipe, &case.value.unwrap().stats);
            }
            Err(error) => {
                let recorded: Value = serde_json::from_str(&case.error.unwrap()).unwrap();
                let ours = json!({ "name": error.kind().name(), "message": error.message() });
                assert_eq!(ours, recorded, "{input}");
            }
        }
    }
}

fn check_statistics(input: &str, recipe: &PasswordRecipe, recorded: &Stats) {
    let passwords = samples(recipe, 300);
    if recorded.min_length == recorded.max_length {
        assert!(passwords.iter().all(|password| password.len() == recorded.min_length), "{input}");
    }
    for (name, members, is_member) in classes(recorded) {
        let ours: BTreeSet<char> = passwords.iter().flat_map(|password| password.chars()).filter(is_member).collect();
        if matches!(name, "lower" | "upper") && has_dictionary(recipe) {
            // Which letters occur in the words of 200 samples is chance; whether any occur is a rule.
            assert_eq!(ours.is_empty(), members.is_empty(), "{input}: {name}");
        } else {
            assert_eq!(ours, members.chars().collect(), "{input}: {name}");
        }

        let [least, mean, most] = recorded.per_sample[name];
        let counts: Vec<f64> =
            passwords.iter().map(|password| password.chars().filter(is_member).count() as f64).collect();
        let ours = counts.iter().sum::<f64>() / counts.len() as f64;
        if least == most {
            assert!(counts.iter().all(|&count| count == least), "{input}: {name}");
        } else if matches!(recipe, PasswordRecipe::Random { .. }) {
            // Five standard errors of the difference of two Poisson means.
            let tolerance = 5.0 * (mean * (1.0 / 200.0 + 1.0 / 300.0)).sqrt();
            assert!((ours - mean).abs() < tolerance, "{input}: {ours} {name} instead of {mean}");
        }
    }
    if let Some(recorded) = &recorded.words {
        for password in &passwords {
            check_words(input, recipe, recorded, password);
        }
    }
}

fn has_dictionary(recipe: &PasswordRecipe) -> bool {
    matches!(
        recipe,
        PasswordRecipe::Memorable { word_list_type: WordListType::FullWords | WordListType::Syllables, .. }
    )
}

fn check_words(input: &str, recipe: &PasswordRecipe, recorded: &WordStats, password: &str) {
    let PasswordRecipe::Memorable { word_list_type, .. } = recipe else { panic!("{input} has words") };
    let lengths = match word_list_type {
        WordListType::FullWords => 3..=8,
        WordListType::Syllables => 2..=4,
        WordListType::ThreeLetters => 3..=3,
    };
    let words: Vec<&str> = password.split(|c: char| !c.is_ascii_alphabetic()).collect();
    assert_eq!([words.len(); 2], recorded.count, "{input}: {password}");
    assert!(words.iter().all(|word| lengths.contains(&word.len())), "{input}: {password}");
    let is_upper = |word: &&&str| word.bytes().all(|byte| byte.is_ascii_uppercase());
    assert_eq!([words.iter().filter(is_upper).count(); 2], recorded.all_upper_per_sample, "{input}: {password}");
    let is_plain = |word: &&str| is_upper(&word) || word.bytes().all(|byte| byte.is_ascii_lowercase());
    assert!(words.iter().all(is_plain), "{input}: {password}");
}

#[test]
fn every_requested_class_occurs() {
    for (include_digits, include_symbols) in [(false, false), (false, true), (true, false), (true, true)] {
        for password in samples(&PasswordRecipe::Random { include_digits, include_symbols, length: 8 }, 5000) {
            assert_eq!(password.contains(|c| CLEAR_DIGITS.contains(c)), include_digits, "{password}");
            assert_eq!(password.contains(|c| SYMBOLS.contains(c)), include_symbols, "{password}");
            assert!(password.chars().all(|c| [LETTERS, CLEAR_DIGITS, SYMBOLS].concat().contains(c)), "{password}");
        }
    }
    let recipe = PasswordRecipe::Memorable {
        separator_type: SeparatorType::DigitsAndSymbols,
        capitalize: false,
        word_list_type: WordListType::Syllables,
        word_count: 3,
    };
    for password in samples(&recipe, 5000) {
        assert!(password.contains(|c| DIGITS.contains(c)) && password.contains(|c| SYMBOLS.contains(c)), "{password}");
    }
}

#[test]
fn choices_are_uniform() {
    let characters = |recipe| samples(&recipe, 2000).concat().into_bytes();
    assert!(excess(characters(PasswordRecipe::Pin { length: 12 }), 10) < 4.0);
    let letters = PasswordRecipe::Random { include_digits: false, include_symbols: false, length: 100 };
    assert!(excess(characters(letters), LETTERS.len()) < 4.0);
    // At this length hardly any password is discarded, so the whole alphabet is uniform.
    let all = PasswordRecipe::Random { include_digits: true, include_symbols: true, length: 100 };
    assert!(excess(characters(all), 61) < 4.0);

    let words = |word_list_type| {
        let separator_type = SeparatorType::Hyphens;
        let recipe = PasswordRecipe::Memorable { separator_type, capitalize: true, word_list_type, word_count: 15 };
        samples(&recipe, 4000)
    };
    let uniform = |passwords: &[String], kinds| {
        let words = passwords.iter().flat_map(|password| password.split('-')).map(str::to_lowercase);
        let capitals = passwords
            .iter()
            .map(|password| password.split('-').position(|word| word.bytes().all(|byte| byte.is_ascii_uppercase())));
        excess(words, kinds) < 4.0 && excess(capitals, 15) < 4.0
    };
    assert!(uniform(&words(WordListType::FullWords), 6216));
    assert!(uniform(&words(WordListType::Syllables), 10_622));
    assert!(uniform(&words(WordListType::ThreeLetters), 22 * 22 * 22));
}

#[test]
fn numbers_that_would_favour_some_choices_are_drawn_again() {
    let mut numbers = [u32::MAX, u32::MAX - 5, u32::MAX - 6].into_iter();
    let mut random = |buffer: &mut [u8]| buffer.copy_from_slice(&numbers.next().unwrap().to_le_bytes());
    assert_eq!(below(10, &mut random), 9);
}

#[test]
fn the_word_lists_match_their_documentation() {
    let words: Vec<_> = include_str!("eff_words.txt").lines().collect();
    assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    assert_eq!(words.len(), words::FULL_WORDS_COUNT);
    assert!(words.iter().all(|word| (3..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())));
    assert_eq!(words.iter().map(|word| word.len()).max(), Some(words::MAX_LENGTH));
}

#[test]
fn every_word_is_unpacked_as_it_is_listed() {
    for (index, word) in include_str!("eff_words.txt").lines().enumerate() {
        let mut password = "kept-".to_owned();
        words::push_full_word(&mut password, index);
        assert_eq!(password, format!("kept-{word}"));
    }
}

#[test]
fn no_syllable_can_be_composed_in_two_ways() {
    let mut syllables = Vec::new();
    for onset in words::ONSETS {
        for nucleus in words::NUCLEI {
            let parts = words::CODAS.iter().map(|coda| [*onset, *nucleus, *coda]);
            syllables.extend(parts.filter(|parts| words::is_syllable(*parts)).map(|parts| parts.concat()));
        }
    }
    assert_eq!(syllables.len(), 10_622);
    assert_eq!(syllables.iter().collect::<BTreeSet<_>>().len(), syllables.len());
}

#[test]
fn a_password_is_not_in_the_debug_form_of_its_response() {
    let response = crate::types::GeneratePasswordResponse { password: "hunter2hunter2".into() };
    assert!(!format!("{response:?}").contains("hunter2"));
}

#[test]
fn an_error_names_the_number_that_is_out_of_its_limits() {
    let error = generate(&PasswordRecipe::Pin { length: 13 }, &mut seeded(1)).unwrap_err();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidConfiguration, Some("length")));
}

/// JSON in the shape of a recipe, with values that may be wrong in type or size.
fn recipe_json() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        6 => (0..120_u32).prop_map(Value::from),
        4 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => ".{0,8}".prop_map(Value::from),
    ];
    let separator = prop_oneof![
        9 => prop::sample::select(vec!["digits", "digitsAndSymbols", "spaces", "hyphens", "underscores", "periods", "commas"]),
        1 => Just("none"),
    ];
    let words =
        prop_oneof![9 => prop::sample::select(vec!["fullWords", "syllables", "threeLetters"]), 1 => Just("words")];
    let kind = prop_oneof![9 => prop::sample::select(vec!["Memorable", "Pin", "Random"]), 1 => Just("Other")];
    let count = || prop_oneof![3 => (0..20_u32).prop_map(Value::from), 1 => value.clone()];
    let flag = || prop_oneof![9 => any::<bool>().prop_map(Value::from), 1 => value.clone()];
    (kind, separator, words, count(), flag(), flag(), flag()).prop_map(
        |(kind, separator, words, count, capitalize, digits, symbols)| {
            json!({ "type": kind, "parameters": {
                "separatorType": separator, "wordListType": words, "capitalize": capitalize, "wordCount": &count,
                "includeDigits": digits, "includeSymbols": symbols, "length": &count,
            } })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_recipe_gets_a_password_or_an_error(json in recipe_json(), seed in any::<u64>()) {
        if let Ok(recipe) = serde_json::from_value::<PasswordRecipe>(json.clone()) {
            prop_assert_eq!(serde_json::to_value(&recipe).unwrap()["type"].clone(), json["type"].clone());
            match generate(&recipe, &mut seeded(seed)) {
                Ok(password) => prop_assert!((3..=15 * 8 + 14).contains(&password.len()) && password.is_ascii()),
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::InvalidConfiguration),
            }
        }
    }
}
