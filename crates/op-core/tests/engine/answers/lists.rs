//! A list of vaults may leave out how each is opened.

use std::sync::{Arc, Mutex};

use op_core::{
    Core, admin,
    methods::{ClientMethod, GroupsGet, GroupsList},
    types::GroupGetParams,
};
use op_testkit::{Answers, TestAccount, account::invoke};
use serde_json::{Value, json};

use crate::support::id;

/// A client whose lists of vaults leave it out, and what it asked.
async fn client(account: &TestAccount) -> (Arc<Core>, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = asked.clone();
    let host = Answers::edited(move |line, answer| {
        if let Value::Array(vaults) = answer
            && line.contains("?attrs=combined-access")
        {
            for vault in vaults {
                vault.as_object_mut().unwrap().remove("combinedAccess");
            }
        }
        log.lock().unwrap().push(line.to_owned());
    });
    (account.core_on(host).await, asked)
}

fn vaults_fetched(asked: &Mutex<Vec<String>>) -> usize {
    std::mem::take(&mut *asked.lock().unwrap()).iter().filter(|line| line.starts_with("GET /api/v3/vault/")).count()
}

#[tokio::test]
async fn lists_and_references_by_title_work() {
    let account = TestAccount::create().await;
    account.login("Example", "hunter2").await;
    let usual = account.core().await;
    let reference = "op://Development/Example/password";
    for (method, parameters) in [
        ("VaultsList", json!({})),
        ("ItemsList", json!({ "vault_id": account.vault_id })),
        ("ItemsSearch", json!({ "params": {} })),
        ("SecretsResolve", json!({ "secret_reference": reference })),
        ("SecretsResolveAll", json!({ "secret_references": [reference] })),
        ("SecretsExplain", json!({ "secret_reference": reference })),
        ("EnvironmentsList", json!({})),
    ] {
        let (core, _) = client(&account).await;
        let result = invoke(&core, method, parameters.clone()).await;
        assert_eq!(result, invoke(&usual, method, parameters).await, "{method}");
        assert!(result.is_ok(), "{method}: {result:?}");
    }
}

#[tokio::test]
async fn each_vault_is_fetched_once_and_only_where_the_titles_are_wanted() {
    let mut account = TestAccount::create().await;
    let mut grants = vec![(account.vault_id.clone(), op_protocol::permissions::parse_grants("read_items").unwrap())];
    for title in ["Second", "Third"] {
        grants.push((op_testkit::account::new_vault(&account.owner, title).await, grants[0].1));
    }
    account.token = account.token_for(&grants).await;
    let (core, asked) = client(&account).await;
    invoke(&core, "VaultsList", json!({ "params": { "decryptDetails": false } })).await.unwrap();
    assert_eq!(vaults_fetched(&asked), 0);
    let vaults = invoke(&core, "VaultsList", json!({})).await.unwrap();
    let mut titles: Vec<_> = vaults.as_array().unwrap().iter().map(|vault| vault["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["Development", "Second", "Third"]);
    assert_eq!(vaults_fetched(&asked), 3);
    invoke(&core, "VaultsList", json!({})).await.unwrap();
    assert_eq!(vaults_fetched(&asked), 0, "the keys are known");
}

#[tokio::test]
async fn a_key_that_was_rotated_meanwhile_is_fetched_anew() {
    let account = TestAccount::create().await;
    let (core, asked) = client(&account).await;
    let before = invoke(&core, "VaultsList", json!({})).await.unwrap();
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    vaults_fetched(&asked);
    let after = invoke(&core, "VaultsList", json!({})).await.unwrap();
    assert_eq!(after[0]["title"], before[0]["title"]);
    assert_eq!(vaults_fetched(&asked), 1);
}

#[tokio::test]
async fn a_vault_whose_key_is_rotated_after_the_list_is_read_again() {
    let account = TestAccount::create().await;
    let first = Mutex::new(None);
    let host = Answers::edited(move |line, answer| {
        if answer.is_array() && line.contains("?attrs=combined-access") {
            answer[0].as_object_mut().unwrap().remove("combinedAccess");
            *answer = first.lock().unwrap().get_or_insert(answer.clone()).clone();
        }
    });
    let list = async || {
        let core = account.core_on(host.clone()).await;
        invoke(&core, "VaultsList", json!({})).await.unwrap()
    };
    let before = list().await;
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    assert_eq!(list().await[0]["title"], before[0]["title"]);
}

#[tokio::test]
async fn one_vault_has_to_say_how_it_is_opened() {
    let account = TestAccount::create().await;
    let host = Answers::edited(|line, answer| {
        if line.starts_with("GET /api/v3/vault/") {
            answer.as_object_mut().unwrap().remove("combinedAccess");
        }
    });
    let core = account.core_on(host).await;
    let error = invoke(&core, "VaultsGetOverview", json!({ "vault_id": account.vault_id })).await.unwrap_err();
    assert_eq!(
        (&error["name"], &error["message"]),
        (&json!("InvalidResponse"), &json!("combined access field is missing"))
    );
}

#[tokio::test]
async fn a_vault_without_a_list_of_items_has_none() {
    let account = TestAccount::create().await;
    account.login("Example", "hunter2").await;
    for items in [None, Some(Value::Null)] {
        let host = Answers::edited(move |line, answer| {
            if line.ends_with("/items/overviews") {
                let members = answer.as_object_mut().unwrap();
                members.remove("items");
                members.extend(items.clone().map(|items| ("items".to_owned(), items)));
            }
        });
        let core = account.core_on(host).await;
        assert_eq!(invoke(&core, "ItemsList", json!({ "vault_id": account.vault_id })).await, Ok(json!([])));
        let reference = json!({ "secret_reference": "op://Development/Example/password" });
        let error = invoke(&core, "SecretsResolve", reference).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().ends_with("no item matched the secret reference query"), "{error}");
    }
}

#[tokio::test]
async fn the_keyset_of_a_service_account_need_not_tell_of_a_password() {
    let account = TestAccount::create().await;
    let host = Answers::edited(|line, answer| {
        if line.ends_with("/keysets") {
            let wrapped = answer["keysets"][0]["encSymKey"].as_object_mut().unwrap();
            wrapped.retain(|name, _| !["alg", "p2c", "p2s"].contains(&name.as_str()));
        }
    });
    let core = account.core_on(host).await;
    assert_eq!(invoke(&core, "VaultsList", json!({})).await.unwrap()[0]["title"], "Development");
}

#[tokio::test]
async fn a_group_may_have_a_description_by_its_other_name() {
    let account = TestAccount::create().await;
    let host = Answers::edited(|line, answer| {
        if line.starts_with("GET /api/v2/group/") {
            let members = answer.as_object_mut().unwrap();
            let text = members.remove("desc").unwrap();
            members.insert("description".to_owned(), text);
        }
    });
    let owner = account.owner_on(host).await;
    for group in (GroupsList {}).run(&account.owner).await.unwrap() {
        let get = GroupsGet { group_id: id(&group.id), group_params: GroupGetParams::default() };
        assert_eq!(get.run(&owner).await.unwrap().description, group.description);
    }
}
