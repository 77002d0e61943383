//! A vault whose key is changed while others use it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
};

use op_core::{
    Client, Core, admin,
    host::HttpMethod,
    methods::{
        ClientMethod, EnvironmentsCreate, EnvironmentsGetVariables, EnvironmentsSetVariables, ItemsCreate, ItemsGet,
        ItemsList,
    },
    types::{EnvironmentCreateParams, EnvironmentVariable},
};
use op_protocol::permissions;
use op_testkit::{
    TestAccount, Wire,
    account::{self, invoke},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::id;

#[tokio::test]
async fn clients_pick_a_rotated_key_up_by_themselves() {
    let account = TestAccount::create().await;
    let item = account.login("Example", "hunter2").await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let get = || invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": item.id }));
    assert_eq!(get().await.unwrap()["fields"][0]["value"], "hunter2");

    assert_eq!(admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap(), 1);
    wire.take_requests();
    assert_eq!(get().await.unwrap()["fields"][0]["value"], "hunter2");
    assert_eq!(wire.take_requests().len(), 2, "the item, and the vault with its new key");
    get().await.unwrap();
    assert_eq!(wire.take_requests().len(), 1);

    let params = json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": "Under the new key" });
    let made = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    assert_eq!(admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap(), 2);
    // A write of a client that has only the old key.
    let params = json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": "After the second" });
    invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    let other = account.core().await;
    let items = invoke(&other, "ItemsList", json!({ "vault_id": account.vault_id, "filters": [] })).await.unwrap();
    assert_eq!(items.as_array().unwrap().len(), 3);
    let read = invoke(&other, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": made["id"] })).await;
    assert_eq!(read.unwrap()["title"], "Under the new key");
}

/// Changes a vault's key after the response to the client's next request with `read` in its URL, and before the client
/// fetches the key. A client that knows the key fetches it only if it has changed, so the key changes before the read
/// too. Returns how often it has changed.
fn race(
    wire: &Wire,
    account: &Arc<TestAccount>,
    vault_id: &str,
    read: &'static str,
    knows_key: bool,
) -> Arc<AtomicUsize> {
    let (answered, changes) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (account, vault, counted) = (account.clone(), vault_id.to_owned(), changes.clone());
    let (is_read, is_key) = (format!("/vault/{vault_id}{read}"), format!("/vault/{vault_id}?"));
    let (path, signal) = (is_read.clone(), answered.clone());
    wire.tamper(move |request, response| {
        if request.url.contains(&path) {
            signal.add_permits(1);
        }
        Ok(response)
    });
    let (before_read, before_key) = (AtomicBool::new(knows_key), AtomicBool::new(true));
    wire.hold(move |request| {
        let first_read = request.url.contains(&is_read) && before_read.swap(false, Relaxed);
        let may_wait = !knows_key || answered.available_permits() > 0;
        let first_key = request.url.contains(&is_key) && may_wait && before_key.swap(false, Relaxed);
        let (account, vault, answered, counted) = (account.clone(), vault.clone(), answered.clone(), counted.clone());
        Box::pin(async move {
            if first_key {
                drop(answered.acquire().await.unwrap());
            }
            if first_read || first_key {
                admin::rotate_vault_key(&account.owner, &id(&vault)).await.unwrap();
                counted.fetch_add(1, Relaxed);
            }
        })
    });
    changes
}

/// A client that remembers what it read, or one that does not.
async fn client(account: &TestAccount, wire: Arc<Wire>, remembers: bool) -> Arc<Core> {
    let core = Arc::new(Core::new(wire));
    let mut config = account::config(&account.token);
    if remembers {
        config["cache"] = json!({});
    }
    core.init_client(&config.to_string()).await.unwrap();
    core
}

#[tokio::test]
async fn a_read_is_repeated_if_the_key_changes_before_it_is_fetched() {
    let account = Arc::new(TestAccount::create().await);
    let (first, second) = (account.login("First", "one").await, account.login("Second", "two").await);
    let (vault, first, second) = (&account.vault_id, &first.id, &second.id);
    let (by_id, by_title) = (format!("op://{vault}/{first}/password"), format!("op://{vault}/First/password"));
    let usual = account.core().await;
    for (method, parameters) in [
        ("ItemsGet", json!({ "vault_id": vault, "item_id": first })),
        ("ItemsGetAll", json!({ "vault_id": vault, "item_ids": [first] })),
        ("ItemsGetAll", json!({ "vault_id": vault, "item_ids": [first, second] })),
        ("ItemsList", json!({ "vault_id": vault, "filters": [] })),
        ("ItemsSearch", json!({ "params": { "vaultIds": [vault] } })),
        ("SecretsResolve", json!({ "secret_reference": by_id })),
        ("SecretsResolve", json!({ "secret_reference": by_title })),
        ("SecretsResolveAll", json!({ "secret_references": [by_id, format!("op://{vault}/{second}/password")] })),
    ] {
        let expected = invoke(&usual, method, parameters.clone()).await.unwrap();
        for (knows_key, remembers) in [(false, false), (true, false), (false, true), (true, true)] {
            let wire = Wire::new();
            let core = client(&account, wire.clone(), remembers).await;
            if knows_key {
                // The list is not remembered.
                invoke(&core, "ItemsList", json!({ "vault_id": vault, "filters": [] })).await.unwrap();
            }
            let changes = race(&wire, &account, vault, "/item", knows_key);
            let result = invoke(&core, method, parameters.clone()).await;
            let case = format!("{method}, knows the key: {knows_key}, remembers: {remembers}");
            assert_eq!(result.unwrap(), expected, "{case}");
            assert_eq!(changes.load(Relaxed), 1 + usize::from(knows_key), "{case}");
        }
    }
}

#[tokio::test]
async fn variables_are_read_and_set_while_the_key_changes() {
    let account = Arc::new(TestAccount::create().await);
    let params = EnvironmentCreateParams { title: "Production".to_owned(), description: None };
    let environment_id = EnvironmentsCreate { params }.run(&account.owner).await.unwrap().id;
    let set = async |client: &Client, value: &str| {
        let variable = EnvironmentVariable { name: "TOKEN".to_owned(), value: value.to_owned(), masked: true };
        let set = EnvironmentsSetVariables { environment_id: id(&environment_id), variables: vec![variable] };
        set.run(client).await.unwrap();
    };
    let value = async |client: &Client| {
        let get = EnvironmentsGetVariables { environment_id: id(&environment_id) };
        get.run(client).await.unwrap().variables[0].value.clone()
    };
    set(&account.owner, "old").await;

    let wire = Wire::new();
    let changes = race(&wire, &account, &environment_id, "/item/", true);
    assert_eq!(value(&account.owner_on(wire.clone()).await).await, "old");
    assert_eq!(changes.load(Relaxed), 2);
    let changes = race(&wire, &account, &environment_id, "/item/", true);
    set(&account.owner_on(wire).await, "new").await;
    assert_eq!(changes.load(Relaxed), 2);
    assert_eq!(value(&account.owner).await, "new");
}

#[tokio::test]
async fn an_item_that_is_remembered_under_an_old_key_is_read_again() {
    let account = TestAccount::create().await;
    let (first, second) = (account.login("First", "one").await, account.login("Second", "two").await);
    let wire = Wire::new();
    let core = client(&account, wire.clone(), true).await;
    let get = async |id: &str| invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": id })).await;
    let password = format!("op://{}/{}/password", account.vault_id, first.id);
    get(&first.id).await.unwrap();
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    wire.take_requests();
    get(&first.id).await.unwrap();
    assert_eq!(wire.take_requests(), [""; 0], "the client has the old key too");

    // From this read, the client has only the new key.
    get(&second.id).await.unwrap();
    wire.take_requests();
    assert_eq!(get(&first.id).await.unwrap()["fields"][0]["value"], "one");
    assert_eq!(invoke(&core, "SecretsResolve", json!({ "secret_reference": password })).await.unwrap(), "one");
    assert_eq!(wire.take_requests().len(), 2, "the item for each, and no key");
}

/// The key changes between the read of an item and the fetch of the key, or the write that is sealed with the old one.
#[tokio::test]
async fn an_item_is_written_while_the_key_changes() {
    let mut account = TestAccount::create().await;
    let other = account::new_vault(&account.owner, "Other").await;
    let rights = permissions::parse_grants("read_items,write_items").unwrap();
    account.token = account.token_for(&[(account.vault_id.clone(), rights), (other.clone(), rights)]).await;
    let account = Arc::new(account);
    for method in ["ItemsPut", "ItemsArchive", "ItemsMove", "ItemsDelete"] {
        for before_write in [false, true] {
            let mut item = serde_json::to_value(account.login("Example", "hunter2").await).unwrap();
            item["title"] = "Changed".into();
            let item_id = json!({ "vault_id": account.vault_id, "item_id": item["id"] });
            let parameters = match method {
                "ItemsPut" => json!({ "item": item }),
                "ItemsMove" => json!({ "vault_id": account.vault_id, "item_id": item["id"], "to_vault_id": other }),
                _ => item_id.clone(),
            };
            let wire = Wire::new();
            let core = account.core_on(wire.clone()).await;
            let changes = if before_write {
                change_before_write(&wire, &account)
            } else {
                race(&wire, &account, &account.vault_id, "/item", false)
            };
            let result = invoke(&core, method, parameters).await.unwrap();
            assert_eq!(changes.load(Relaxed), 1, "{method}");
            let writes = wire.take_requests();
            let writes = writes.iter().filter(|line| line.starts_with("PATCH") && line.contains(&account.vault_id));
            // Of a deleted item nothing is stored, so that the key does not matter.
            assert_eq!(writes.count(), if before_write && method != "ItemsDelete" { 2 } else { 1 }, "{method}");
            let stored = invoke(&core, "ItemsGet", item_id).await;
            match method {
                "ItemsPut" => assert_eq!(stored.unwrap()["title"], "Changed"),
                "ItemsDelete" => assert_eq!(stored.unwrap_err()["name"], "NotFound"),
                _ => assert_eq!(stored.unwrap_err()["name"], "ItemNotActive"),
            }
            if method == "ItemsMove" {
                assert_eq!((&result["original"], &result["problem"]), (&json!("archived"), &Value::Null));
            }
        }
    }
}

/// Changes the vault's key before a client's next write of its items. Returns how often it has changed.
fn change_before_write(wire: &Wire, account: &Arc<TestAccount>) -> Arc<AtomicUsize> {
    let changes = Arc::new(AtomicUsize::new(0));
    let (account, counted) = (account.clone(), changes.clone());
    wire.hold(move |request| {
        let is_write = request.method == HttpMethod::Patch && request.url.contains(&account.vault_id);
        let is_first = is_write && counted.swap(1, Relaxed) == 0;
        let account = account.clone();
        Box::pin(async move {
            if is_first {
                admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
            }
        })
    });
    changes
}

#[tokio::test]
async fn a_rotation_that_another_overtakes_begins_anew() {
    let account = Arc::new(TestAccount::create().await);
    let item = account.login("Example", "hunter2").await;
    let wire = Wire::new();
    let late = account.owner_on(wire.clone()).await;
    let (first, is_first) = (account.clone(), AtomicBool::new(true));
    wire.hold(move |request| {
        let is_end = request.method == HttpMethod::Post && request.url.contains("/rotation/");
        let (first, is_first) = (first.clone(), is_end && is_first.swap(false, Relaxed));
        Box::pin(async move {
            if is_first {
                admin::rotate_vault_key(&first.owner, &id(&first.vault_id)).await.unwrap();
            }
        })
    });
    assert_eq!(admin::rotate_vault_key(&late, &id(&account.vault_id)).await.unwrap(), 1);
    let finished =
        wire.take_requests().iter().filter(|line| line.starts_with("POST") && line.contains("/rotation/")).count();
    assert_eq!(finished, 2);
    let core = account.core().await;
    let id = json!({ "vault_id": account.vault_id, "item_id": item.id });
    assert_eq!(invoke(&core, "ItemsGet", id).await.unwrap()["title"], "Example");
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
    assert_eq!(admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap(), 5);
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
    assert_eq!(admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap(), 7);
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
            let item_id = made["id"].as_str().unwrap().to_owned();
            invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": item_id })).await.unwrap();
            ids.push(item_id);
        }
        ids
    };
    let vault_id = id(&account.vault_id);
    let (ids, rotated) = tokio::join!(work, admin::rotate_vault_key(&account.owner, &vault_id));
    assert!(rotated.unwrap() >= 60);
    let list = ItemsList { vault_id: id(&account.vault_id), filters: Vec::new() };
    assert_eq!(list.run(&account.owner).await.unwrap().len(), 80);
    for item_id in ids {
        ItemsGet { vault_id: id(&account.vault_id), item_id: id(&item_id) }.run(&account.owner).await.unwrap();
    }
    let params = json!({ "params": { "category": "SecureNote", "vaultId": account.vault_id, "title": "Last" } });
    let create: ItemsCreate = serde_json::from_value(params).unwrap();
    create.run(&account.owner).await.unwrap();
}
