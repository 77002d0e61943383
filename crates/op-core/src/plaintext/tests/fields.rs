use proptest::prelude::*;

use super::*;
use crate::{
    plaintext::fields::Query,
    plaintext::fields::{self, Secret},
    types::ResolveReferenceError as Error,
};
use op_protocol::item::Details;

const SEED_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n-----END PRIVATE KEY-----\n";

fn item(details: &Value) -> Details {
    Details::from_json(details.to_string().as_bytes()).unwrap()
}

fn login() -> Details {
    item(&json!({
        "notesPlain": "the notes",
        "fields": [
            {"value": "wendy", "designation": "username"},
            {"value": "secret", "designation": "password"}
        ],
        "sections": [
            {"name": "s1", "title": "First", "fields": [
                {"n": "f1", "t": "Token", "k": "concealed", "v": "one"},
                {"n": "f2", "t": "password", "k": "concealed", "v": "section password"},
                {"n": "TOTP_1", "t": "code", "k": "concealed", "v": "JBSWY3DPEHPK3PXP"},
                {"n": "TOTP_2", "t": "bad code", "k": "concealed", "v": "not base32!"},
                {"n": "d", "t": "when", "k": "date", "v": 889_963_260},
                {"n": "sso", "t": "sign in with", "k": "ssoLogin", "v": {"provider": "x"}}
            ]},
            {"name": "s2", "title": "Twin", "fields": [{"n": "f3", "t": "same", "k": "string", "v": "a"}]},
            {"name": "s3", "title": "twin", "fields": [
                {"n": "f4", "t": "Same", "k": "string", "v": "b"},
                {"n": "f5", "t": "only here", "k": "string", "v": "c"},
                {"n": "file", "t": "", "k": "file", "v": {"fileName": "key.pub", "documentId": "x", "unencryptedSize": 1}}
            ]},
            {"name": "", "title": "", "fields": [{"n": "f6", "t": "loose", "k": "string", "v": "unnamed"}]}
        ]
    }))
}

fn ssh(attributes: &Value) -> Details {
    item(&json!({"sections": [{"name": "k", "title": "Key", "fields": [
        {"n": "private_key", "t": "private key", "k": "sshKey", "v": SEED_KEY, "a": attributes},
        {"n": "x", "t": "comment", "k": "string", "v": "c"}]}]}))
}

fn ssh_with_metadata() -> Details {
    ssh(
        &json!({"sshKeyAttributes": {"publicKey": "ssh-ed25519 AAAA", "fingerprint": "SHA256:x", "keyType": {"t": "ed25519"}}}),
    )
}

/// Returns the value, or `file` and the id of the file whose content it is.
fn find(
    item: &Details,
    section: Option<&str>,
    field: &str,
    query: Option<Query>,
    now_seconds: u64,
) -> Result<String, Error> {
    fields::find(item, section, field, query, now_seconds).map(|secret| match secret {
        Secret::Text(text) => text,
        Secret::File(file) => format!("file {}", file.document_id.text()),
    })
}

fn value(item: &Details, section: Option<&str>, field: &str) -> Result<String, Error> {
    find(item, section, field, None, FORMATS_TIME)
}

#[test]
fn ids_and_titles_match_in_any_case() {
    let item = login();
    for name in ["f1", "F1", "Token", "TOKEN"] {
        assert_eq!(value(&item, None, name).as_deref(), Ok("one"), "{name}");
        assert_eq!(value(&item, Some("FIRST"), name).as_deref(), Ok("one"), "{name}");
        assert_eq!(value(&item, Some("s1"), name).as_deref(), Ok("one"), "{name}");
    }
    assert_eq!(value(&item, None, "when").as_deref(), Ok("1998-03-15"));
    assert_eq!(value(&item, None, "code").as_deref(), Ok("JBSWY3DPEHPK3PXP"));
    assert_eq!(value(&item, None, "missing"), Err(Error::FieldNotFound));
}

#[test]
fn fields_without_a_section_win() {
    let item = login();
    assert_eq!(value(&item, None, "password").as_deref(), Ok("secret"));
    assert_eq!(value(&item, Some("s1"), "password").as_deref(), Ok("section password"));
    assert_eq!(value(&item, Some("s1"), "username"), Err(Error::FieldNotFound));
}

#[test]
fn all_sections_of_a_name_are_searched() {
    let item = login();
    assert_eq!(value(&item, Some("twin"), "only here").as_deref(), Ok("c"));
    assert_eq!(value(&item, Some("twin"), "same"), Err(Error::TooManyMatchingFields));
    assert_eq!(value(&item, None, "same"), Err(Error::TooManyMatchingFields));
    assert_eq!(value(&item, Some("s3"), "same").as_deref(), Ok("b"));
    assert_eq!(value(&item, Some("third"), "same"), Err(Error::NoMatchingSections));
    assert_eq!(value(&item, Some(""), "loose").as_deref(), Ok("unnamed"));
    assert_eq!(value(&item, Some(""), "same"), Err(Error::FieldNotFound));
}

