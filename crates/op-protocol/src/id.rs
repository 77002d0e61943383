//! Ids of objects: 16 random bytes as 26 characters of lower-case base32. docs/decisions/0071 says which are types.

use std::{fmt, str::FromStr};

use base32ct::{Base32Unpadded, Encoding};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, Unexpected},
};

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

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// Returns a new id from random bytes.
            #[must_use]
            pub fn new(random: [u8; 16]) -> Self {
                Self(new_id(random))
            }

            /// Returns an id that the server sent, which may have another form.
            #[must_use]
            pub fn from_server(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                if is_id(text) { Ok(Self(text.to_owned())) } else { Err(NotAnId) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                id_text(deserializer).map(Self)
            }
        }

        #[cfg(feature = "contract")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <String as schemars::JsonSchema>::json_schema(generator)
            }
        }
    )+};
}

ids! {
    /// The id of a vault or an Environment.
    VaultId
    /// The id of an item.
    ItemId
    /// The id of a person or a service account.
    UserId
    /// The id of a group.
    GroupId
    /// The id of an invitation.
    InviteId
    /// The id of a session of a user.
    SessionId
    /// The id of a share.
    ShareId
}

/// A text does not have the form of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id, which has 26 letters and digits")]
pub struct NotAnId;

fn id_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    // `Other`, because `DecodeError` quotes nothing else: an id is no secret.
    if is_id(&text) { Ok(text) } else { Err(D::Error::invalid_value(Unexpected::Other(&text), &"an id")) }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE32_NOPAD;
    use proptest::prelude::*;

    use super::*;
    use crate::json;

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
        assert_eq!(id.parse::<VaultId>().unwrap().as_str(), id);
        assert_eq!(json::decode::<VaultId>(format!("{id:?}").as_bytes()).unwrap().as_str(), id);
        for text in
            ["", "ysnnoeqfxnenomijh3sm5kv3k", "ysnnoeqfxnenomijh3sm5kv3kyy", &id.to_uppercase(), &id.replace('3', "1")]
        {
            assert!(!is_id(text), "{text:?}");
            assert_eq!(text.parse::<VaultId>(), Err(NotAnId), "{text:?}");
            let error = json::decode::<Vec<VaultId>>(format!("[{id:?}, {text:?}]").as_bytes()).unwrap_err();
            assert_eq!((error.path(), error.not_an_id()), ("[1]", Some(text)));
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
