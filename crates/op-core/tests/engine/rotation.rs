//! A vault whose key is changed while others use it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use op_core::{
    admin,
    host::HttpMethod,
    methods::{ClientMethod, ItemsCreate, ItemsGet, ItemsList},
};
use op_testkit::{TestAccount, Wire, account::invoke};
use serde_json::json;
use tokio::{runtime::Handle, task::block_in_place};

#[tokio::test]
async fn clients_pick_a_rotated_key_up_by_themselves() {
    let account = TestAccount::create().await;
    let item = account.login("Example", "hunter2").await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let get = || invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": item.id }));
    assert_eq!(get().await.unwrap()["fields"][0]["value"], "hunter2");

    assert_eq!(admin::rotate_vault_key(&account.owner, &account.vault_id).await.unwrap(), 1);
    wire.take_requests();
    assert_eq!(get().await.unwrap()["fields"][0]["value"], "hunter2");
    assert_eq!(wire.take_requests().len(), 2, "the item, and the vault with its new key");
    get().await.unwrap();
    assert_eq!(wire.take_requests().len(), 1);

    let params = json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": "Under the new key" });
    let made = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    assert_eq!(admin::rotate_vault_key(&account.owner, &account.vault_id).await.unwrap(), 2);
    // A write of a client that has only the old key.
    let params = json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": "After the second" });
    invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    let other = account.core().await;
    let items = invoke(&other, "ItemsList", json!({ "vault_id": account.vault_id, "filters": [] })).await.unwrap();
    assert_eq!(items.as_array().unwrap().len(), 3);
    let read = invoke(&other, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": made["id"] })).await;
    assert_eq!(read.unwrap()["title"], "Under the new key");
}

/// The key changes between the read of an item and the write that is sealed with the old one.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_put_away_while_the_key_changes() {
    let account = Arc::new(TestAccount::create().await);
    for method in ["ItemsArchive", "ItemsDelete"] {
        let item = account.login("Example", "hunter2").await;
        let wire = Wire::new();
        let core = account.core_on(wire.clone()).await;
        let (rotated, owner) = (AtomicBool::new(false), account.clone());
        wire.tamper(move |request, response| {
            if request.method == HttpMethod::Get && request.url.contains("/item/") && !rotated.swap(true, Relaxed) {
                let rotate = async { admin::rotate_vault_key(&owner.owner, &owner.vault_id).await.unwrap() };
                block_in_place(|| Handle::current().block_on(rotate));
            }
            Ok(response)
        });
        let id = json!({ "vault_id": account.vault_id, "item_id": item.id });
        invoke(&core, method, id.clone()).await.unwrap();
        let requests = wire.take_requests();
        let patches = requests.iter().filter(|request| request.starts_with("PATCH")).count();
        assert!((1..=2).contains(&patches), "{requests:?}");
        let state = invoke(&core, "ItemsGet", id).await.unwrap_err();
        assert_eq!(state["name"], if method == "ItemsArchive" { "ItemNotActive" } else { "NotFound" });
    }
}

#[tokio::test]
async fn a_rotated_key_is_fetched_once_for_all_items() {
    let account = TestAccount::create().await;
    let mut references = Vec::new();
    for number in 0..5 {
        let item = account.login(&format!("Item {number}"), "hunter2").await;
        references.push(format!("op://{}/{}/password", account.vault_id, item.id));
    }
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let resolve = || invoke(&core, "SecretsResolveAll", json!({ "secret_references": references }));
    resolve().await.unwrap();
    assert_eq!(admin::rotate_vault_key(&account.owner, &account.vault_id).await.unwrap(), 5);
    wire.take_requests();
    let answers = resolve().await.unwrap();
    for reference in &references {
        assert_eq!(answers["individualResponses"][reference]["content"]["secret"], "hunter2");
    }
    assert_eq!(wire.take_requests().len(), 2, "the items, and the vault with its new key");
}

/// All of them in one request are more than a server takes.
#[tokio::test]
async fn the_key_of_a_vault_with_big_items_is_rotated() {
    let account = TestAccount::create().await;
    let notes = "n".repeat(1_400_000);
    for number in 0..7 {
        account.item(json!({ "category": "SecureNote", "title": format!("Big {number}"), "notes": notes })).await;
    }
    assert_eq!(admin::rotate_vault_key(&account.owner, &account.vault_id).await.unwrap(), 7);
}

/// Others write and read while the key changes: nothing that was acknowledged is lost, and nothing fails.
#[tokio::test]
async fn a_vault_stays_in_use_while_its_key_changes() {
    let account = TestAccount::create().await;
    for number in 0..60 {
        account.login(&format!("Old {number}"), "hunter2").await;
    }
    let core = account.core().await;
    let work = async {
        let mut ids = Vec::new();
        for number in 0..20 {
            let params = json!({
                "category": "SecureNote", "vaultId": account.vault_id, "title": format!("New {number}"),
            });
            let made = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
            let id = made["id"].as_str().unwrap().to_owned();
            invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": id })).await.unwrap();
            ids.push(id);
        }
        ids
    };
    let (ids, rotated) = tokio::join!(work, admin::rotate_vault_key(&account.owner, &account.vault_id));
    assert!(rotated.unwrap() >= 60);
    let list = ItemsList { vault_id: account.vault_id.clone(), filters: Vec::new() };
    assert_eq!(list.run(&account.owner).await.unwrap().len(), 80);
    for item_id in ids {
        ItemsGet { vault_id: account.vault_id.clone(), item_id }.run(&account.owner).await.unwrap();
    }
    let params = json!({ "params": { "category": "SecureNote", "vaultId": account.vault_id, "title": "Last" } });
    let create: ItemsCreate = serde_json::from_value(params).unwrap();
    create.run(&account.owner).await.unwrap();
}