#[test]
fn notes_are_a_field() {
    let item = login();
    assert_eq!(value(&item, None, "notesPlain").as_deref(), Ok("the notes"));
    assert_eq!(value(&item, None, "Notes").as_deref(), Ok("the notes"));
    assert_eq!(value(&ssh_with_metadata(), None, "notes"), Err(Error::FieldNotFound));
    for name in ["title", "tags", "website"] {
        assert_eq!(value(&item, None, name), Err(Error::FieldNotFound), "{name}");
    }
    // A field that cannot be read exists nevertheless.
    assert_eq!(value(&item, None, "sign in with"), Err(Error::Other));
}

#[test]
fn a_missing_value_is_not_an_empty_secret() {
    let login = item(&json!({"sections": [{"name": "s", "fields": [
        {"n": "day", "k": "date"}, {"n": "month", "k": "monthYear"}, {"n": "home", "k": "address"},
        {"n": "text", "k": "string"}
    ]}]}));
    for field in ["day", "month", "home"] {
        assert_eq!(value(&login, None, field), Err(Error::Other), "{field}");
    }
    assert_eq!(value(&login, None, "text").as_deref(), Ok(""));
    assert_eq!(value(&item(&json!({})), None, "password"), Err(Error::FieldNotFound));
    assert_eq!(value(&item(&json!({"password": "x"})), None, "password").as_deref(), Ok("x"));
}

#[test]
fn one_time_passwords_are_read_with_a_query() {
    let item = login();
    let totp = |field| find(&item, None, field, Some(Query::Totp), FORMATS_TIME);
    assert_eq!(totp("code").as_deref(), Ok("334538"));
    assert_eq!(totp("bad code"), Err(Error::UnableToGenerateTotpCode("SecretNotBase32".into())));
    for field in ["password", "notes"] {
        assert_eq!(totp(field), Err(Error::IncompatibleTOTPQueryParameterField), "{field}");
    }
}

#[test]
fn ssh_keys_come_with_metadata_and_in_openssh_format() {
    let item = ssh_with_metadata();
    for (name, expected) in [
        ("private key", SEED_KEY),
        ("public key", "ssh-ed25519 AAAA"),
        ("PUBLIC_KEY", "ssh-ed25519 AAAA"),
        ("fingerprint", "SHA256:x"),
        ("key type", "ed25519"),
    ] {
        assert_eq!(value(&item, None, name).as_deref(), Ok(expected), "{name}");
        assert_eq!(value(&item, Some("key"), name).as_deref(), Ok(expected), "{name}");
    }
    let openssh = |field| find(&item, None, field, Some(Query::SshFormatOpenSsh), FORMATS_TIME);
    assert!(openssh("private_key").unwrap().starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
    for field in ["comment", "public key"] {
        assert_eq!(openssh(field), Err(Error::IncompatibleSshKeyQueryParameterField), "{field}");
    }
    assert_eq!(value(&ssh(&Value::Null), None, "public key"), Err(Error::SSHKeyMetadataNotFound));
    assert_eq!(value(&login(), None, "public key"), Err(Error::FieldNotFound));
}

#[test]
fn unreadable_keys_do_not_convert() {
    let item = item(&json!({"sections": [{"name": "", "fields": [
        {"n": "private_key", "t": "private key", "k": "sshKey", "v": "garbage"}]}]}));
    let converted = find(&item, None, "private_key", Some(Query::SshFormatOpenSsh), 0);
    assert_eq!(converted, Err(Error::UnableToParsePrivateKey));
}

#[test]
fn files_are_found_by_name() {
    let item = login();
    assert_eq!(value(&item, None, "KEY.pub").as_deref(), Ok("file x"));
    assert_eq!(value(&item, Some("s3"), "key.pub").as_deref(), Ok("file x"));
    assert_eq!(value(&item, Some("s1"), "key.pub"), Err(Error::FieldNotFound));
    assert_eq!(find(&item, None, "key.pub", Some(Query::Totp), 0), Ok("file x".to_owned()));
}

#[test]
fn stored_items_resolve_as_in_the_public_sdk() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../../packages/contract/vectors/stored-items.json")).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let item = item(&case["details"]);
        for (key, expected) in case["references"].as_object().unwrap() {
            let (section, name) =
                key.rsplit_once('/').map_or((None, key.as_str()), |(section, name)| (Some(section), name));
            assert_eq!(value(&item, section, name).ok().as_deref(), expected.as_str(), "{key}: {}", case["why"]);
        }
    }
}

