//! Parsing secret references: `op://<vault>/<item>/[section/]field[?attribute=<attribute-value>]`.

use std::fmt;

use crate::{
    error::{Error, ErrorKind},
    plaintext::fields::Query,
};

/// The parts of a secret reference, borrowed from its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretReference<'a> {
    /// A vault's title or id. Like all names, it may be empty.
    pub(crate) vault: &'a str,
    /// An item's title or id.
    pub(crate) item: &'a str,
    /// A section's title or id. An empty name differs from no name.
    pub(crate) section: Option<&'a str>,
    /// A field's title or id, or a file's name.
    pub(crate) field: &'a str,
    /// What to return in place of the field's value.
    pub(crate) query: Option<Query>,
}

impl<'a> SecretReference<'a> {
    /// Parses a reference. If several things are wrong with it, the error is the one that the public SDKs report.
    pub(crate) fn parse(reference: &'a str) -> Result<Self, ReferenceError> {
        let rest = reference.strip_prefix("op://").ok_or(ReferenceError::Prefix)?;
        let (path, query) = match rest.split_once('?') {
            // A second question mark is reported before any other problem of the query or the path.
            Some((_, query)) if query.contains('?') => return Err(ReferenceError::Character),
            Some((path, query)) => (path, Some(parse_query(query)?)),
            None => (rest, None),
        };
        if !path.bytes().all(|byte| byte == b'/' || is_name_byte(byte)) {
            return Err(ReferenceError::Character);
        }
        let mut names = path.split('/');
        let mut name = || names.next();
        match (name(), name(), name(), name(), name()) {
            (Some(vault), Some(item), Some(field), None, None) => Ok(Self { vault, item, section: None, field, query }),
            (Some(vault), Some(item), section @ Some(_), Some(field), None) => {
                Ok(Self { vault, item, section, field, query })
            }
            _ => Err(ReferenceError::Format),
        }
    }
}

/// Parses the query of a reference.
fn parse_query(query: &str) -> Result<Query, ReferenceError> {
    let (key, value) = query.split_once('=').ok_or(ReferenceError::Format)?;
    if !key.bytes().chain(value.bytes()).all(is_name_byte) {
        return Err(ReferenceError::Format);
    }
    match (key, value) {
        ("attribute", "totp" | "otp") => Ok(Query::Totp),
        ("ssh-format", "openssh") => Ok(Query::SshFormatOpenSsh),
        ("attribute" | "ssh-format", _) => Err(ReferenceError::QueryValue),
        _ => Err(ReferenceError::QueryKey),
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b' ')
}

/// Why a text is not a secret reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReferenceError {
    /// It does not start with `op://`.
    Prefix,
    /// It has too few or too many parts, or its query is not one `key=value`.
    Format,
    /// A name contains a character that references cannot contain.
    Character,
    /// The query's key is unknown.
    QueryKey,
    /// The query's key does not take this value.
    QueryValue,
}

// The texts of the public SDKs, including the stray bracket of the last one.
impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => r#"secret reference is not prefixed with "op://""#,
            Self::Format => {
                r#"secret reference has invalid format - must be "op://<vault>/<item>/[section/]field[?attribute=<attribute-value>]""#
            }
            Self::Character => {
                "invalid character in secret reference: secret references must only contain alphanumeric, _, . or - characters"
            }
            Self::QueryKey => "secret reference has invalid query parameter key",
            Self::QueryValue => "secret reference has invalid query parameter value}",
        })
    }
}

impl std::error::Error for ReferenceError {}

