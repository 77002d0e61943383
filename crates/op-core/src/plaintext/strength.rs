//! The strength of passwords, on the scale of the apps.

/// The bits of a word or name, which counts as one choice out of about 2,000 for each six letters.
const WORD_BITS: f64 = 11.0;

/// Estimates the strength of a password, from 0 to 100. It is only displayed.
///
/// The apps rate 16 random characters 70 and 24 random characters 100, which is two thirds of their bits. Runs of
/// letters count as words, because people choose words.
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
    // Clamped, so that the cast cannot overflow.
    (bits * 2.0 / 3.0).clamp(0.0, 100.0) as u64
}

/// Returns the number of letters at the start that may be a word: any letter, then lower-case letters.
fn word_length(characters: &[char]) -> usize {
    match characters {
        [first, rest @ ..] if first.is_alphabetic() => 1 + rest.iter().take_while(|c| c.is_lowercase()).count(),
        _ => 0,
    }
}

/// Returns the size of the set from which the characters may have been chosen.
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
