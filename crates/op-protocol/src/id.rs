//! Ids of objects: 16 random bytes as 26 characters of lower-case base32.

use base32ct::{Base32Unpadded, Encoding};

/// The length of an id, in characters.
pub const LENGTH: usize = 26;

/// Returns an id from 16 random bytes.
#[must_use]
pub fn new_id(random: [u8; 16]) -> String {
    Base32Unpadded::encode_string(&random)
}

/// Whether `text` has the form of an id: 26 characters of `a`-`z` and `2`-`7`.
///
/// The last character may have any of these values, although only four of them are possible for 16 bytes, because other
/// programs may generate ids differently.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE32_NOPAD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn new_ids_have_the_form() {
        assert_eq!(new_id([0; 16]), "a".repeat(26));
        assert_eq!(new_id([0xff; 16]), "7".repeat(25) + "4");
        assert!(is_id(&new_id(*b"sixteen bytes :)")));
    }

    #[test]
    fn other_texts_are_not_ids() {
        let id = "ysnnoeqfxnenomijh3sm5kv3ky";
        assert!(is_id(id));
        for text in
            ["", "ysnnoeqfxnenomijh3sm5kv3k", "ysnnoeqfxnenomijh3sm5kv3kyy", &id.to_uppercase(), &id.replace('3', "1")]
        {
            assert!(!is_id(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_id_has_a_text_and_a_byte_form(random: [u8; 16]) {
            let id = new_id(random);
            prop_assert!(is_id(&id));
            prop_assert_eq!(BASE32_NOPAD.decode(id.to_uppercase().as_bytes()), Ok(random.to_vec()));
        }
    }
}
