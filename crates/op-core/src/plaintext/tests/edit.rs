use op_protocol::{envelope::Envelope, jwk::SymmetricKey};
use proptest::prelude::*;

use super::*;
use crate::{
    error::Result,
    plaintext::{decode, edited_item::edited_item},
    types::{Item, ItemField, ItemFieldType, ItemSection, Website},
};

const NOW: u64 = 1_800_000_000;

/// A stored item.
struct Stored {
    record: ItemRecord,
    plaintext: Plaintext,
}

impl Stored {
    fn new(template: &str, overview: &Value, details: &Value) -> Self {
        let (overview, details) = (overview.to_string(), details.to_string());
        Self { record: record(template), plaintext: plaintext(overview.as_bytes(), details.as_bytes()) }
    }

    fn item(&self) -> Item {
        decode::item(&(&self.record).into(), &self.plaintext, "v", NOW).unwrap()
    }

    /// Returns the overview and details that are stored after `change`.
    fn edit(&self, change: impl FnOnce(&mut Item)) -> Result<(Value, Value)> {
        let mut item = self.item();
        change(&mut item);
        let (overview, details) = edited_item(&(&self.record).into(), &self.plaintext, &item, NOW)?;
        let edited = Plaintext::new(&overview, &details);
        Ok((serde_json::from_slice(&edited.overview).unwrap(), serde_json::from_slice(&edited.details).unwrap()))
    }

    fn values(&self) -> (Value, Value) {
        let read = |text: &[u8]| serde_json::from_slice(text).unwrap();
        (read(&self.plaintext.overview), read(&self.plaintext.details))
    }
}

fn field(id: &str, section: &str, value: &str) -> ItemField {
    ItemField {
        id: id.into(),
        title: id.into(),
        section_id: Some(section.into()),
        field_type: ItemFieldType::Text,
        value: value.into(),
        details: None,
    }
}

/// Returns a Login with members that other clients write, and that are unknown to this one.
fn rich() -> Stored {
    Stored::new(
        "001",
        &json!({
            "title": "Example", "ainfo": "wendy", "tags": ["a"], "ps": 70, "pbe": 0, "pgrng": true, "icons": {"x": 1},
            "URLs": [{"u": "https://a.example", "l": "website", "m": "default", "extra": 5}, {"u": "https://b.example"}],
        }),
        &json!({
            "notesPlain": "note", "passkey": {"credentialId": "id"}, "htmlForm": {"htmlMethod": "post"},
            "fields": [
                {"id": "email-input", "name": "email", "value": "hidden", "type": "E"},
                {"id": "user", "name": "u", "value": "wendy", "type": "T", "designation": "username"},
                {"id": "pw", "name": "p", "value": "old", "type": "P", "designation": "password", "x": 1},
            ],
            "sections": [
                {"name": "one", "title": "One", "hide": true, "fields": [
                    {"n": "a", "t": "A", "k": "string", "v": "1", "a": {"multiline": "yes"}, "inputTraits": {"keyboard": "URL"}},
                    {"n": "sso", "t": "SSO", "k": "ssoLogin", "v": {"provider": "p"}},
                    {"n": "g", "t": "Gender", "k": "gender", "v": "female"},
                    {"n": "day", "t": "Day", "k": "date", "v": 1_728_670_021},
                    "not a field",
                    {"n": "file", "t": "", "k": "file", "v": {"documentId": "d", "fileName": "f"}},
                ]},
                {"name": "two", "title": "Two"},
            ],
        }),
    )
}

#[test]
fn an_unchanged_item_is_stored_unchanged() {
    let stored = rich();
    assert_eq!(stored.edit(|_| {}).unwrap(), stored.values());
}

#[test]
fn a_field_of_an_unknown_kind_may_have_the_id_of_a_built_in_one() {
    for template in ["001", "005"] {
        let fields = json!([{"n": "password", "t": "", "k": "ssoLogin", "v": {"provider": "x"}}]);
        let stored = Stored::new(template, &json!({}), &json!({"sections": [{"name": "s", "fields": fields}]}));
        assert_eq!(stored.edit(|_| {}).unwrap(), stored.values(), "{template}");
    }
}

#[test]
fn changing_one_field_changes_nothing_else() {
    let stored = rich();
    let (mut overview, mut details) = stored.values();
    details["sections"][0]["fields"][0]["v"] = "2".into();
    assert_eq!(stored.edit(|item| item.fields[2].value = "2".into()).unwrap(), (overview.clone(), details.clone()));

    details["sections"][0]["fields"][0]["t"] = "Renamed".into();
    overview["title"] = "Other".into();
    overview["URLs"][0]["l"] = "home".into();
    overview["URLs"].as_array_mut().unwrap().truncate(1);
    let edited = stored.edit(|item| {
        item.title = "Other".into();
        item.fields[2].value = "2".into();
        item.fields[2].title = "Renamed".into();
        item.websites[0].label = "home".into();
        item.websites.truncate(1);
    });
    assert_eq!(edited.unwrap(), (overview, details));
}

