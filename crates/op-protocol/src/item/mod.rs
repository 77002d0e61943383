//! The plaintexts of items: `encOverview` and `encDetails`.
//!
//! Reading and writing loses nothing: unknown members, and values of an unexpected JSON type, are written back
//! unchanged.

mod details;
mod files;
mod loose;
mod overview;

use std::fmt;

use serde_json::Value;
use zeroize::Zeroizing;

pub use details::{Details, Field, FieldAttributes, FileAttributes, FormField, Section, SshKeyAttributes, SshKeyType};
pub use files::FILE_KIND;
pub use loose::{Json, Loose, Other, Text};
pub use overview::{Overview, Url};

use crate::json;
use loose::Shape;

/// The plaintext is not a JSON object. The error has no details, because the plaintext is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnObject;

impl fmt::Display for NotAnObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the plaintext is not a JSON object")
    }
}

impl std::error::Error for NotAnObject {}

impl Overview {
    /// Reads a plaintext.
    ///
    /// # Errors
    /// The plaintext is not a JSON object.
    pub fn from_json(plaintext: &[u8]) -> Result<Self, NotAnObject> {
        parse(plaintext)
    }

    /// Writes the plaintext.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        write(self)
    }
}

impl Details {
    /// Reads a plaintext.
    ///
    /// # Errors
    /// The plaintext is not a JSON object.
    pub fn from_json(plaintext: &[u8]) -> Result<Self, NotAnObject> {
        parse(plaintext)
    }

    /// Writes the plaintext.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        write(self)
    }
}

fn parse<T: Shape>(plaintext: &[u8]) -> Result<T, NotAnObject> {
    let value = json::parse(plaintext).and_then(Value::try_from).map_err(|_| NotAnObject)?;
    T::read(value).map_err(|_| NotAnObject)
}

fn write<T: Shape>(plaintext: &T) -> Zeroizing<Vec<u8>> {
    // `Json` wipes its copies of secrets on drop. Writing cannot fail: all keys are texts, and a vector takes every
    // byte.
    let value = Json::from(plaintext.write());
    Zeroizing::new(serde_json::to_vec(&*value).expect("a plaintext always has a JSON form"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Any JSON value with the names of item plaintexts, and with right or wrong types.
    fn any_json() -> impl Strategy<Value = Value> {
        let name = prop_oneof![
            Just("title"),
            Just("URLs"),
            Just("u"),
            Just("tags"),
            Just("ps"),
            Just("notesPlain"),
            Just("fields"),
            Just("sections"),
            Just("designation"),
            Just("n"),
            Just("k"),
            Just("v"),
            Just("a"),
            Just("sshKeyAttributes"),
            Just("keyType"),
            Just("c"),
            Just("documentAttributes"),
            Just("unencryptedSize"),
            Just("passkey"),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-z£💡]{0,5}".prop_map(Value::from),
        ];
        leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(name.clone().prop_map(String::from), inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn round_trips(plaintext: &Value) -> (Value, Value) {
        let bytes = serde_json::to_vec(plaintext).unwrap();
        let overview = Overview::from_json(&bytes).unwrap().to_json();
        let details = Details::from_json(&bytes).unwrap().to_json();
        (serde_json::from_slice(&overview).unwrap(), serde_json::from_slice(&details).unwrap())
    }

    proptest! {
        #[test]
        fn nothing_is_lost(plaintext in any_json().prop_filter("object", Value::is_object)) {
            let (overview, details) = round_trips(&plaintext);
            prop_assert_eq!(&overview, &plaintext);
            prop_assert_eq!(&details, &plaintext);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = Overview::from_json(&bytes);
            let _ = Details::from_json(&bytes);
        }
    }

    #[test]
    fn unknown_members_and_wrong_types_survive() {
        let plaintext = json!({
            "title": 5, "tags": ["a", 1, null], "URLs": null, "passkey": {"id": "x"},
            "sections": [{"name": "s", "hidden": true, "fields": [
                {"n": "f", "k": "ssoLogin", "v": {"provider": "p"}, "inputTraits": {"keyboard": "URL"}, "a": {"multiline": "yes"}},
                {"n": "g", "k": "string", "v": null},
                "not a field"
            ]}]
        });
        let (overview, details) = round_trips(&plaintext);
        assert_eq!(overview, plaintext);
        assert_eq!(details, plaintext);
    }

    #[test]
    fn numbers_keep_their_last_digit() {
        // Decimals between two binary numbers are read as the nearer one, like in every other client.
        for (text, number) in [("99999999990990000000", 9.999_999_999_099e19), ("5000099999e42", 5.000_099_999e51)] {
            let plaintext = format!(r#"{{"x":{text}}}"#);
            let details = Details::from_json(plaintext.as_bytes()).unwrap();
            assert_eq!(details.other["x"].as_f64(), Some(number));
            assert_eq!(Details::from_json(&details.to_json()), Ok(details));
        }
    }

    #[test]
    fn a_wrong_type_reads_as_missing() {
        let overview = Overview::from_json(br#"{"title":5,"tags":["a",1],"ps":-1,"URLs":"x"}"#).unwrap();
        assert_eq!(overview.title.text(), "");
        assert_eq!(overview.tags.elements().map(|tag| tag.to_string()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(overview.password_strength.get(), None);
        assert_eq!(overview.urls.elements().count(), 0);
    }

    #[test]
    fn the_last_of_repeated_members_counts() {
        assert_eq!(Overview::from_json(br#"{"title":"a","title":"b"}"#).unwrap().title.text(), "b");
    }

    #[test]
    fn other_values_than_objects_are_refused() {
        for text in ["", "[]", "null", "5", "{", "\"a\""] {
            assert_eq!(Details::from_json(text.as_bytes()), Err(NotAnObject), "{text}");
        }
    }

    #[test]
    fn debug_output_contains_no_content() {
        let details =
            Details::from_json(br#"{"notesPlain":"hush","password":"hush","x":"hush","sections":[{"title":"hush"}]}"#);
        assert!(!format!("{details:?}").contains("hush"));
    }
}
