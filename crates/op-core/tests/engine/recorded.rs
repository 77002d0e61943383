//! Items that the apps wrote, served by our server: read as the public SDK reads them, and edited without loss.

use op_testkit::{
    TestAccount,
    account::{host, invoke},
    bare::Bare,
    vectors,
};
use serde_json::{Value, json};

/// The recorded values, as JSON has times, and without what the server and the clock decide.
fn comparable(value: &Value) -> Value {
    let mut value: Value = serde_json::from_str(&value.to_string().replace(".000Z\"", "Z\"")).unwrap();
    for member in ["vaultId", "version"] {
        value[member] = Value::Null;
    }
    for field in value["fields"].as_array_mut().into_iter().flatten() {
        if field["details"]["type"] == "Otp" {
            field["details"] = Value::Null;
        }
    }
    value
}

#[tokio::test]
async fn recorded_items_read_as_in_the_public_sdk_and_survive_an_edit() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let bare = Bare::sign_in(host(), &account.token).await.unwrap();
    bare.put_recorded(&account.vault_id).await.unwrap();
    let key = bare.vault_key(&account.vault_id).await.unwrap();
    let expected = vectors::json("recorded/vault-a.expected.json");

    let listed = invoke(&core, "ItemsList", json!({ "vault_id": account.vault_id, "filters": [] })).await.unwrap();
    for overview in expected["overviews"].as_array().unwrap() {
        let listed = listed.as_array().unwrap().iter().find(|listed| listed["id"] == overview["id"]);
        assert_eq!(comparable(listed.unwrap()), comparable(overview));
    }
    for (id, expected) in expected["items"].as_object().unwrap() {
        let ids = json!({ "vault_id": account.vault_id, "item_id": id });
        let item = invoke(&core, "ItemsGet", ids).await.unwrap();
        assert_eq!(comparable(&item), comparable(&expected["content"]));

        let before = bare.item(&account.vault_id, id, &key).await.unwrap();
        if !item["files"].as_array().unwrap().is_empty() {
            // The contents of its files were not recorded, so this server does not have what the item would go on holding.
            let refused = invoke(&core, "ItemsPut", json!({ "item": item })).await.unwrap_err();
            assert_eq!(refused["name"], "NotFound");
            assert_eq!(bare.item(&account.vault_id, id, &key).await.unwrap(), before, "{id}");
            continue;
        }
        let unchanged = invoke(&core, "ItemsPut", json!({ "item": item })).await.unwrap();
        assert_eq!(bare.item(&account.vault_id, id, &key).await.unwrap(), before, "{id}");

        let mut edited = unchanged;
        let is_text = |field: &&mut Value| field["fieldType"] == "Text" && !field["sectionId"].is_null();
        let fields = edited["fields"].as_array_mut().unwrap();
        let field = fields.iter_mut().find(is_text).map(|field| {
            field["value"] = "changed".into();
            field["id"].clone()
        });
        edited["notes"] = "changed".into();
        invoke(&core, "ItemsPut", json!({ "item": edited })).await.unwrap();
        let [mut overview, details] = before;
        let [mut new_overview, new_details] = bare.item(&account.vault_id, id, &key).await.unwrap();
        for overview in [&mut overview, &mut new_overview] {
            // The subtitle may follow from the field.
            overview.as_object_mut().unwrap().remove("ainfo");
        }
        assert_eq!(new_overview, overview, "{id}");
        assert_eq!(new_details, with_changes(details, field.as_ref()), "{id}");
    }
}

/// Details in which the notes, and one field, are changed and nothing else.
fn with_changes(mut details: Value, field_id: Option<&Value>) -> Value {
    details["notesPlain"] = "changed".into();
    let sections = details["sections"].as_array_mut().into_iter().flatten();
    let mut fields = sections.flat_map(|section| section["fields"].as_array_mut().into_iter().flatten());
    if let Some(field) = fields.find(|field| field_id == Some(&field["n"])) {
        field["v"] = "changed".into();
    }
    details
}