#[test]
fn two_user_names_are_shown_and_edited_separately() {
    let user =
        |value: &str| json!({"value": value, "id": value, "name": value, "type": "T", "designation": "username"});
    let stored = Stored::new("001", &json!({}), &json!({"fields": [user("one"), user("two")]}));
    let values = |item: &Item| item.fields.iter().map(|field| field.value.clone()).collect::<Vec<_>>();
    assert_eq!(values(&stored.item()), ["one", "two"]);
    let (_, details) = stored.edit(|item| item.fields[1].value = "three".into()).unwrap();
    let mut three = user("two");
    three["value"] = "three".into();
    assert_eq!(details["fields"], json!([user("one"), three]));
    let (_, details) = stored.edit(|item| item.fields.clear()).unwrap();
    assert_eq!(details, json!({}));
}

#[test]
fn the_last_website_is_removed_from_all_its_places() {
    let old = Stored::new("001", &json!({"title": "A", "URLs": [], "url": "https://a.example"}), &json!({}));
    let (overview, _) = old.edit(|item| item.websites.clear()).unwrap();
    assert_eq!(overview, json!({"title": "A"}));
    let (overview, _) = old.edit(|item| item.websites[0].label = "home".into()).unwrap();
    assert_eq!(overview["URLs"], json!([{"u": "https://a.example", "l": "home", "m": "default"}]));
}

#[test]
fn a_changed_password_is_kept_in_the_history() {
    let stored = rich();
    let (overview, details) = stored.edit(|item| item.fields[1].value = "new and longer".into()).unwrap();
    assert_eq!(details["passwordHistory"], json!([{"value": "old", "time": NOW}]));
    assert_eq!(
        details["fields"][2],
        json!({"id": "pw", "name": "p", "value": "new and longer", "type": "P", "designation": "password", "x": 1})
    );
    assert_eq!(overview["pgrng"], false);
    assert_eq!(overview["ainfo"], "wendy");
    let (overview, details) = stored.edit(|item| drop(item.fields.remove(1))).unwrap();
    assert_eq!(details["passwordHistory"][0]["value"], "old");
    assert_eq!(details["fields"].as_array().unwrap().len(), 2);
    assert!(overview.get("ps").is_none());
}

