use op_protocol::item::Details;

use super::*;
use crate::{
    error::{ErrorKind, Result},
    plaintext::{self, encode},
    types::ItemCreateParams,
};

fn params(request: &Value) -> ItemCreateParams {
    let mut request = request.clone();
    request["vaultId"] = "v".into();
    if request.get("title").is_none() {
        request["title"] = "Example".into();
    }
    serde_json::from_value(request).unwrap()
}

fn create(request: &Value, now: u64) -> Result<(&'static str, Plaintext)> {
    encode::new_item(&params(request), now)
        .map(|(template, overview, details)| (template, Plaintext::new(&overview, &details)))
}

fn problem(request: &Value) -> String {
    let error = create(request, FORMATS_TIME).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
    error.message().strip_prefix("invalid user input: encountered the following errors: ").unwrap().to_owned()
}

/// Removes and returns the password's strength, which is our own estimate: the same as the public SDK's for random
/// passwords, and near it for others.
fn take_strength(overview: &mut Value) -> i64 {
    let strength = overview.as_object_mut().unwrap().remove("ps");
    strength.map_or(-100, |strength| strength.as_i64().unwrap())
}

#[test]
fn new_items_are_stored_as_by_the_public_sdk() {
    let mut compared = 0;
    for (name, case) in formats("created").iter().filter(|(_, case)| !has_files(case)) {
        let (template, new) = create(&case["request"], FORMATS_TIME).unwrap();
        assert_eq!(template, case["templateUuid"], "{name}");
        assert_eq!(serde_json::from_slice::<Value>(&new.details).unwrap(), case["encDetails"], "{name}");
        let mut overview: Value = serde_json::from_slice(&new.overview).unwrap();
        let mut expected = case["encOverview"].clone();
        assert!((take_strength(&mut overview) - take_strength(&mut expected)).abs() <= 5, "{name}");
        assert_eq!(overview, expected, "{name}");
        compared += 1;
    }
    assert_eq!(compared, 22 + 3 + 26);
}

