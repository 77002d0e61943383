//! Base64url without padding.

use base64ct::{Base64UrlUnpadded, Encoding};

/// The text is not base64url without padding. It has other characters, padding, an impossible length, or stray bits in
/// its last character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error;

/// Encodes `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Decodes `text`. Each sequence of bytes has exactly one encoding.
///
/// # Errors
/// [`Error`] if `text` is not an output of [`encode`].
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| Error)
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not base64url without padding")
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_canonical_text_decodes() {
        assert_eq!(decode("_-8"), Ok(vec![0xff, 0xef]));
        assert_eq!(decode(""), Ok(vec![]));
        for text in ["_-8=", "/+8", "_-9", "_", "_-8\n", " _-8", "_-\u{e9}"] {
            assert_eq!(decode(text), Err(Error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn a_text_that_decodes_is_the_encoding(text in "[A-Za-z0-9_-]{0,40}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
