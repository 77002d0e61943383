//! Base64url without padding, the encoding of all binary data in JSON.

pub use op_bulk::b64::{Error, decode, encode};

/// Decodes exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], Error> {
    let bytes = zeroize::Zeroizing::new(decode(text)?);
    bytes.as_slice().try_into().map_err(|_| Error)
}

/// The functions for `#[serde(with = "b64::bytes")]` on a `Vec<u8>`.
pub mod bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    /// Writes bytes as base64url text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::encode(bytes))
    }

    /// Reads base64url text as bytes.
    ///
    /// # Errors
    /// The value is not a string, or not base64url without padding.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        super::decode(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
