//! Fuzzes items: reads a stored plaintext as an SDK item, creates an item from it, and puts it back. Uses only the
//! client's methods.

use op_core::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::{
    account::{ACCOUNT, SECRET, Scene},
    client::{Client, assert_no_secret, with_client},
    input::{Input, json_bytes, seed, text},
};

const TEMPLATES: [&str; 10] = ["001", "002", "003", "005", "006", "110", "113", "114", "910", "999"];

/// Reads an item with a template, an overview and details.
pub(crate) fn item(data: &[u8]) {
    let mut input = Input(data);
    let template = input.choice(&TEMPLATES);
    let (overview, details) = (input.part().to_vec(), input.part().to_vec());
    let readable = [&overview, &details]
        .map(|plaintext| serde_json::from_slice::<Value>(plaintext).is_ok_and(|value| value.is_object()));
    with_client(Scene { template, overview, details, ..Scene::default() }, |client| {
        let listed = client.call("ItemsList", &json!({"vault_id": ACCOUNT.vault_id, "filters": []})).unwrap();
        if !readable[0] {
            assert_eq!(listed[0]["title"], "[Encrypted]");
        }
        let _ = client.resolve(&ACCOUNT.reference()).inspect_err(assert_no_secret);
        match client.item() {
            Ok(item) => {
                assert!(readable[0] && readable[1]);
                assert_eq!(listed[0]["title"], item["title"]);
                check_created(client, &item);
                check_put(client, &item);
            }
            Err(error) => {
                assert!(!(readable[0] && readable[1]), "any two JSON objects are an item: {error:?}");
                assert_eq!(error.kind(), ErrorKind::InvalidResponse);
                assert_no_secret(&error);
            }
        }
    });
}

/// Checks that an item created from this one is equal, and that the created item can be created again.
fn check_created(client: &Client, item: &Value) {
    let Ok(created) = create(client, item) else { return };
    for member in ["title", "category", "notes", "tags", "websites"] {
        assert_eq!(created[member], item[member], "{member}");
    }
    assert_eq!(values(&created), values(item));
    let again = create(client, &created).expect("a created item is well-formed");
    for member in ["title", "category", "fields", "sections", "notes", "tags", "websites"] {
        assert_eq!(again[member], created[member], "{member}");
    }
}

/// Checks that putting an item back changes nothing but the edit.
fn check_put(client: &Client, item: &Value) {
    let stored = {
        let scene = client.server.scene();
        [&scene.overview, &scene.details].map(|plaintext| serde_json::from_slice::<Value>(plaintext).unwrap())
    };
    let (same, written) = put(client, item).expect("an unchanged item can be put back");
    assert_eq!(written, stored, "putting back an unchanged item changes it");
    assert_eq!(same["fields"], item["fields"]);

    let mut edited = item.clone();
    edited["title"] = "another title".into();
    edited["notes"] = "other notes".into();
    let (renamed, mut written) = put(client, &edited).expect("title and notes may be any text");
    assert_eq!((&renamed["title"], &renamed["notes"]), (&edited["title"], &edited["notes"]));
    let mut expected = stored.clone();
    // The subtitle may depend on the notes.
    for (plaintext, member) in [(0, "title"), (0, "ainfo"), (1, "notesPlain")] {
        remove(&mut written[plaintext], member);
        remove(&mut expected[plaintext], member);
    }
    assert_eq!(written, expected, "an edit of title and notes changes something else");

    if !item.to_string().contains(NEW) {
        let field =
            json!({"id": NEW, "title": "new", "sectionId": NEW, "fieldType": "Text", "value": "x", "details": null});
        edited = item.clone();
        push(&mut edited["sections"], json!({"id": NEW, "title": "New"}));
        push(&mut edited["fields"], field);
        let (larger, written) = put(client, &edited).expect("a field can be added to any item");
        assert_eq!(larger["fields"], edited["fields"]);
        let mut fields = stored_fields(&written[1]);
        fields.retain(|field| field["n"] != NEW);
        assert_eq!(fields, stored_fields(&stored[1]), "a new field changes another one");
    }

    edited["fields"] = json!([]);
    edited["sections"] = json!([]);
    match put(client, &edited) {
        Ok((empty, _)) => assert!(empty["fields"].as_array().unwrap().iter().all(|field| field["id"] == "password")),
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{error:?}"),
    }
}

const NEW: &str = "not-there-before";

/// Puts an item. Returns the item afterwards, and the plaintexts that were written.
fn put(client: &Client, item: &Value) -> Result<(Value, [Value; 2]), Error> {
    let put = client.call("ItemsPut", &json!({"item": item}))?;
    let written = client.server.scene().written.take().expect("the client wrote it");
    let plaintext = |envelope| serde_json::from_slice(&ACCOUNT.open(envelope)).unwrap();
    Ok((put, [plaintext(&written.enc_overview), plaintext(&written.enc_details)]))
}

fn push(list: &mut Value, element: Value) {
    list.as_array_mut().unwrap().push(element);
}

fn remove(plaintext: &mut Value, member: &str) {
    plaintext.as_object_mut().unwrap().remove(member);
}

