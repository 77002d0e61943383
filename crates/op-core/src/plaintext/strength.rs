//! How strong a password is, on the scale of the apps.

/// A word or name counts as one choice of about 2,000, and no more for each further six letters.
const WORD_BITS: f64 = 11.0;

/// The strength of a password from 0 to 100. Only shown to people; an estimate.
///
/// The apps give 70 to 16 characters at random and 100 to 24, which is two thirds of their bits. Runs of letters are
/// taken for words, since those are what people choose.
pub(super) fn strength(password: &str) -> u64 {
    let characters: Vec<char> = password.chars().collect();
    let pool_bits = pool(&characters).log2();
    let mut bits = 0.0;
    let mut rest = characters.as_slice();
    while let [_, tail @ ..] = rest {
        let word = word_length(rest);
        if word >= 3 {
            bits += WORD_BITS.min(pool_bits * word as f64) * word.div_ceil(6) as f64;
            rest = rest.get(word..).unwrap_or_default();
        } else {
            bits += pool_bits;
            rest = tail;
        }
    }
    // Never out of range, whatever the length.
    (bits * 2.0 / 3.0).clamp(0.0, 100.0) as u64
}

/// The letters at the start, of one case but for the first.
fn word_length(characters: &[char]) -> usize {
    match characters {
        [first, rest @ ..] if first.is_alphabetic() => 1 + rest.iter().take_while(|c| c.is_lowercase()).count(),
        _ => 0,
    }
}

/// How many characters the password could have been chosen from.
fn pool(characters: &[char]) -> f64 {
    let size_if = |size, class: fn(&char) -> bool| if characters.iter().any(class) { size } else { 0.0 };
    let size = size_if(26.0, char::is_ascii_lowercase)
        + size_if(26.0, char::is_ascii_uppercase)
        + size_if(10.0, char::is_ascii_digit)
        + size_if(33.0, |c| c.is_ascii() && !c.is_ascii_alphanumeric())
        + size_if(100.0, |c| !c.is_ascii());
    f64::max(size, 1.0)
}

#[cfg(test)]
mod tests {
    use super::strength;

    #[test]
    fn random_passwords_score_as_in_the_apps() {
        assert_eq!(strength("x7$kQ9!vLp2#Zr8&"), 70);
        assert_eq!(strength("x7$kQ9!vLp2#Zr8&x7$kQ9!v"), 100);
    }

    #[test]
    fn words_are_weak_and_many_words_are_not() {
        assert_eq!(strength(""), 0);
        assert!(strength("password") < 15);
        assert!(strength("hunter2") < 15);
        assert!(strength("correct-horse-battery-staple") > 40);
        assert!(strength(&"long words ".repeat(10_000)) == 100);
    }
}
