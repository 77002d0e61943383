//! Creating, reading, changing and deleting items against the real server: results, conflicts, and how many requests.

use futures_util::future::join_all;
use op_core::Core;
use op_testkit::{
    TestAccount, Wire,
    account::{invoke, new_vault},
};
use serde_json::{Value, json};

fn login(account: &TestAccount, title: &str) -> Value {
    json!({
        "category": "Login", "vaultId": account.vault_id, "title": title,
        "fields": [
            { "id": "username", "title": "username", "fieldType": "Text", "value": "wendy" },
            { "id": "password", "title": "password", "fieldType": "Concealed", "value": "hunter2" },
        ],
    })
}

async fn create(core: &Core, account: &TestAccount, title: &str) -> Value {
    invoke(core, "ItemsCreate", json!({ "params": login(account, title) })).await.unwrap()
}

async fn get(core: &Core, item: &Value) -> Result<Value, Value> {
    invoke(core, "ItemsGet", json!({ "vault_id": item["vaultId"], "item_id": item["id"] })).await
}

async fn listed(core: &Core, account: &TestAccount, archived: bool) -> usize {
    let filter = json!({ "type": "ByState", "content": { "active": !archived, "archived": archived } });
    let items = invoke(core, "ItemsList", json!({ "vault_id": account.vault_id, "filters": [filter] })).await;
    items.unwrap().as_array().unwrap().len()
}

#[tokio::test]
async fn an_edited_item_is_put_back_in_two_requests() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let mut item = create(&core, &account, "Example").await;
    wire.take_requests();

    item["title"] = "Renamed".into();
    item["fields"][1]["value"] = "correct horse".into();
    item["tags"] = json!(["work"]);
    let put = invoke(&core, "ItemsPut", json!({ "item": item })).await.unwrap();
    assert_eq!(wire.take_requests().len(), 2);
    assert_eq!(put["version"], 2);
    assert_eq!(
        (&put["title"], &put["tags"], &put["fields"][1]["value"]),
        (&json!("Renamed"), &json!(["work"]), &json!("correct horse"))
    );
    assert_eq!(get(&core, &put).await.unwrap(), put);
}

#[tokio::test]
async fn an_outdated_item_is_refused_and_nothing_is_lost() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let mut first = create(&core, &account, "Example").await;
    let mut second = first.clone();
    first["title"] = "First".into();
    second["title"] = "Second".into();
    let first = invoke(&core, "ItemsPut", json!({ "item": first })).await.unwrap();
    let error = invoke(&core, "ItemsPut", json!({ "item": second })).await.unwrap_err();
    assert_eq!(error["name"], "ItemOutdated");
    assert_eq!(
        error["message"],
        "invalid user input: encountered the following errors: \
         The submitted item is not up to date. Refetch the item and retry the request."
    );
    assert_eq!(get(&core, &first).await.unwrap(), first);
}

#[tokio::test]
async fn items_are_archived_and_deleted() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let (one, two) = (create(&core, &account, "One").await, create(&core, &account, "Two").await);
    let ids = |item: &Value| json!({ "vault_id": item["vaultId"], "item_id": item["id"] });
    assert_eq!(invoke(&core, "ItemsArchive", ids(&one)).await.unwrap(), Value::Null);
    assert_eq!((listed(&core, &account, false).await, listed(&core, &account, true).await), (1, 1));
    assert_eq!(get(&core, &one).await.unwrap_err()["name"], "ItemNotActive");
    let error = invoke(&core, "ItemsPut", json!({ "item": one })).await.unwrap_err();
    assert_eq!(error["name"], "ItemNotActive");

    for item in [&one, &two] {
        invoke(&core, "ItemsDelete", ids(item)).await.unwrap();
        assert_eq!(get(&core, item).await.unwrap_err()["name"], "NotFound");
    }
    assert_eq!((listed(&core, &account, false).await, listed(&core, &account, true).await), (0, 0));
    assert_eq!(invoke(&core, "ItemsDelete", ids(&one)).await.unwrap_err()["name"], "NotFound");
}

