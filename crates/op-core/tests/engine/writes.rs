//! Many writers of one vault, and a vault whose key changes, against the real server.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use op_core::{Core, admin, host::HttpResponse};
use op_testkit::{
    FaultProxy, TestAccount, Wire,
    account::{host, invoke},
};
use serde_json::{Value, json};

use crate::support::id;

fn note(account: &TestAccount, title: &str) -> Value {
    json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": title, "notes": "text" })
}

async fn create(core: &Core, account: &TestAccount, title: &str) -> Result<Value, Value> {
    invoke(core, "ItemsCreate", json!({ "params": note(account, title) })).await
}

async fn titles(core: &Core, account: &TestAccount) -> Vec<String> {
    let listed = invoke(core, "ItemsList", json!({ "vault_id": account.vault_id, "filters": [] })).await.unwrap();
    let mut titles: Vec<_> =
        listed.as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

fn patches(requests: &[String]) -> usize {
    requests.iter().filter(|request| request.starts_with("PATCH")).count()
}

#[tokio::test]
async fn writes_at_the_same_time_go_together() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    // Keys are known from here on.
    create(&core, &account, "First").await.unwrap();
    wire.take_requests();
    let creates = (0..100).map(|number| {
        let (core, params) = (core.clone(), json!({ "params": note(&account, &format!("Item {number:03}")) }));
        tokio::spawn(async move { invoke(&core, "ItemsCreate", params).await })
    });
    for (number, created) in join_all(creates).await.into_iter().enumerate() {
        let created = created.unwrap().unwrap();
        assert_eq!((&created["title"], &created["version"]), (&json!(format!("Item {number:03}")), &json!(1)));
    }
    let requests = wire.take_requests();
    assert!(requests.len() <= 6, "{} requests", requests.len());
    assert_eq!(titles(&core, &account).await.len(), 101);
}

#[tokio::test]
async fn each_of_those_that_go_together_has_its_own_outcome() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let (one, two) = (create(&core, &account, "One").await.unwrap(), create(&core, &account, "Two").await.unwrap());
    let edit = |item: &Value, title: &str| {
        let mut item = item.clone();
        item["title"] = title.into();
        let core = core.clone();
        async move { invoke(&core, "ItemsPut", json!({ "item": item })).await }
    };
    // Both edits of the first item are of its version 1; one of them wins.
    let (first, second, other, created) =
        tokio::join!(edit(&one, "One A"), edit(&one, "One B"), edit(&two, "Two A"), create(&core, &account, "Three"));
    assert_eq!([&first, &second].into_iter().filter(|put| put.is_ok()).count(), 1, "{first:?} {second:?}");
    let refused = if first.is_ok() { second } else { first }.unwrap_err();
    assert_eq!(refused["name"], "Conflict", "{refused}");
    assert_eq!((other.unwrap()["version"].as_u64(), created.unwrap()["version"].as_u64()), (Some(2), Some(1)));
    let titles = titles(&core, &account).await;
    assert!(titles[0].starts_with("One ") && titles[1..] == ["Three", "Two A"], "{titles:?}");
}

#[tokio::test]
async fn a_change_by_another_client_delays_nobody_for_long() {
    let account = TestAccount::create().await;
    let (core, other) = (account.core().await, account.core().await);
    let writes = |core: &Arc<Core>, name: &'static str| {
        let (core, params): (_, Vec<Value>) =
            (core.clone(), (0..20).map(|number| note(&account, &format!("{name} {number}"))).collect());
        join_all(params.into_iter().map(move |params| {
            let core = core.clone();
            async move { invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap() }
        }))
    };
    tokio::join!(writes(&core, "ours"), writes(&other, "theirs"));
    assert_eq!(titles(&core, &account).await.len(), 40);
}

/// Clients of their own, each signed in, on a line that takes its time.
async fn clients_on_a_slow_line(account: &TestAccount, number: usize) -> (FaultProxy, Vec<Arc<Core>>) {
    let proxy = FaultProxy::start(&account.server.url).await.unwrap();
    let token = proxy.token(&account.token);
    let mut clients = Vec::new();
    for _ in 0..number {
        let core = account.core_of(host(), &token).await;
        invoke(&core, "VaultsList", json!({})).await.unwrap();
        clients.push(core);
    }
    proxy.set_delay(Duration::from_millis(60));
    (proxy, clients)
}

#[tokio::test]
async fn many_clients_that_write_items_of_their_own_are_in_nobodys_way() {
    let account = TestAccount::create().await;
    let (proxy, clients) = clients_on_a_slow_line(&account, 100).await;
    proxy.take_requests();
    let created = clients
        .iter()
        .enumerate()
        .map(async |(number, core)| create(core, &account, &format!("Item {number:03}")).await.unwrap());
    let created = join_all(created).await;
    assert_eq!(patches(&proxy.take_requests()), 100, "one each, at the first attempt");
    let put = clients.iter().zip(created).map(async |(core, mut item)| {
        item["notes"] = "changed".into();
        let item = invoke(core, "ItemsPut", json!({ "item": item })).await.unwrap();
        let ids = json!({ "vault_id": item["vaultId"], "item_id": item["id"] });
        invoke(core, "ItemsArchive", ids).await.unwrap();
    });
    join_all(put).await;
    assert_eq!(patches(&proxy.take_requests()), 200);
}