#[test]
fn fields_come_go_and_move() {
    let stored = rich();
    let (_, details) = stored
        .edit(|item| {
            item.fields.retain(|field| field.id != "a");
            item.fields.iter_mut().find(|field| field.id == "g").unwrap().section_id = Some("two".into());
            item.fields.push(field("new", "two", "n"));
            item.sections.push(ItemSection { id: "three".into(), title: "Three".into() });
        })
        .unwrap();
    let ids = |at: usize| {
        let fields = details["sections"][at]["fields"].as_array().cloned().unwrap_or_default();
        fields.iter().map(|field| field["n"].as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(0), ["sso", "day", "?", "file"]);
    assert_eq!(ids(1), ["g", "new"]);
    assert_eq!(details["sections"][1]["fields"][0]["k"], "gender");
    assert_eq!(details["sections"][2], json!({"name": "three", "title": "Three"}));
}

#[test]
fn a_dropped_section_keeps_its_hidden_members() {
    let stored = rich();
    let (_, details) = stored
        .edit(|item| {
            item.sections.clear();
            item.fields.retain(|field| field.section_id.is_none());
        })
        .unwrap();
    let sections = details["sections"].as_array().unwrap();
    assert_eq!(sections.len(), 1);
    // The unsupported field was sent back, and the file and the odd element were never shown.
    assert_eq!(sections[0]["fields"].as_array().unwrap().len(), 3);
}

#[test]
fn fields_and_sections_take_the_order_of_the_caller() {
    let stored = rich();
    let (_, details) = stored
        .edit(|item| {
            item.sections.reverse();
            item.fields.reverse();
        })
        .unwrap();
    let ids: Vec<_> = details["sections"].as_array().unwrap().iter().map(|section| section["name"].clone()).collect();
    assert_eq!(ids, ["two", "one"]);
    let fields: Vec<_> =
        details["sections"][1]["fields"].as_array().unwrap().iter().map(|field| field["n"].clone()).collect();
    assert_eq!(fields, [json!("day"), json!("g"), json!("sso"), json!("a"), Value::Null, json!("file")]);
}

#[test]
fn new_mistakes_are_refused_and_existing_ones_may_stay() {
    let stored = Stored::new(
        "001",
        &json!({"title": "x", "tags": ["a", "a"]}),
        &json!({"sections": [{"name": "s", "fields": [
            {"n": "d", "t": "D", "k": "string", "v": "1"}, {"n": "d", "t": "D", "k": "string", "v": "2"},
        ]}]}),
    );
    let (_, details) = stored.edit(|item| item.fields[0].value = "3".into()).unwrap();
    assert_eq!(details["sections"][0]["fields"][0]["v"], "3");
    assert_eq!(details["sections"][0]["fields"][1]["v"], "2");
    let error = stored.edit(|item| item.fields.push(field("e", "nowhere", "1"))).unwrap_err();
    assert!(error.message().contains("no section with this id exists"), "{error}");
    let error = stored.edit(|item| item.category = crate::types::ItemCategory::Server).unwrap_err();
    assert!(error.message().ends_with("can't update the item's category"), "{error}");
}

#[test]
fn recorded_items_survive_a_change_of_one_field() {
    let vault: Value =
        serde_json::from_str(include_str!("../../../../../packages/contract/vectors/recorded/vault-a.json")).unwrap();
    let key_bytes = op_protocol::b64::decode(vault["vaultKey"]["k"].as_str().unwrap()).unwrap();
    let key = SymmetricKey::new(vault["vaultKey"]["kid"].as_str().unwrap(), key_bytes.try_into().unwrap());
    let open = |envelope: &Envelope| envelope.open(&key).unwrap();
    let records: Vec<ItemRecord> = serde_json::from_value(vault["items"].clone()).unwrap();
    let mut changed = 0;
    for record in records {
        let plaintext =
            Plaintext { overview: open(&record.enc_overview), details: open(record.enc_details.as_ref().unwrap()) };
        let stored = Stored { record, plaintext };
        assert_eq!(stored.edit(|_| {}).unwrap(), stored.values());
        let is_text = |field: &&mut ItemField| field.field_type == ItemFieldType::Text && field.section_id.is_some();
        if stored.item().fields.iter_mut().find(is_text).is_none() {
            continue;
        }
        let edited = stored.edit(|item| item.fields.iter_mut().find(is_text).unwrap().value = "changed".into());
        let ((overview, details), (old_overview, old_details)) = (edited.unwrap(), stored.values());
        let without_subtitle = |mut overview: Value| {
            overview.as_object_mut().unwrap().remove("ainfo");
            overview
        };
        assert_eq!(without_subtitle(overview), without_subtitle(old_overview));
        let text = details.to_string();
        assert_eq!(text.matches("changed").count(), old_details.to_string().matches("changed").count() + 1);
        changed += 1;
    }
    assert!(changed > 0);
}

/// Details of Logins in any form that other clients may have written.
fn any_details() -> impl Strategy<Value = Value> {
    let value = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), "[a-z£]{0,4}".prop_map(Value::from)];
    let kind = prop::sample::select(vec![
        "string",
        "concealed",
        "date",
        "monthYear",
        "address",
        "file",
        "ssoLogin",
        "gender",
        "phone",
    ]);
    let field = (prop::option::of("[ab]"), "[xy]{0,2}", kind, value.clone(), any::<bool>()).prop_map(
        |(id, title, kind, value, traits)| {
            let mut field = json!({"t": title, "k": kind, "v": value});
            if let Some(id) = id {
                field["n"] = id.into();
            }
            if traits {
                field["inputTraits"] = json!({"keyboard": "URL"});
            }
            field
        },
    );
    let section = ("[st]", prop::collection::vec(prop_oneof![4 => field, 1 => value.clone()], 0..5), any::<bool>())
        .prop_map(|(name, fields, bare)| {
            if bare && fields.is_empty() {
                json!({"name": name})
            } else {
                json!({"name": name, "title": "", "fields": fields})
            }
        });
    (prop::collection::vec(prop_oneof![6 => section, 1 => value.clone()], 0..4), value)
        .prop_map(|(sections, notes)| json!({"sections": sections, "notesPlain": notes, "passkey": {"x": 1}}))
}

proptest! {
    #[test]
    fn any_stored_item_is_stored_unchanged_when_nothing_is_changed(details in any_details()) {
        let stored = Stored::new("001", &json!({"title": "t"}), &details);
        prop_assert_eq!(stored.edit(|_| {}).unwrap(), stored.values());
    }

    #[test]
    fn an_edited_item_is_read_back(details in any_details(), value in "[a-z]{1,5}", title in "[a-z]{0,5}") {
        let stored = Stored::new("001", &json!({"title": "t"}), &details);
        let mut wanted = stored.item();
        wanted.title = title;
        wanted.tags = vec!["tag".into()];
        wanted.websites = vec![Website { url: "https://x.example".into(), label: String::new(), autofill_behavior: crate::types::AutofillBehavior::Never }];
        wanted.sections.push(ItemSection { id: "new".into(), title: "New".into() });
        wanted.fields.push(field("fresh", "new", &value));
        let (overview, details) = edited_item(&(&stored.record).into(), &stored.plaintext, &wanted, NOW).unwrap();
        let edited = Plaintext::new(&overview, &details);
        let read = decode::item(&(&stored.record).into(), &edited, "v", NOW).unwrap();
        prop_assert_eq!(read, wanted);
    }
}
