//! What is remembered of earlier calls, for how long, and what a write forgets.

use std::sync::Arc;

use futures_util::future::join_all;
use op_core::{
    Core,
    host::{TransportError, TransportErrorKind},
};
use op_testkit::{TestAccount, Wire, account};
use serde_json::{Value, json};

use op_testkit::account::invoke;

const PASSWORD: &str = "op://Development/Database/password";

/// A client that remembers what it read for a minute, and what is stale for another.
async fn caching(account: &TestAccount, wire: &Arc<Wire>) -> Arc<Core> {
    let core = Arc::new(Core::new(wire.clone()));
    let mut config = account::config(&account.token);
    config["cache"] = json!({ "staleMs": 60_000, "negativeTtlMs": 40_000 });
    core.init_client(&config.to_string()).await.unwrap();
    core
}

async fn resolve(core: &Core, reference: &str) -> Result<Value, Value> {
    invoke(core, "SecretsResolve", json!({ "secret_reference": reference })).await
}

fn refuse_all(wire: &Wire) {
    wire.tamper(|_, _| Err(TransportError::new(TransportErrorKind::Connect, "refused")));
}

#[tokio::test]
async fn what_was_read_lately_takes_no_request() {
    let account = TestAccount::create().await;
    let item = account.login("Database", "old").await;
    let wire = Wire::new();
    let core = caching(&account, &wire).await;
    let get = async || invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": item.id })).await;
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "old");
    wire.take_requests();

    account_puts(&account, &item.id, "new").await;
    for _ in 0..3 {
        assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "old");
        assert_eq!(get().await.unwrap()["fields"][0]["value"], "old");
        let all = invoke(&core, "SecretsResolveAll", json!({ "secret_references": [PASSWORD, PASSWORD] })).await;
        assert_eq!(all.unwrap()["individualResponses"][PASSWORD]["content"]["secret"], "old");
    }
    assert_eq!(wire.take_requests().len(), 0);

    wire.shift_clock(20_000);
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "old");
    wire.shift_clock(40_000);
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "new", "the call that meets a stale entry refreshes it");
    assert!(!wire.take_requests().is_empty());
    assert_eq!(get().await.unwrap()["fields"][0]["value"], "new");
    assert_eq!(wire.take_requests().len(), 0);
}

/// Somebody else changes the password.
async fn account_puts(account: &TestAccount, item_id: &str, password: &str) {
    let other = account.core().await;
    let id = json!({ "vault_id": account.vault_id, "item_id": item_id });
    let mut item = invoke(&other, "ItemsGet", id).await.unwrap();
    item["fields"][0]["value"] = password.into();
    invoke(&other, "ItemsPut", json!({ "item": item })).await.unwrap();
}

#[tokio::test]
async fn of_many_calls_that_meet_a_stale_entry_one_refreshes_it() {
    let account = TestAccount::create().await;
    account.login("Database", "hunter2").await;
    let wire = Wire::new();
    let core = caching(&account, &wire).await;
    resolve(&core, PASSWORD).await.unwrap();
    wire.shift_clock(60_000);
    wire.take_requests();
    let answers = join_all((0..20).map(|_| resolve(&core, PASSWORD))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == "hunter2"));
    let requests = wire.take_requests();
    assert_eq!(requests.len(), 2, "the vaults are listed, the item is fetched: {requests:?}");
}

#[tokio::test]
async fn a_failing_server_leaves_the_stale_answer_until_it_is_too_old() {
    let account = TestAccount::create().await;
    let item = account.login("Database", "hunter2").await;
    let wire = Wire::new();
    let core = caching(&account, &wire).await;
    let get = async || invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": item.id })).await;
    resolve(&core, PASSWORD).await.unwrap();
    wire.shift_clock(100_000);
    refuse_all(&wire);
    wire.take_requests();
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "hunter2");
    assert!(!wire.take_requests().is_empty());
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "hunter2");
    assert_eq!(wire.take_requests().len(), 0, "it is not asked again at once");
    assert_eq!(get().await.unwrap()["id"], item.id);
    wire.shift_clock(20_000);
    assert_eq!(resolve(&core, PASSWORD).await.unwrap_err()["name"], "Network");
    assert_eq!(get().await.unwrap_err()["name"], "Network");
    wire.repair();
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "hunter2");
}

#[tokio::test]
async fn what_is_missing_is_remembered_for_a_while() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = caching(&account, &wire).await;
    let missing = "a".repeat(26);
    let get = async || invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": missing })).await;
    assert!(resolve(&core, PASSWORD).await.is_err());
    assert_eq!(get().await.unwrap_err()["name"], "NotFound");
    wire.take_requests();
    account.login("Database", "hunter2").await;
    let error = resolve(&core, PASSWORD).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().ends_with("no item matched the secret reference query"));
    assert_eq!(get().await.unwrap_err()["name"], "NotFound");
    assert_eq!(wire.take_requests().len(), 0);
    wire.shift_clock(40_000);
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "hunter2");
}

#[tokio::test]
async fn a_write_of_the_same_client_is_seen_at_once() {
    let account = TestAccount::create().await;
    account.login("Database", "old").await;
    let wire = Wire::new();
    let core = caching(&account, &wire).await;
    let resolved = invoke(&core, "SecretsResolveAll", json!({ "secret_references": [PASSWORD] })).await.unwrap();
    let found = &resolved["individualResponses"][PASSWORD]["content"];
    let id = json!({ "vault_id": found["vaultId"], "item_id": found["itemId"] });
    let mut item = invoke(&core, "ItemsGet", id.clone()).await.unwrap();
    item["fields"][0]["value"] = "new".into();
    invoke(&core, "ItemsPut", json!({ "item": item })).await.unwrap();
    assert_eq!(resolve(&core, PASSWORD).await.unwrap(), "new");
    assert!(resolve(&core, "op://Development/Later/password").await.is_err());
    let mut later = item.clone();
    later["title"] = "Later".into();
    invoke(&core, "ItemsCreate", json!({ "params": later })).await.unwrap();
    assert_eq!(resolve(&core, "op://Development/Later/password").await.unwrap(), "new");
    invoke(&core, "ItemsArchive", id).await.unwrap();
    assert!(resolve(&core, PASSWORD).await.is_err());
}

#[tokio::test]
async fn codes_are_those_of_the_moment() {
    let account = TestAccount::create().await;
    account
        .item(json!({
            "category": "Login", "title": "Code", "sections": [{ "id": "s", "title": "S" }],
            "fields": [{ "id": "otp", "title": "code", "sectionId": "s", "fieldType": "Totp", "value": "JBSWY3DPEHPK3PXP" }],
        }))
        .await;
    let wire = Wire::new();
    let core = caching(&account, &wire).await;
    let code = async || resolve(&core, "op://Development/Code/code?attribute=otp").await.unwrap();
    let first = code().await;
    wire.take_requests();
    wire.shift_clock(30_000);
    assert_ne!(code().await, first);
    assert_eq!(wire.take_requests().len(), 0);
}

#[tokio::test]
async fn bad_options_are_refused() {
    for (cache, field) in [(json!({ "maxEntries": 0 }), "cache.maxEntries"), (json!({ "ttlMs": -1 }), "cache.ttlMs")] {
        let core = Core::new(Wire::new());
        let mut config = account::config("ops_x");
        config["cache"] = cache.clone();
        let error = core.init_client(&config.to_string()).await.unwrap_err();
        assert_eq!(error.field(), Some(field), "{cache}");
    }
}