#[test]
fn the_empty_name_matches_candidates_without_an_id_and_title() {
    let form = item(
        &json!({"fields": [{"id": "pin", "value": "1234"}, {"designation": "username", "id": "x", "value": "ada"}]}),
    );
    assert_eq!(value(&form, None, "").as_deref(), Ok("1234"));
    assert_eq!(value(&form, None, "x").as_deref(), Ok("ada"));
}

#[test]
fn a_file_is_a_candidate_like_a_field() {
    let file = |section: &str, id: &str| json!({"n": id, "t": "label", "k": "file", "v": {"fileName": "token", "documentId": section}});
    let token = |value: &str| json!({"n": value, "t": "token", "k": "concealed", "v": value});
    let with = |sections: Value| item(&json!({"sections": sections}));
    let section = |id: &str, title: &str, field: Value| json!({"name": id, "title": title, "fields": [field]});

    let outside = with(json!([section("e", "", file("e", "f")), section("p", "P", token("A"))]));
    assert_eq!(value(&outside, None, "token").as_deref(), Ok("file e"));
    assert_eq!(value(&outside, Some(""), "token").as_deref(), Ok("file e"));
    assert_eq!(value(&outside, Some("P"), "token").as_deref(), Ok("A"));
    for name in ["f", "label"] {
        assert_eq!(value(&outside, None, name).as_deref(), Ok("file e"), "{name}");
    }
    let within = with(json!([section("s", "S", file("s", "f")), section("e", "", token("A"))]));
    assert_eq!(value(&within, None, "token").as_deref(), Ok("A"));
    assert_eq!(value(&within, Some("S"), "token").as_deref(), Ok("file s"));
    for sections in [
        json!([section("s", "S", file("s", "f")), section("p", "P", token("A"))]),
        json!([section("s", "S", file("s", "f")), section("p", "P", file("p", "g"))]),
        json!([section("e", "", file("e", "f")), section("d", "", token("A"))]),
    ] {
        assert_eq!(value(&with(sections), None, "token"), Err(Error::TooManyMatchingFields));
    }

    let document = |title: &str| {
        item(&json!({
            "documentAttributes": {"fileName": "token", "documentId": "own"}, "notesPlain": "N",
            "sections": [section("s", title, token("A"))],
        }))
    };
    assert_eq!(value(&document("S"), None, "token").as_deref(), Ok("file own"));
    assert_eq!(value(&document("S"), Some("S"), "token").as_deref(), Ok("A"));
    assert_eq!(value(&document(""), None, "token"), Err(Error::TooManyMatchingFields));
    let notes = item(&json!({"documentAttributes": {"fileName": "notes", "documentId": "own"}, "notesPlain": "N"}));
    assert_eq!(value(&notes, None, "notes"), Err(Error::TooManyMatchingFields));
    assert_eq!(value(&notes, None, "notesPlain").as_deref(), Ok("N"));
}

#[test]
fn errors_have_the_form_and_texts_of_the_public_sdk() {
    let json = |error: &Error| serde_json::to_value(error).unwrap();
    assert_eq!(json(&Error::FieldNotFound), json!({"type": "fieldNotFound"}));
    assert_eq!(json(&Error::SSHKeyMetadataNotFound), json!({"type": "sSHKeyMetadataNotFound"}));
    let totp = Error::IncompatibleTOTPQueryParameterField;
    assert_eq!(json(&totp), json!({"type": "incompatibleTOTPQueryParameterField"}));
    assert_eq!(totp.to_string(), "TOTP attribute can only be applied to TOTP-type fields");
    let code = Error::UnableToGenerateTotpCode("NoSecret".into());
    assert_eq!(json(&code), json!({"type": "unableToGenerateTotpCode", "message": "NoSecret"}));
    assert_eq!(code.to_string(), "TOTP code could not be generated: NoSecret");
}

proptest! {
    #[test]
    fn every_search_ends(
        details in super::decode::any_details(),
                section in prop::option::of("[aA]?|username|private_key"),
        field in "[aA]?|username|notes|TOTP_1|private_key|public key|f.txt",
        query in prop::option::of(prop_oneof![Just(Query::Totp), Just(Query::SshFormatOpenSsh)]),
    ) {
        let item = item(&details);
        let found = find(&item, section.as_deref(), &field, query, FORMATS_TIME);
        if let Ok(candidates) = fields::named(&item, section.as_deref(), &field) {
            prop_assert_eq!(candidates.len() > 1, found == Err(Error::TooManyMatchingFields));
            let all = fields::candidates(&item);
            prop_assert!(candidates.iter().all(|each| all.iter().any(|any| any.is_same(each))));
        }
    }
}