#[tokio::test]
async fn of_many_clients_that_write_one_item_one_wins_and_the_others_are_told() {
    let account = TestAccount::create().await;
    let (_proxy, clients) = clients_on_a_slow_line(&account, 10).await;
    let item = create(&clients[0], &account, "Contested").await.unwrap();
    let puts = clients.iter().enumerate().map(|(number, core)| {
        let mut item = item.clone();
        item["notes"] = format!("of {number}").into();
        async move { invoke(core, "ItemsPut", json!({ "item": item })).await }
    });
    let (won, lost): (Vec<_>, Vec<_>) = join_all(puts).await.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 9));
    for error in lost {
        let name = error.unwrap_err()["name"].clone();
        assert!(name == "Conflict" || name == "ItemOutdated", "{name}");
    }
    let ids = json!({ "vault_id": item["vaultId"], "item_id": item["id"] });
    let stored = invoke(&clients[0], "ItemsGet", ids).await.unwrap();
    assert_eq!((&stored["notes"], &stored["version"]), (&won[0].as_ref().unwrap()["notes"], &json!(2)));
}

#[tokio::test]
async fn a_caller_that_gives_up_takes_its_change_with_it_and_nobody_elses() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    create(&core, &account, "First").await.unwrap();
    let spawn = |title: &str| {
        let (core, params) = (core.clone(), json!({ "params": note(&account, title) }));
        tokio::spawn(async move { invoke(&core, "ItemsCreate", params).await })
    };
    // The first is on its way when the others come, which go together after it.
    let under_way = spawn("Second");
    while !wire.peek_requests().iter().any(|request| request.starts_with("PATCH") && request.contains("/2/")) {
        tokio::time::sleep(Duration::from_micros(50)).await;
    }
    let (given_up, kept) = (spawn("Given up"), spawn("Third"));
    given_up.abort();
    under_way.await.unwrap().unwrap();
    kept.await.unwrap().unwrap();
    assert!(given_up.await.unwrap_err().is_cancelled());
    assert_eq!(titles(&core, &account).await, ["First", "Second", "Third"]);
    // Nothing is left behind that the next write would wait for.
    create(&core, &account, "Fourth").await.unwrap();
}

#[tokio::test]
async fn what_stops_a_request_is_told_to_all_who_are_in_it() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    create(&core, &account, "First").await.unwrap();
    wire.tamper(|request, response| {
        let refused = HttpResponse { status: 403, headers: Vec::new(), body: Vec::new() };
        Ok(if request.method.as_str() == "PATCH" { refused } else { response })
    });
    for result in join_all((0..5).map(|_| create(&core, &account, "Refused"))).await {
        assert_eq!(result.unwrap_err()["name"], "PermissionDenied");
    }
    wire.repair();
    create(&core, &account, "Second").await.unwrap();
}

#[tokio::test]
async fn a_rotated_vault_key_is_fetched_by_itself() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let old = create(&core, &account, "Old").await.unwrap();
    let reference = format!("op://{}/{}/notes", account.vault_id, old["id"].as_str().unwrap());
    let old_id = json!({ "vault_id": account.vault_id, "item_id": old["id"] });
    for round in 0..3 {
        admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
        wire.take_requests();
        // Each method may be the first that meets the new key.
        match round {
            0 => assert_eq!(titles(&core, &account).await, ["Old"]),
            1 => assert_eq!(invoke(&core, "ItemsGet", old_id.clone()).await.unwrap(), old),
            _ => {
                let read = invoke(&core, "SecretsResolve", json!({ "secret_reference": reference })).await;
                assert_eq!(read.unwrap(), "text");
            }
        }
        assert!(wire.take_requests().len() <= 2, "the list or the item, and the vault");
    }
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    let new = create(&core, &account, "New").await.unwrap();
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    let mut edited = old.clone();
    edited["notes"] = "edited".into();
    assert_eq!(invoke(&core, "ItemsPut", json!({ "item": edited })).await.unwrap()["notes"], "edited");
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    let ids = json!({ "vault_id": account.vault_id, "item_ids": [new["id"], old["id"]] });
    let got = invoke(&core, "ItemsGetAll", ids.clone()).await.unwrap();
    let notes: Vec<_> =
        got["individualResponses"].as_array().unwrap().iter().map(|got| &got["content"]["notes"]).collect();
    assert_eq!(notes, ["text", "edited"]);
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    invoke(&core, "ItemsArchive", old_id).await.unwrap();
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    invoke(&core, "ItemsDeleteAll", ids).await.unwrap();
    // A client that never saw the old keys reads the same.
    assert_eq!(titles(&account.core().await.clone(), &account).await, Vec::<String>::new());
}

#[tokio::test]
async fn many_items_take_few_requests_and_keep_their_order() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let params: Vec<Value> = (0..1200).map(|number| note(&account, &format!("Item {number}"))).collect();
    wire.take_requests();
    let created =
        invoke(&core, "ItemsCreateAll", json!({ "vault_id": account.vault_id, "params": params })).await.unwrap();
    let requests = wire.take_requests();
    assert_eq!((patches(&requests), requests.len()), (3, 5), "the keysets, the vault, and 500 items a request");
    let ids: Vec<&Value> =
        created["individualResponses"].as_array().unwrap().iter().map(|created| &created["content"]["id"]).collect();
    let deleted =
        invoke(&core, "ItemsDeleteAll", json!({ "vault_id": account.vault_id, "item_ids": ids })).await.unwrap();
    let requests = wire.take_requests();
    assert_eq!((patches(&requests), requests.len()), (3, 7), "500 items a request, read and written, and the vault");
    let deleted = deleted["individualResponses"].as_object().unwrap();
    assert!(deleted.len() == 1200 && deleted.values().all(|outcome| outcome["error"].is_null()));
}