#[tokio::test]
async fn each_item_of_a_batch_has_its_own_outcome() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let mut bad = login(&account, "Bad");
    bad["tags"] = json!(["", "a", "a"]);
    let params = [login(&account, "One"), bad, login(&account, "Two")];
    let created =
        invoke(&core, "ItemsCreateAll", json!({ "vault_id": account.vault_id, "params": params })).await.unwrap();
    let created = &created["individualResponses"];
    assert_eq!((&created[0]["content"]["title"], &created[2]["content"]["title"]), (&json!("One"), &json!("Two")));
    assert_eq!(created[1]["error"]["type"], "itemValidationError");
    let message = created[1]["error"]["message"].as_str().unwrap();
    assert!(message.contains("empty tags") && message.contains("duplicate tags"), "{message}");

    let (one, two) = (&created[0]["content"], &created[2]["content"]);
    invoke(&core, "ItemsArchive", json!({ "vault_id": account.vault_id, "item_id": two["id"] })).await.unwrap();
    let missing = "a".repeat(26);
    let ids = json!([one["id"], two["id"], missing, "no id", one["id"]]);
    let got = invoke(&core, "ItemsGetAll", json!({ "vault_id": account.vault_id, "item_ids": ids })).await.unwrap();
    let got = &got["individualResponses"];
    assert_eq!((&got[0]["content"], &got[4]["content"]), (one, one));
    assert_eq!(got[1]["error"], json!({ "type": "internal", "message": "item is not in an active state" }));
    assert_eq!((&got[2]["error"]["type"], &got[3]["error"]["type"]), (&json!("itemNotFound"), &json!("itemNotFound")));

    let deleted =
        invoke(&core, "ItemsDeleteAll", json!({ "vault_id": account.vault_id, "item_ids": ids })).await.unwrap();
    let deleted = &deleted["individualResponses"];
    assert_eq!(deleted[one["id"].as_str().unwrap()], json!({ "content": null, "error": null }));
    assert_eq!(deleted[two["id"].as_str().unwrap()], json!({ "content": null, "error": null }));
    assert_eq!(deleted[&missing]["error"]["type"], "itemNotFound");
    assert_eq!((listed(&core, &account, false).await, listed(&core, &account, true).await), (0, 0));
}

#[tokio::test]
async fn a_batch_for_two_vaults_is_refused_whole() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let mut other = login(&account, "Other");
    other["vaultId"] = "a".repeat(26).into();
    let params = json!({ "vault_id": account.vault_id, "params": [login(&account, "One"), other] });
    let error = invoke(&core, "ItemsCreateAll", params).await.unwrap_err();
    assert_eq!(error["field"], "params[1].vaultId");
    assert_eq!(listed(&core, &account, false).await, 0);
}

#[tokio::test]
async fn a_thousand_items_take_few_requests() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let params: Vec<Value> = (0..1000).map(|n| login(&account, &format!("Item {n}"))).collect();
    wire.take_requests();
    let created =
        invoke(&core, "ItemsCreateAll", json!({ "vault_id": account.vault_id, "params": params })).await.unwrap();
    let requests = wire.take_requests();
    assert!(requests.len() <= 4, "{requests:?}");
    let created = created["individualResponses"].as_array().unwrap();
    let ids: Vec<&Value> = created.iter().map(|created| &created["content"]["id"]).collect();
    let got = invoke(&core, "ItemsGetAll", json!({ "vault_id": account.vault_id, "item_ids": ids })).await.unwrap();
    assert_eq!(wire.take_requests().len(), 2);
    for (index, got) in got["individualResponses"].as_array().unwrap().iter().enumerate() {
        assert_eq!(got["content"]["title"], json!(format!("Item {index}")));
    }
}

#[tokio::test]
async fn changes_of_one_vault_at_the_same_time_all_get_through() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let calls = (0..20).map(|n| {
        let (core, params) = (core.clone(), json!({ "params": login(&account, &format!("Item {n}")) }));
        tokio::spawn(async move { invoke(&core, "ItemsCreate", params).await })
    });
    for created in join_all(calls).await {
        created.unwrap().unwrap();
    }
    assert_eq!(listed(&core, &account, false).await, 20);
}

#[tokio::test]
async fn items_that_are_too_much_for_one_answer_come_in_several() {
    let account = TestAccount::create().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(account.login(&format!("Item {number}"), "hunter2").await.id.clone());
    }
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let refusals = std::sync::atomic::AtomicUsize::new(0);
    wire.tamper(move |request, mut response| {
        let refused =
            request.url.ends_with("/items/batch") && refusals.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 2;
        if refused {
            response.status = 413;
        }
        Ok(response)
    });
    let all = invoke(&core, "ItemsGetAll", json!({ "vault_id": account.vault_id, "item_ids": ids })).await.unwrap();
    let got: Vec<_> =
        all["individualResponses"].as_array().unwrap().iter().map(|each| &each["content"]["id"]).collect();
    assert_eq!(got, ids.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_server_stores_nothing_that_it_can_read() {
    let account = TestAccount::create().await;
    let file = json!({ "name": "readable file name", "content": "readable content".as_bytes(), "sectionId": "s", "fieldId": "f" });
    let item = account
        .item(json!({
            "category": "Login", "title": "readable title", "notes": "readable notes", "tags": ["readable tag"],
            "sections": [{ "id": "s", "title": "readable section" }],
            "fields": [{ "id": "password", "title": "password", "fieldType": "Concealed", "value": "readable secret" }],
            "websites": [{ "url": "https://readable.example", "label": "w", "autofillBehavior": "AnywhereOnWebsite" }],
            "files": [file],
        }))
        .await;
    new_vault(&account.owner, "readable vault").await;
    for table in ["items", "vaults", "files", "audit", "vault_access", "keysets", "account_groups"] {
        let rows = account.server.rows(table).await;
        assert!(!rows.is_empty(), "{table}");
        assert!(rows.iter().all(|row| !row.contains("readable")), "{table}: {rows:?}");
    }
    assert_eq!(account.server.rows("items").await.iter().filter(|row| row.contains(&item.id)).count(), 1);
}