impl From<ReferenceError> for Error {
    fn from(error: ReferenceError) -> Self {
        Self::new(ErrorKind::ParsingSecretReference, error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Deserialize)]
    struct Case<'a> {
        #[serde(borrow)]
        input: &'a RawValue,
        ok: bool,
        error: Option<String>,
    }

    #[derive(Deserialize)]
    struct RecordedError {
        name: String,
        message: String,
    }

    #[test]
    fn recorded_references_get_the_recorded_answer() {
        let cases: Vec<Case<'_>> =
            serde_json::from_str(include_str!("../../../../packages/contract/vectors/references.json")).unwrap();
        let mut parsed = 0;
        for case in &cases {
            // A value that is not a string, or not Unicode, is refused before it is parsed.
            let Ok(input) = serde_json::from_str::<String>(case.input.get()) else {
                assert!(!case.ok, "{}", case.input);
                continue;
            };
            // Recorded from a call without an argument, which JSON cannot hold.
            if input == "<undefined>" {
                continue;
            }
            parsed += 1;
            match SecretReference::parse(&input) {
                Ok(_) => assert!(case.ok, "{input} was accepted"),
                Err(error) => {
                    let recorded = case.error.as_deref().unwrap_or_else(|| panic!("{input} was refused: {error}"));
                    let recorded: RecordedError = serde_json::from_str(recorded).unwrap();
                    let error = Error::from(error);
                    assert_eq!(
                        (error.kind().name(), error.message()),
                        (&*recorded.name, &*recorded.message),
                        "{input}"
                    );
                }
            }
        }
        assert_eq!(parsed, 330);
    }

    #[test]
    fn names_are_parsed_as_written() {
        let parse = |text| SecretReference::parse(text).unwrap();
        let plain = SecretReference { vault: "My vault", item: "a.b", section: None, field: "pass word", query: None };
        assert_eq!(parse("op://My vault/a.b/pass word"), plain);
        assert_eq!(parse("op://My vault/a.b/s_1/pass word"), SecretReference { section: Some("s_1"), ..plain.clone() });
        assert_eq!(parse("op://My vault/a.b//pass word"), SecretReference { section: Some(""), ..plain.clone() });
        assert_eq!(
            parse("op://My vault/a.b/pass word/"),
            SecretReference { section: Some("pass word"), field: "", ..plain }
        );
        assert_eq!(parse("op:////"), SecretReference { vault: "", item: "", section: None, field: "", query: None });
    }

    #[test]
    fn queries_are_parsed() {
        let query = |text| SecretReference::parse(text).map(|reference| reference.query);
        assert_eq!(query("op://v/i/f?attribute=totp"), Ok(Some(Query::Totp)));
        assert_eq!(query("op://v/i/s/f?attribute=otp"), Ok(Some(Query::Totp)));
        assert_eq!(query("op://v/i/f?ssh-format=openssh"), Ok(Some(Query::SshFormatOpenSsh)));
        assert_eq!(query("op://v/i/f?ssh-format=pkcs8"), Err(ReferenceError::QueryValue));
    }

    #[test]
    fn the_recorded_one_of_several_faults_is_reported() {
        let error = |text| SecretReference::parse(text).unwrap_err();
        assert_eq!(error("op://a!/b?"), ReferenceError::Format);
        assert_eq!(error("op://a!/b?x=y"), ReferenceError::QueryKey);
        assert_eq!(error("op://a!/b?attribute=y"), ReferenceError::QueryValue);
        assert_eq!(error("op://a!/b?attribute=otp"), ReferenceError::Character);
        assert_eq!(error("op://a/b?attribute=otp"), ReferenceError::Format);
        assert_eq!(error("op://a/b/c??"), ReferenceError::Character);
    }

    /// Texts composed of parts of references, so that most are nearly valid.
    fn near_reference() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => "[A-Za-z0-9_. -]{0,6}",
            6 => Just("/".to_owned()),
            2 => prop::sample::select(vec!["?", "=", "?attribute=otp", "?ssh-format=openssh", "op://", "totp"])
                .prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        (prop_oneof![9 => Just("op://"), 1 => Just("")], prop::collection::vec(piece, 0..12))
            .prop_map(|(prefix, pieces)| prefix.to_owned() + &pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn accepted_references_survive_writing(text in near_reference()) {
            if let Ok(reference) = SecretReference::parse(&text) {
                let SecretReference { vault, item, section, field, .. } = reference;
                let section = section.map(|section| format!("{section}/")).unwrap_or_default();
                let path = format!("op://{vault}/{item}/{section}{field}");
                prop_assert_eq!(text.split('?').next(), Some(&*path));
                prop_assert_eq!(text.contains('?'), reference.query.is_some());
                prop_assert!(path.bytes().skip("op://".len()).all(|byte| byte == b'/' || is_name_byte(byte)));
            }
        }

        #[test]
        fn any_names_of_allowed_characters_are_accepted(names in prop::collection::vec("[A-Za-z0-9_. -]*", 3..=4)) {
            let text = format!("op://{}", names.join("/"));
            prop_assert!(SecretReference::parse(&text).is_ok());
        }

        #[test]
        fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let text = String::from_utf8_lossy(&bytes);
            prop_assert!(SecretReference::parse(&text).is_err() || text.starts_with("op://"));
        }
    }
}
