use op_protocol::{envelope::Envelope, jwk::SymmetricKey};
use proptest::prelude::*;

use super::*;
use crate::{
    error::{ErrorKind, Result},
    plaintext::decode,
    types::{ItemCategory, ItemFieldType, ItemOverview, ItemState},
};

fn listed(record: &ItemRecord, plaintext: &[u8], vault_id: &str) -> Result<ItemOverview> {
    decode::overview(&record.into(), record.trashed, plaintext, vault_id)
}

fn item_of(template: &str, overview: &Value, details: &Value) -> Value {
    let (overview, details) = (overview.to_string(), details.to_string());
    let item = decode::item(
        &(&record(template)).into(),
        &plaintext(overview.as_bytes(), details.as_bytes()),
        "<vault id>",
        FORMATS_TIME,
    );
    serde_json::to_value(item.unwrap()).unwrap()
}

#[test]
fn stored_items_read_as_in_the_public_sdk() {
    let mut compared = 0;
    for (name, case) in formats("created") {
        let template = case["templateUuid"].as_str().unwrap();
        let mut expected = case["result"].clone();
        expected["createdAt"] = "2026-11-22T23:41:45Z".into();
        expected["updatedAt"] = "2026-11-22T23:41:45Z".into();
        assert_eq!(item_of(template, &case["encOverview"], &case["encDetails"]), expected, "{name}");
        compared += 1;
    }
    assert_eq!(compared, 23 + 4 + 26);
}

/// When the public SDK computed the one-time passwords of the recorded vault.
const RECORDED_TIME: u64 = 1_795_391_895;

#[test]
fn a_recorded_vault_decrypts_to_the_items_of_the_public_sdk() {
    let vault: Value =
        serde_json::from_str(include_str!("../../../../../packages/contract/vectors/recorded/vault-a.json")).unwrap();
    let expected = include_str!("../../../../../packages/contract/vectors/recorded/vault-a.expected.json");
    // The file holds dates as JavaScript writes them.
    let expected: Value = serde_json::from_str(&expected.replace(".000Z\"", "Z\"")).unwrap();
    let key_bytes = op_protocol::b64::decode(vault["vaultKey"]["k"].as_str().unwrap()).unwrap();
    let key = SymmetricKey::new(vault["vaultKey"]["kid"].as_str().unwrap(), key_bytes.try_into().unwrap());
    let open = |envelope: &Envelope| envelope.open(&key).unwrap();
    let records: Vec<ItemRecord> = serde_json::from_value(vault["items"].clone()).unwrap();

    let overviews: Vec<Value> = records
        .iter()
        .map(|record| listed(record, &open(&record.enc_overview), "").unwrap())
        .map(|overview| serde_json::to_value(overview).unwrap())
        .collect();
    assert_eq!(Value::from(overviews), expected["overviews"]);

    for record in &records {
        let (overview, details) = (open(&record.enc_overview), open(record.enc_details.as_ref().unwrap()));
        let item = decode::item(&record.into(), &plaintext(&overview, &details), "", RECORDED_TIME).unwrap();
        let expected = &expected["items"][&record.uuid]["content"];
        assert_eq!(&serde_json::to_value(&item).unwrap(), expected, "{}", record.uuid);
    }
}

#[test]
fn old_and_unusual_overviews_are_read() {
    let websites = |overview: Value| item_of("001", &overview, &json!({}))["websites"].clone();
    let site = |url, behavior| json!({"url": url, "label": "", "autofillBehavior": behavior});
    assert_eq!(websites(json!({"url": "https://a"})), json!([site("https://a", "AnywhereOnWebsite")]));
    assert_eq!(websites(json!({"url": "https://a", "URLs": null})), json!([site("https://a", "AnywhereOnWebsite")]));
    for none in [json!([]), json!([null]), json!({})] {
        let site = json!([site("https://a", "AnywhereOnWebsite")]);
        assert_eq!(websites(json!({"url": "https://a", "URLs": none})), site, "{none}");
    }
    assert_eq!(websites(json!({"URLs": [{"u": "b", "m": "new"}, 5]})), json!([site("b", "AnywhereOnWebsite")]));
    assert_eq!(item_of("999", &json!({"title": null}), &json!({}))["title"], "");
    assert_eq!(item_of("999", &json!({}), &json!({}))["category"], "Unsupported");
}

