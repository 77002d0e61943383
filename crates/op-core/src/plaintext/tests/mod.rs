//! Comparing items with what the public SDK stored, and with what it returned for stored items; and vaults.

mod decode;
mod edit;
mod encode;
mod fields;
mod vault;

use op_protocol::rest::ItemRecord;
use serde_json::{Value, json};

use super::Plaintext;

/// When the public SDK computed the one-time passwords in the vectors of item formats.
const FORMATS_TIME: u64 = 1_795_390_905;

/// Requests to create items, each with the plaintexts and the item of the public SDK, or with its refusal.
fn formats(expected: &str) -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packages/contract/vectors/item-formats");
    let mut cases = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let case = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        cases.push((path.display().to_string(), case));
    }
    assert_eq!(cases.len(), 24 + 4 + 30);
    cases.retain(|(_, case): &(_, Value)| case["expected"] == expected);
    cases
}

fn has_files(case: &Value) -> bool {
    case["request"].get("document").is_some() || case["request"].get("files").is_some()
}

/// A record without its plaintext.
fn record(template: &str) -> ItemRecord {
    let blob = json!({"cty": "b5+jwk+json", "enc": "A256GCM", "kid": "", "iv": "", "data": ""});
    serde_json::from_value(json!({
        "uuid": "<item id>", "templateUuid": template, "changerUuid": "", "itemVersion": 1,
        "createdAt": "2026-11-22T23:41:45Z", "updatedAt": "2026-11-22T23:41:45Z", "encOverview": blob,
    }))
    .unwrap()
}

fn plaintext(overview: &[u8], details: &[u8]) -> Plaintext {
    Plaintext { overview: overview.to_vec().into(), details: details.to_vec().into() }
}