/// Returns all fields of the sections.
fn stored_fields(details: &Value) -> Vec<&Value> {
    let lists = details["sections"].as_array().into_iter().flatten().filter_map(|section| section["fields"].as_array());
    lists.flatten().collect()
}

fn create(client: &Client, item: &Value) -> Result<Value, Error> {
    let mut params = json!({"vaultId": ACCOUNT.vault_id});
    for member in ["title", "category", "fields", "sections", "notes", "tags", "websites"] {
        params[member] = item[member].clone();
    }
    let created = client.call("ItemsCreate", &json!({"params": params}));
    match &created {
        Ok(_) => {
            let written = client.server.scene().written.take().expect("the client wrote it");
            let title: Value = serde_json::from_slice(&ACCOUNT.open(&written.enc_overview)).unwrap();
            assert_eq!(title["title"], item["title"]);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{error:?}"),
    }
    created
}

/// Returns the values of an item's fields, sorted.
fn values(item: &Value) -> Vec<&str> {
    let fields = item["fields"].as_array().unwrap();
    let mut values: Vec<_> = fields.iter().map(|field| field["value"].as_str().unwrap()).collect();
    values.sort_unstable();
    values
}

pub(crate) fn item_seeds() -> Vec<Vec<u8>> {
    let formats = op_testkit::vectors::cases("item-formats");
    let recorded = formats.iter().filter_map(|case| {
        let template = TEMPLATES.iter().position(|template| case["templateUuid"] == *template).unwrap_or(0);
        case["encDetails"].is_object().then(|| item_seed(template as u8, &case["encOverview"], &case["encDetails"]))
    });
    let mut seeds: Vec<_> = recorded.collect();
    let stored = op_testkit::vectors::json("stored-items.json");
    seeds.extend(stored["cases"].as_array().unwrap().iter().map(|case| {
        let template = TEMPLATES.iter().position(|template| case["templateUuid"] == *template).unwrap_or(0);
        item_seed(template as u8, &case["overview"], &case["details"])
    }));
    let file = json!({"fileName": "a", "documentId": "b", "unencryptedSize": 5_000_000_000_u64});
    seeds.push(item_seed(4, &json!({"title": null, "url": "https://a.example"}), &json!({"documentAttributes": file})));
    let fields = json!([
        {"n": "a", "t": "A", "k": "file", "v": file},
        {"n": "b", "t": "B", "k": "ssoLogin", "v": {"provider": SECRET}, "inputTraits": {"keyboard": "URL"}},
        {"n": "c", "t": "C", "k": "date", "v": -62_200_000_000_i64},
        {"n": "d", "t": "D", "k": "monthYear", "v": 999_912},
        {"n": "e", "t": "E", "k": "string", "v": null, "a": {"multiline": "yes"}},
    ]);
    let details = json!({"notesPlain": SECRET, "sections": [{"name": "s", "title": "S", "hidden": true,
        "fields": fields}, {"name": "", "fields": 5}], "passkey": {"id": "x"}});
    seeds.push(item_seed(0, &json!({"title": "A", "tags": ["a", 1], "URLs": [{"u": "x", "m": "host"}]}), &details));
    seeds
}

fn item_seed(template: u8, overview: &Value, details: &Value) -> Vec<u8> {
    seed(&[template], [json_bytes(overview), json_bytes(details)].join(&0))
}

/// Computes a one-time password. The input has the time and the secret.
pub(crate) fn totp(data: &[u8]) {
    let mut input = Input(data);
    let now_millis = input.number();
    let value = text(input.0);
    let field = json!({"n": "TOTP_1", "t": "code", "k": "concealed", "v": value});
    let scene = Scene { now_millis, ..with_fields("001", &json!([field])) };
    with_client(scene, |client| {
        let item = client.item().expect("any text is a valid value");
        let content = &item["fields"][0]["details"]["content"];
        let resolved = client.resolve(&format!("{}?attribute=totp", reference_to("TOTP_1")));
        match resolved {
            Ok(code) => {
                assert_eq!(content["code"], code);
                let code = code.as_str().unwrap();
                let is_digits = (1..=8).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
                let is_steam =
                    code.len() == 5 && code.bytes().all(|byte| b"23456789BCDFGHJKMNPQRTVWXY".contains(&byte));
                assert!(is_digits || is_steam, "{code}");
            }
            Err(error) => {
                assert_no_secret(&error);
                let reason = content["errorMessage"].as_str().unwrap();
                assert!(!reason.contains(SECRET), "{reason}");
                let name = reason.rsplit(' ').next().unwrap();
                assert!(error.message().contains(name) && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            }
        }
    });
}

pub(crate) fn totp_seeds() -> Vec<Vec<u8>> {
    let secret = "JBSWY3DPEHPK3PXP";
    let texts = [
        secret.to_owned(),
        format!("otpauth://totp/Example:wendy?secret={secret}&issuer=Example"),
        format!("otpauth://totp/a%20b?secret=jbsw%20Y3DP+EHPK%2d3PXP&digits=8&period=60&algorithm=SHA512#{SECRET}"),
        format!("otpauth://totp/x?secret={secret}&digits=10&period=0&algorithm=MD5"),
        format!("otpauth://hotp/{SECRET}?secret={SECRET}1"),
        "https://totp/x?secret=".to_owned(),
        format!("\n steam://{secret}\r\n"),
        format!("otpauth://totp/Steam:x?secret={secret}&amp;digits= 8\t&encoder=steam"),
    ];
    let times = [0, 1_795_388_913_000, u64::MAX];
    times.iter().flat_map(|time| texts.iter().map(|text| seed(&time.to_be_bytes(), text))).collect()
}

/// Reads a private key, given as text, or as a label and the bytes of a PEM block.
pub(crate) fn ssh_key(data: &[u8]) {
    let mut input = Input(data);
    let key = match input.choice(&["", "PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"]) {
        "" => text(input.0),
        label => pem(label, input.0),
    };
    with_client(Scene::default(), |client| {
        let field = json!({"id": "private_key", "title": "private key", "fieldType": "SshKey", "value": key});
        let item = json!({"title": "Key", "category": "SshKey", "fields": [field]});
        let created = match create(client, &item) {
            Ok(created) => created,
            Err(error) => return assert_no_secret(&error),
        };
        let details = &created["fields"][0]["details"]["content"];
        assert!(details["publicKey"].as_str().unwrap().starts_with("ssh-"));
        assert!(details["fingerprint"].as_str().unwrap().starts_with("SHA256:"));

        let converted = converted(client, &key);
        let mut again = item;
        again["fields"][0]["value"] = converted.clone().into();
        let again = create(client, &again).expect("a converted key is a valid key");
        assert_eq!(again["fields"][0]["details"]["content"], *details);
        assert_eq!(self::converted(client, &converted), converted);
    });
}

/// Returns the key in OpenSSH's format.
fn converted(client: &Client, key: &str) -> String {
    let field = json!({"n": "private_key", "t": "private key", "k": "sshKey", "v": key});
    client.server.set_scene(with_fields("114", &json!([field])));
    let key = client.resolve(&format!("{}?ssh-format=openssh", reference_to("private_key")));
    key.expect("the key was accepted before").as_str().unwrap().to_owned()
}

fn pem(label: &str, bytes: &[u8]) -> String {
    let text = op_protocol::b64::encode(bytes).replace('-', "+").replace('_', "/");
    let padding = "=".repeat(text.len().next_multiple_of(4) - text.len());
    format!("-----BEGIN {label}-----\n{text}{padding}\n-----END {label}-----\n")
}

pub(crate) fn ssh_key_seeds() -> Vec<Vec<u8>> {
    let keys = include_str!("../../op-core/tests/data/ssh-keys.json");
    let keys: Vec<Value> = serde_json::from_str(keys).unwrap();
    let texts: Vec<&str> =
        keys.iter().flat_map(|key| [&key["text"], &key["openssh"]]).filter_map(Value::as_str).collect();
    let stored = op_testkit::vectors::json("ssh-keys.json");
    let stored = [&stored["cases"], &stored["refused"]].into_iter().flat_map(|list| list.as_array().unwrap());
    let stored: Vec<_> = stored.map(|case| seed(&[0], case["text"].as_str().unwrap())).collect();
    let labels = ["BEGIN PRIVATE", "BEGIN RSA", "BEGIN OPENSSH"];
    let unwrapped = texts.iter().filter_map(|text| {
        let label = labels.iter().position(|label| text.contains(label))?;
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let body = body.trim_end_matches('=').replace('+', "-").replace('/', "_");
        Some(seed(&[label as u8 + 1], op_protocol::b64::decode(&body).ok()?))
    });
    texts.iter().map(|text| seed(&[0], text)).chain(unwrapped).chain(stored).collect()
}

/// Reads a time.
pub(crate) fn timestamp(data: &[u8]) {
    let created_at = text(data);
    with_client(Scene { created_at, ..Scene::default() }, |client| match client.item() {
        Ok(item) => {
            let time = item["createdAt"].as_str().unwrap();
            let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(form, "0000-00-00T00:00:00Z", "{time}");
            client.server.set_scene(Scene { created_at: time.to_owned(), ..Scene::default() });
            assert_eq!(client.item().unwrap()["createdAt"], time);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::InvalidResponse),
    });
}

pub(crate) fn timestamp_seeds() -> Vec<Vec<u8>> {
    [
        "2026-11-22T23:08:33Z",
        "2024-02-29T23:59:60.999999999+14:00",
        "0000-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-22",
        "1795388913",
    ]
    .map(Into::into)
    .into()
}

fn with_fields(template: &'static str, fields: &Value) -> Scene {
    let details = json_bytes(&json!({"sections": [{"name": "s", "title": "S", "fields": fields}]}));
    Scene { template, details, ..Scene::default() }
}

fn reference_to(field: &str) -> String {
    format!("op://{}/{}/s/{field}", ACCOUNT.vault_id, ACCOUNT.item_id)
}