#[test]
fn unusual_fields_are_read_or_left_out() {
    let details = json!({
        "fields": [
            {"value": "form", "id": "q", "name": "q", "type": "T"},
            {"value": "p", "id": "", "name": "pass", "type": "P", "designation": "password"},
            {"value": 5, "id": "", "name": "user", "type": "E", "designation": "username"}
        ],
        "sections": [{"name": "s", "fields": [
            {"n": "a", "k": "string", "v": 5, "t": "A"},
            {"n": "b", "k": "gender", "v": "x"},
            {"n": "c", "k": "ssoLogin", "v": {"provider": "p"}, "t": "C"},
            {"n": "TOTP_d", "k": "concealed", "v": "otpauth://hotp/x"},
            {"n": "totp_e", "k": "concealed", "v": "e"},
            {"n": "f", "k": "sshKey", "v": "key"},
            {"k": "string", "v": "no id"}, {"n": "no kind", "v": "x"}, "no field",
            {"n": "g", "k": "file", "v": "no file"}
        ]}, "no section"]
    });
    let item = item_of("001", &json!({}), &details);
    let field = |id: &str, title: &str, section: Option<&str>, field_type: &str, value: &str, details: Value| json!({"id": id, "title": title, "sectionId": section, "fieldType": field_type, "value": value, "details": details});
    let otp = json!({"type": "Otp", "content": {
        "code": null, "errorMessage": "unable to generate one-time password: InvalidUriHost"}});
    assert_eq!(
        item["fields"],
        json!([
            field("password", "password", None, "Concealed", "p", Value::Null),
            field("username", "username", None, "Text", "", Value::Null),
            field("a", "A", Some("s"), "Text", "", Value::Null),
            field("b", "", Some("s"), "Text", "x", Value::Null),
            field("c", "C", None, "Unsupported", "", Value::Null),
            field("TOTP_d", "", Some("s"), "Totp", "otpauth://hotp/x", otp),
            field("totp_e", "", Some("s"), "Concealed", "e", Value::Null),
            field("f", "", Some("s"), "SshKey", "key", json!({"type": "SshKey", "content": null})),
        ])
    );
    assert_eq!(item["sections"], json!([{"id": "s", "title": ""}]));
    assert_eq!(item["files"], json!([]));
}

#[test]
fn times_become_utc_without_fractions() {
    let mut record = record("001");
    record.created_at = "2024-10-11T17:42:27.999+02:00".into();
    record.updated_at = "1969-12-31T23:59:58.5Z".into();
    let overview = listed(&record, b"{}", "v").unwrap();
    assert_eq!(
        (overview.created_at.as_str(), overview.updated_at.as_str()),
        ("2024-10-11T15:42:27Z", "1969-12-31T23:59:58Z")
    );
    record.created_at = "2024-10-11".into();
    assert_eq!(listed(&record, b"{}", "v").unwrap_err().kind(), ErrorKind::InvalidResponse);
}

#[test]
fn archived_items_have_their_state() {
    let mut record = record("003");
    let state = |record: &ItemRecord| listed(record, b"{}", "v").unwrap().state;
    assert_eq!(state(&record), ItemState::Active);
    record.trashed = op_protocol::rest::ItemState::Archived;
    assert_eq!(state(&record), ItemState::Archived);
    record.trashed = op_protocol::rest::ItemState::Deleted;
    assert!(listed(&record, b"{}", "v").is_err());
}

#[test]
fn errors_do_not_contain_plaintext() {
    let error = decode::item(&(&record("001")).into(), &plaintext(b"{}", b"\"hush\""), "v", 0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert!(!error.message().contains("hush"));
}

#[test]
fn debug_output_contains_no_secret() {
    let details = json!({"password": "hush", "notesPlain": "hush", "sections": [{"name": "s", "fields": [
        {"n": "a", "k": "concealed", "v": "hush"}]}]});
    let item =
        decode::item(&(&record("005")).into(), &plaintext(b"{}", details.to_string().as_bytes()), "v", 0).unwrap();
    assert_eq!((item.category, item.fields[1].field_type), (ItemCategory::Password, ItemFieldType::Concealed));
    assert!(!format!("{item:?}").contains("hush"));
}

proptest! {
    #[test]
    fn any_plaintext_is_read(details in any_details(), template in "00[1-6]|114|999", time: u64) {
        let item = decode::item(&(&record(&template)).into(), &plaintext(b"{}", details.to_string().as_bytes()), "v", time);
        prop_assert!(item.is_ok());
    }
}

/// Details whose members have any type.
pub(super) fn any_details() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9£/:-]{0,12}".prop_map(Value::from),
        "(otpauth://totp/x[?]secret=)?[A-Z2-7]{0,20}".prop_map(Value::from),
        Just(json!({"street": "s", "city": 5})),
        Just(json!({"fileName": "f.txt", "documentId": "d", "unencryptedSize": -1})),
    ];
    let name = prop_oneof![
        Just("a"),
        Just("A"),
        Just("username"),
        Just("TOTP_1"),
        Just("ccnum"),
        Just("private_key"),
        Just("public key"),
        Just("notes"),
        Just(""),
    ];
    let kind = prop_oneof![
        Just("string"),
        Just("concealed"),
        Just("date"),
        Just("monthYear"),
        Just("address"),
        Just("sshKey"),
        Just("file"),
        Just("ssoLogin"),
    ];
    let field = (name.clone(), name.clone(), kind, value.clone(), any::<bool>())
        .prop_map(|(n, t, k, v, a)| json!({"n": n, "t": t, "k": k, "v": v, "a": {"sshKeyAttributes": a}}));
    let section = (name.clone(), name, prop::collection::vec(field, 0..6))
        .prop_map(|(name, title, fields)| json!({"name": name, "title": title, "fields": fields}));
    let sections = prop_oneof![
        3 => prop::collection::vec(section, 0..4).prop_map(Value::from),
        1 => value.clone(),
    ];
    (value.clone(), value, sections).prop_map(|(notes, password, sections)| {
        json!({"notesPlain": notes, "password": password, "fields": [{"designation": "username", "value": password}],
            "sections": sections})
    })
}
