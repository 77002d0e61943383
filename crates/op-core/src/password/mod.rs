//! The password generator. Every choice is uniform. A password that lacks something that the recipe requires, such as a
//! digit, is discarded as a whole, so that the remaining passwords are equally likely.

mod words;

use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind, Result},
    types::{PasswordRecipe, SeparatorType, WordListType},
};

/// Fills a buffer from a cryptographically secure source.
type Random<'a> = &'a mut dyn FnMut(&mut [u8]);

// The alphabets of the public SDKs. Random passwords contain no characters that look alike.
const LETTERS: &str = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRTUVWXYZ";
const CLEAR_DIGITS: &str = "2346789";
const DIGITS: &str = "0123456789";
const SYMBOLS: &str = "!*-.@_";

/// Generates a password, or says which number of the recipe is out of range.
pub(crate) fn generate(recipe: &PasswordRecipe, random: Random<'_>) -> Result<Zeroizing<String>> {
    match *recipe {
        PasswordRecipe::Pin { length } => {
            // The text is that of the public SDKs, which also accept 3.
            let length = within(3..=12, length, "length", "PIN length must be between 4 and 12")?;
            Ok(draw(&[DIGITS], length, random))
        }
        PasswordRecipe::Random { include_digits, include_symbols, length } => {
            let length = within(8..=100, length, "length", "Password length must be between 8 and 100")?;
            let mut classes = vec![LETTERS];
            classes.extend(include_digits.then_some(CLEAR_DIGITS));
            classes.extend(include_symbols.then_some(SYMBOLS));
            Ok(draw(&classes, length, random))
        }
        PasswordRecipe::Memorable { separator_type, capitalize, word_list_type, word_count } => {
            let count = within(3..=15, word_count, "wordCount", "Word count must be between 3 and 15")?;
            let separators = draw(separator_classes(separator_type), count - 1, random);
            let capital = capitalize.then(|| below(count, random));
            Ok(join_words(word_list_type, &separators, capital, random))
        }
    }
}

fn within(limits: RangeInclusive<u32>, value: u32, field: &str, text: &str) -> Result<usize> {
    if limits.contains(&value) {
        Ok(value as usize)
    } else {
        Err(Error::new(ErrorKind::InvalidConfiguration, text).with_field(field))
    }
}

fn separator_classes(separator: SeparatorType) -> &'static [&'static str] {
    match separator {
        SeparatorType::Digits => &[CLEAR_DIGITS],
        SeparatorType::DigitsAndSymbols => &[DIGITS, SYMBOLS],
        SeparatorType::Spaces => &[" "],
        SeparatorType::Hyphens => &["-"],
        SeparatorType::Underscores => &["_"],
        SeparatorType::Periods => &["."],
        SeparatorType::Commas => &[","],
    }
}

/// Returns random words with `separators` between them; the word at index `capital` is in capitals.
fn join_words(list: WordListType, separators: &str, capital: Option<usize>, random: Random<'_>) -> Zeroizing<String> {
    let capacity = separators.len() + (separators.len() + 1) * words::MAX_LENGTH;
    let mut password = Zeroizing::new(String::with_capacity(capacity));
    let mut separators = separators.chars();
    for index in 0.. {
        let start = password.len();
        words::push(&mut password, list, random);
        if capital == Some(index) {
            password[start..].make_ascii_uppercase();
        }
        match separators.next() {
            Some(separator) => password.push(separator),
            None => break,
        }
    }
    password
}

/// Returns `length` random characters from `classes`, with at least one from each class.
fn draw(classes: &[&str], length: usize, random: Random<'_>) -> Zeroizing<String> {
    let alphabet: Vec<char> = classes.concat().chars().collect();
    let mut drawn = Zeroizing::new(String::with_capacity(length));
    loop {
        drawn.clear();
        drawn.extend((0..length).map(|_| pick(&alphabet, random)));
        if classes.iter().all(|class| drawn.contains(|c| class.contains(c))) {
            return drawn;
        }
    }
}

/// Returns one of `choices`, each equally likely.
fn pick<T: Copy>(choices: &[T], random: Random<'_>) -> T {
    *choices.get(below(choices.len(), random)).expect("the index is below the length")
}

/// Returns a number below `bound`, each equally likely. The remainder of a random number is uniform only if the
/// number's range is a multiple of `bound`, so numbers above the last multiple are drawn again.
fn below(bound: usize, random: Random<'_>) -> usize {
    let bound = u32::try_from(bound).expect("alphabets and word lists are short");
    let limit = u32::MAX - u32::MAX % bound;
    loop {
        let mut bytes = [0; 4];
        random(&mut bytes);
        let number = u32::from_le_bytes(bytes);
        if number < limit {
            return (number % bound) as usize;
        }
    }
}

#[cfg(test)]
mod tests;