#[test]
fn refusals_have_the_texts_of_the_public_sdk() {
    let mut compared = 0;
    for (name, case) in formats("refused") {
        let error = create(&case["request"], FORMATS_TIME).map(|_| ()).unwrap_err();
        // The names that are allowed follow.
        let message = error.message().split_once(": expected one of ").map_or(error.message(), |(message, _)| message);
        assert_eq!(message, case["error"].as_str().unwrap(), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 5);
}

fn text(id: &str, section: Option<&str>) -> Value {
    json!({"id": id, "title": id, "fieldType": "Text", "value": "x", "sectionId": section})
}

fn typed(field_type: &str, value: &str) -> Value {
    json!({"id": "f", "title": "label", "fieldType": field_type, "value": value})
}

const DUPLICATE_FIELDS: &str = "item contained duplicate field ids. Make sure every id is unique.; file and field IDs must be unique within an item";

#[test]
fn ids_and_sections_must_match() {
    let login = |fields: Value, sections: Value| json!({"category": "Login", "fields": fields, "sections": sections});
    assert_eq!(problem(&login(json!([text("a", None), text("a", None)]), json!([]))), DUPLICATE_FIELDS);
    // The first is stored as TOTP_f.
    let totps = json!([typed("Totp", "A"), {"id": "TOTP_f", "title": "t", "fieldType": "Totp", "value": ""}]);
    assert_eq!(problem(&login(totps, json!([]))), "file and field IDs must be unique within an item");
    let twice = json!([{"id": "s", "title": "1"}, {"id": "s", "title": "2"}]);
    let duplicate = "item contained duplicate section ids. Make sure every id is unique.";
    assert_eq!(problem(&login(json!([]), twice)), duplicate);
    for section in ["nowhere", ""] {
        assert_eq!(
            problem(&login(json!([text("a", Some(section))]), json!([]))),
            format!("field a was linked to section id '{section}', but no section with this id exists")
        );
    }
}

#[test]
fn ids_have_only_characters_that_references_allow() {
    let request =
        |id: &str| json!({"category": "Login", "fields": [text(id, None)], "sections": [{"id": id, "title": ""}]});
    for id in ["a b", "a.b-c_1", "日本", ""] {
        assert!(create(&request(id), FORMATS_TIME).is_ok(), "{id}");
    }
    for id in ["a/b", "a,b", "a\tb", "a'b", "\u{301}"] {
        let rule = "must contain only alphanumeric characters or -, _, . and the whitespace character";
        assert_eq!(problem(&request(id)), format!("field id '{id}' {rule}; section id '{id}' {rule}"));
    }
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_the_public_sdk() {
    let request = json!({
        "category": "Database", "tags": ["", "a", "a"],
        "websites": [{"url": "u", "label": "l", "autofillBehavior": "Never"}],
        "fields": [
            typed("MonthYear", "x"), typed("Reference", "x"), typed("SshKey", "x"), typed("Unsupported", ""),
            typed("Unsupported", ""), typed("Address", "1 Main St"), typed("Date", "x"),
        ],
    });
    let problem = problem(&request);
    let expected = [
        "tags list contains one or more empty tags(s)",
        "tags list contains one or more tags that are entirely spaces or tabs(s)",
        "tags list contains duplicate tags(s)",
        "Only items with an SSH key category can contain an SSH key field",
        "SSH key fields must have ID 'private_key' and title 'private key'",
        "invalid date format. must be YYYY-MM-DD: field 'label'",
        "field 'label' had an unsupported field type",
        "item contained duplicate field ids. Make sure every id is unique.",
        "reference: label does not refer to a valid UUID",
        "Only items with a Login or Password category can contain websites for autofilling",
        "file and field IDs must be unique within an item",
        "invalid month-year format. must be MM/YYYY: field 'label'",
        "Address fields are constructed from the Address field's details. Provide valid AddressFieldDetails: field 'label'",
    ];
    let reported = problem.split("; ").map(|text| text.split_once(": expected one of ").map_or(text, |(text, _)| text));
    assert_eq!(reported.collect::<Vec<_>>(), expected);
}

#[test]
fn errors_do_not_repeat_values() {
    for field_type in ["MonthYear", "Date", "Reference", "SshKey", "Address"] {
        let problem = problem(&json!({"category": "Login", "fields": [typed(field_type, "hush")]}));
        assert!(!problem.contains("hush"), "{problem}");
    }
}

#[test]
fn an_ssh_key_item_has_one_readable_key_at_most() {
    let item = |fields: Value| json!({"category": "SshKey", "fields": fields});
    let key = |id: &str, value: &str| json!({"id": id, "title": "private key", "fieldType": "SshKey", "value": value});
    assert!(create(&item(json!([])), FORMATS_TIME).is_ok());
    let misnamed = "SSH key fields must have ID 'private_key' and title 'private key'";
    assert_eq!(problem(&item(json!([key("other", "")]))), misnamed);
    let two = json!([key("private_key", ""), key("b", "")]);
    assert_eq!(problem(&item(two)), format!("An SSH Key item can only contain one SSH key field; {misnamed}"));
    let unreadable = problem(&item(json!([key("private_key", "hush")])));
    assert!(unreadable.starts_with("error parsing private key: ") && !unreadable.contains("hush"), "{unreadable}");
}

#[test]
fn rsa_keys_are_stored_with_their_length() {
    let fixtures: Value = serde_json::from_str(include_str!("../../../tests/data/ssh-keys.json")).unwrap();
    let rsa = &fixtures[3];
    let key = json!({"id": "private_key", "title": "private key", "fieldType": "SshKey", "value": rsa["text"]});
    let new = create(&json!({"category": "SshKey", "fields": [key]}), 0).unwrap();
    let details: Value = serde_json::from_slice(&new.1.details).unwrap();
    let expected = json!({"privateKey": rsa["text"], "publicKey": rsa["publicKey"], "fingerprint": rsa["fingerprint"],
        "keyType": {"t": "rsa", "c": 3072}});
    assert_eq!(details["sections"][0]["fields"][0]["a"]["sshKeyAttributes"], expected);
}

#[test]
fn metadata_of_an_ssh_key_from_the_caller_is_ignored() {
    let fixtures: Value = serde_json::from_str(include_str!("../../../tests/data/ssh-keys.json")).unwrap();
    let details = json!({"type": "SshKey", "content": {"publicKey": "x", "fingerprint": "y", "keyType": "z"}});
    let mut field =
        json!({"id": "private_key", "title": "private key", "fieldType": "SshKey", "value": fixtures[0]["text"]});
    let without = create(&json!({"category": "SshKey", "fields": [field]}), 0).unwrap();
    field["details"] = details;
    let with = create(&json!({"category": "SshKey", "fields": [field]}), 0).unwrap();
    assert_eq!(*with.1.details, *without.1.details);
}

#[test]
fn files_have_the_places_of_the_public_sdk() {
    let mut compared = 0;
    for (name, case) in formats("created").iter().filter(|(_, case)| has_files(case)) {
        let params = params(&case["request"]);
        let (_, overview, mut details) = encode::new_item(&params, FORMATS_TIME).unwrap();
        let recorded = Details::from_json(case["encDetails"].to_string().as_bytes()).unwrap();
        plaintext::file_fields::add_all(&mut details, &params, recorded.files().collect());
        let new = Plaintext::new(&overview, &details);
        assert_eq!(serde_json::from_slice::<Value>(&new.details).unwrap(), case["encDetails"], "{name}");
        assert_eq!(serde_json::from_slice::<Value>(&new.overview).unwrap(), case["encOverview"], "{name}");
        compared += 1;
    }
    assert_eq!(compared, 2);
}

#[test]
fn unknown_autofill_behaviours_mean_the_default() {
    let website = json!({"url": "u", "label": "l", "autofillBehavior": "Sometimes"});
    let new = create(&json!({"category": "Login", "websites": [website]}), 0).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&new.1.overview).unwrap()["URLs"][0]["m"], "default");
}

#[test]
fn subtitles_are_those_of_the_apps() {
    let subtitle = |request: Value| {
        let new = create(&request, 1_795_390_905).unwrap();
        serde_json::from_slice::<Value>(&new.1.overview).unwrap()["ainfo"].as_str().unwrap().to_owned()
    };
    let card =
        |number: &str| subtitle(json!({"category": "CreditCard", "fields": [typed("CreditCardNumber", number)]}));
    assert_eq!(card("4111 1111-1111 1234"), "4111 **** 1234");
    assert_eq!(card("4111"), "");
    assert_eq!(subtitle(json!({"category": "SecureNote", "notes": "€".repeat(100)})), "€".repeat(80));
    assert_eq!(subtitle(json!({"category": "Password"})), "2026-11-22 11:41 PM");
    let date = json!({"id": "date", "title": "date", "fieldType": "Date", "value": "2020-02-03"});
    assert_eq!(subtitle(json!({"category": "MedicalRecord", "fields": [date]})), "2020-02-03");
}
