//! Secret Keys: the high-entropy part of a user's credentials, as in `A3-ABCDEF-GHJKLM-NPQRS-TVWXY-Z2345-6789A`.

use std::fmt;

use zeroize::Zeroizing;

use crate::hkdf::hkdf_32;

/// The characters of a generated Secret Key, without `0`, `1`, `I`, `O` and `U`, which people misread.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKLMNPQRSTVWXYZ";
const ID_LENGTH: usize = 6;
const GENERATED_FORMAT: &str = "A3";
const GENERATED_KEY_LENGTH: usize = 26;

/// The text is not a Secret Key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a Secret Key")]
pub struct ParseError;

/// A Secret Key: its format, its public id, and its secret characters.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey {
    format: &'static str,
    id: String,
    key: Zeroizing<String>,
}

impl SecretKey {
    /// Parses a Secret Key. The text is case-insensitive, and hyphens are optional.
    ///
    /// # Errors
    /// [`ParseError`] for an unknown format, a wrong length or characters other than letters and digits.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut plain = Zeroizing::new(String::with_capacity(text.len()));
        plain.extend(text.chars().filter(|c| *c != '-'));
        plain.make_ascii_uppercase();
        if !plain.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(ParseError);
        }
        let (format, rest) = plain.split_at_checked(2).ok_or(ParseError)?;
        let (id, key) = rest.split_at_checked(ID_LENGTH).ok_or(ParseError)?;
        let format = match (format, key.len()) {
            ("A2", 25) => "A2",
            ("A3", 26) => "A3",
            ("A4", 26) => "A4",
            _ => return Err(ParseError),
        };
        Ok(Self { format, id: id.to_owned(), key: Zeroizing::new(key.to_owned()) })
    }

    /// Generates a Secret Key of format `A3` with the id `account_id` (6 letters or digits) from 32 random bytes.
    ///
    /// # Errors
    /// [`ParseError`] if `account_id` cannot be the id of a Secret Key.
    pub fn generate(account_id: &str, random: &[u8; 32]) -> Result<Self, ParseError> {
        let mut number = Zeroizing::new(*random);
        let mut text = Zeroizing::new(String::with_capacity(2 + ID_LENGTH + GENERATED_KEY_LENGTH));
        text.push_str(GENERATED_FORMAT);
        text.push_str(account_id);
        // The last 26 digits of a 256-bit number in base 31, which are uniform to within 2^-127.
        for _ in 0..GENERATED_KEY_LENGTH {
            let digit = usize::from(divide(&mut number, ALPHABET.len() as u16));
            text.extend(ALPHABET.get(digit).map(|byte| char::from(*byte)));
        }
        if account_id.len() != ID_LENGTH || account_id.contains('-') {
            return Err(ParseError);
        }
        Self::parse(&text)
    }

    /// Returns the format: `A2`, `A3` or `A4`.
    #[must_use]
    pub fn format(&self) -> &str {
        self.format
    }

    /// Returns the key's id, which has six characters and is not secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the hash of this key, which key derivation uses.
    #[must_use]
    pub fn hash(&self) -> Zeroizing<[u8; 32]> {
        hkdf_32(self.key.as_bytes(), self.id.as_bytes(), self.format.as_bytes())
    }

    /// Returns the exclusive or of `bytes` and [`hash`](Self::hash).
    #[must_use]
    pub fn combine(&self, bytes: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        let mut out = self.hash();
        for (out, byte) in out.iter_mut().zip(bytes) {
            *out ^= byte;
        }
        out
    }

    /// Returns the form that people see, with hyphens between groups.
    #[must_use]
    pub fn to_string(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(48));
        text.push_str(self.format);
        text.push('-');
        text.push_str(&self.id);
        for (index, character) in self.key.chars().enumerate() {
            // Groups of five from the right, so that the first group has six characters if there is one left over.
            let left = self.key.len() - index;
            if index == 0 || (left.is_multiple_of(5) && index >= 5) {
                text.push('-');
            }
            text.push(character);
        }
        text
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("format", &self.format).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Divides the big-endian `number` in place and returns the remainder.
fn divide(number: &mut [u8; 32], divisor: u16) -> u16 {
    let mut remainder = 0;
    for byte in number {
        let value = (remainder << 8) | u16::from(*byte);
        *byte = (value / divisor) as u8;
        remainder = value % divisor;
    }
    remainder
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_displayed_form_has_groups() {
        let grouped = |text| SecretKey::parse(text).map(|key| key.to_string().to_string());
        let a3 = "A3-RTN9SA-DY9445-Y5FF9-6X6E7-B5GPF-A95R9";
        assert_eq!(grouped("a3rtn9sady9445y5ff96x6e7b5gpfa95r9"), Ok(a3.to_owned()));
        let a2 = "A2-RTN9SA-DY944-5Y5FF-96X6E-7B5GP-FA95R";
        assert_eq!(grouped("A2-RTN9SA-DY9445Y5FF96X6E7B5GPFA95R"), Ok(a2.to_owned()));
    }

    #[test]
    fn an_id_must_be_six_letters_or_digits() {
        for id in ["", "ABCDE", "ABCDEFG", "ABC-EF", "ABC-DEF", "ABCDE!", "ABCDé"] {
            assert_eq!(SecretKey::generate(id, &[1; 32]), Err(ParseError), "{id}");
        }
    }

    #[test]
    fn generated_keys_use_all_characters_alike() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..1000_u16 {
            let mut random = [0; 32];
            let [high, low] = seed.to_be_bytes();
            random.copy_from_slice(&hkdf_32(&[high, low], b"", b"")[..]);
            let key = SecretKey::generate("ABCDEF", &random).unwrap();
            for character in key.key.chars() {
                *counts.entry(character).or_insert(0) += 1;
            }
        }
        assert_eq!(counts.len(), ALPHABET.len());
        // 26,000 draws from 31: 839 each, standard deviation 28.
        assert!(counts.values().all(|count| (680..1000).contains(count)), "{counts:?}");
    }

    #[test]
    fn debug_output_contains_no_secret() {
        let key = SecretKey::parse("A3-RTN9SA-DY9445Y5FF96X6E7B5GPFA95R9").unwrap();
        assert_eq!(format!("{key:?}"), r#"SecretKey { format: "A3", id: "RTN9SA", .. }"#);
    }

    proptest! {
        #[test]
        fn generated_keys_parse(id in "[A-Z0-9]{6}", random: [u8; 32]) {
            let key = SecretKey::generate(&id, &random).unwrap();
            prop_assert_eq!(key.id(), id);
            prop_assert_eq!(SecretKey::parse(&key.to_string()), Ok(key));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>(), tail in "A[234].{0,40}") {
            let _ = SecretKey::parse(&text);
            let _ = SecretKey::parse(&tail);
        }
    }
}
