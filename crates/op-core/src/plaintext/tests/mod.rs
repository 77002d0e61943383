//! Items against what the public SDK sent, and what it made of what it got.

mod decode;
mod edit;
mod encode;
mod fields;

use op_protocol::rest::ItemRecord;
use serde_json::{Value, json};

use super::Plaintext;

/// When the public SDK computed the one-time passwords in the vectors of item formats.
const FORMATS_TIME: u64 = 1_795_390_905;

/// Requests to create items, with the plaintexts and the items that the public SDK made of them.
fn formats() -> Vec<(String, Value)> {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../../packages/contract/vectors/item-formats.json")).unwrap();
    let mut cases = Vec::new();
    for (name, case) in vectors["categories"].as_object().unwrap().iter().chain(vectors["misc"].as_object().unwrap()) {
        cases.push((name.clone(), case.clone()));
    }
    for (field_type, group) in vectors["fieldTypes"].as_object().unwrap() {
        for (name, case) in group.as_object().unwrap() {
            cases.push((format!("{field_type} {name}"), case.clone()));
        }
    }
    cases.retain(|(_, case)| case.get("request").is_some());
    assert_eq!(cases.len(), 24 + 4 + 30);
    cases
}

/// A record whose plaintext is given apart from it.
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
