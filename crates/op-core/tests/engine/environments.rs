//! Environments and their variables.

use op_core::{
    Client, ErrorKind,
    admin::{self, Grant, NewServiceAccount},
    methods::{
        ClientMethod, EnvironmentsCreate, EnvironmentsDelete, EnvironmentsGetVariables, EnvironmentsList,
        EnvironmentsSetVariables, EnvironmentsUnsetVariables, ItemsArchive, ItemsDelete,
    },
    types::{EnvironmentCreateParams, EnvironmentVariable},
};
use op_protocol::{
    id::{ItemId, VaultId},
    permissions::{READ_ITEMS, REVEAL_ITEM_PASSWORD},
};
use op_testkit::{
    TestAccount,
    account::{invoke, rsa_key},
};
use serde_json::json;

use crate::support::{failure, id};

async fn environment(client: &Client) -> VaultId {
    let description = Some("What production needs".to_owned());
    let params = EnvironmentCreateParams { title: "Production".to_owned(), description };
    id(&EnvironmentsCreate { params }.run(client).await.unwrap().id)
}

fn variable(name: &str, value: &str) -> EnvironmentVariable {
    EnvironmentVariable { name: name.to_owned(), value: value.to_owned(), masked: true }
}

async fn set(client: &Client, environment_id: &VaultId, variables: Vec<EnvironmentVariable>) -> op_core::Result<()> {
    EnvironmentsSetVariables { environment_id: environment_id.clone(), variables }.run(client).await
}

async fn variables(client: &Client, environment_id: &VaultId) -> Vec<(String, String, bool)> {
    let get = EnvironmentsGetVariables { environment_id: environment_id.clone() };
    let variables = get.run(client).await.unwrap().variables;
    variables.iter().map(|each| (each.name.clone(), each.value.clone(), each.masked)).collect()
}

#[tokio::test]
async fn variables_are_set_changed_and_removed_in_place() {
    let account = TestAccount::create().await;
    let owner = &account.owner;
    let environment_id = environment(owner).await;
    assert_eq!(variables(owner, &environment_id).await, []);

    let mut plain = variable("MODE", "fast");
    plain.masked = false;
    set(owner, &environment_id, vec![variable("TOKEN", "£ 日本\n\"'$"), plain, variable("LAST", "")]).await.unwrap();
    set(owner, &environment_id, vec![variable("MODE", "slow"), variable("NEW", "1")]).await.unwrap();
    let row = |name: &str, value: &str, masked| (name.to_owned(), value.to_owned(), masked);
    let expected =
        [row("TOKEN", "£ 日本\n\"'$", true), row("MODE", "slow", true), row("LAST", "", true), row("NEW", "1", true)];
    assert_eq!(variables(owner, &environment_id).await, expected);

    let names = vec!["MODE".to_owned(), "NOT_THERE".to_owned()];
    EnvironmentsUnsetVariables { environment_id: environment_id.clone(), names }.run(owner).await.unwrap();
    assert_eq!(variables(owner, &environment_id).await.len(), 3);

    let all = EnvironmentsList {}.run(owner).await.unwrap();
    let found = all.iter().find(|each| each.id == environment_id.as_str()).unwrap();
    assert_eq!((found.title.as_str(), found.description.as_str()), ("Production", "What production needs"));
    EnvironmentsDelete { environment_id: environment_id.clone() }.run(owner).await.unwrap();
    failure(EnvironmentsGetVariables { environment_id }.run(owner).await, ErrorKind::NotFound);
}

#[tokio::test]
async fn what_cannot_be_a_variable_is_refused_whole() {
    let account = TestAccount::create().await;
    let environment_id = environment(&account.owner).await;
    for (name, value, field) in [
        ("1ST", "x", "variables[1].name"),
        ("", "x", "variables[1].name"),
        ("A=B", "x", "variables[1].name"),
        ("A", "\0", "variables[1].value"),
    ] {
        let wrong = set(&account.owner, &environment_id, vec![variable("GOOD", "1"), variable(name, value)]).await;
        assert_eq!(failure(wrong, ErrorKind::InvalidConfiguration).field(), Some(field));
    }
    assert_eq!(variables(&account.owner, &environment_id).await, []);
}

#[tokio::test]
async fn an_environment_that_was_broken_says_so() {
    let account = TestAccount::create().await;
    let owner = &account.owner;
    let environment_id = environment(owner).await;
    set(owner, &environment_id, vec![variable("TOKEN", "hunter2")]).await.unwrap();
    let get = || EnvironmentsGetVariables { environment_id: environment_id.clone() }.run(owner);
    // The id of the only item is that of the Environment.
    let item_id: ItemId = id(environment_id.as_str());
    ItemsArchive { vault_id: environment_id.clone(), item_id: item_id.clone() }.run(owner).await.unwrap();
    let archived = failure(get().await, ErrorKind::ItemNotActive);
    assert_eq!(archived.message(), format!("item is not in an active state: item `{environment_id}`"));
    failure(set(owner, &environment_id, vec![variable("TOKEN", "other")]).await, ErrorKind::ItemNotActive);

    ItemsDelete { vault_id: environment_id.clone(), item_id }.run(owner).await.unwrap();
    assert_eq!(variables(owner, &environment_id).await, []);

    // No client makes one with two items.
    account.login("One", "hunter2").await;
    account.login("Two", "hunter2").await;
    account.server.execute(&format!("UPDATE vaults SET type = 'D' WHERE uuid = '{}'", account.vault_id)).await;
    let corrupted = EnvironmentsGetVariables { environment_id: id(&account.vault_id) }.run(owner).await;
    let expected = "An unexpected error occurred as the Environment appears to be corrupted";
    assert_eq!(corrupted.unwrap_err().to_string(), expected);
}

#[tokio::test]
async fn two_who_write_at_once_lose_nothing() {
    let account = TestAccount::create().await;
    let other = account.sign_in("owner@example.com", account.secret_key.clone(), op_testkit::account::PASSWORD);
    let other = other.await.unwrap();
    let environment_id = environment(&account.owner).await;
    let write = |client, prefix: &'static str| {
        let environment_id = &environment_id;
        async move {
            for number in 0..6 {
                set(client, environment_id, vec![variable(&format!("{prefix}_{number}"), "1")]).await.unwrap();
            }
        }
    };
    tokio::join!(write(&account.owner, "ONE"), write(&other, "TWO"));
    assert_eq!(variables(&account.owner, &environment_id).await.len(), 12);
}

#[tokio::test]
async fn a_service_account_of_an_environment_sees_nothing_else() {
    let mut account = TestAccount::create().await;
    let environment_id = environment(&account.owner).await;
    set(&account.owner, &environment_id, vec![variable("TOKEN", "hunter2")]).await.unwrap();
    let grants = [Grant { vault_id: environment_id.clone(), permissions: READ_ITEMS | REVEAL_ITEM_PASSWORD }];
    let new = NewServiceAccount { name: "Deploy", grants: &grants, can_create_vaults: false };
    let token = admin::create_service_account(&account.owner, &account.server.url, &new, &rsa_key).await.unwrap();
    account.token = token.to_string();
    let core = account.core().await;

    let found = invoke(&core, "EnvironmentsGetVariables", json!({ "environment_id": environment_id })).await.unwrap();
    assert_eq!(found, json!({ "variables": [{ "name": "TOKEN", "value": "hunter2", "masked": true }] }));
    assert_eq!(invoke(&core, "VaultsList", json!({})).await.unwrap(), json!([]));
    assert_eq!(invoke(&core, "EnvironmentsList", json!({})).await.unwrap()[0]["title"], "Production");
    let vault = invoke(&core, "VaultsGetOverview", json!({ "vault_id": account.vault_id })).await.unwrap_err();
    assert_eq!(vault["name"], "NotFound");
    let variables = json!([{ "name": "TOKEN", "value": "other", "masked": true }]);
    let parameters = json!({ "environment_id": environment_id, "variables": variables });
    let refused = invoke(&core, "EnvironmentsSetVariables", parameters).await.unwrap_err();
    assert_eq!(refused["name"], "PermissionDenied");
}

#[tokio::test]
async fn a_vault_is_not_an_environment() {
    let account = TestAccount::create().await;
    let environment_id: VaultId = id(&account.vault_id);
    for result in [
        EnvironmentsGetVariables { environment_id: environment_id.clone() }.run(&account.owner).await.map(drop),
        EnvironmentsDelete { environment_id: environment_id.clone() }.run(&account.owner).await,
        set(&account.owner, &environment_id, vec![variable("A", "1")]).await,
    ] {
        let error = failure(result, ErrorKind::BadInput);
        let text = "bad input passed by the user: provided ID does not correspond to an Environment";
        assert_eq!(error.message(), format!("{text}: `{environment_id}` is a vault"));
    }
    let error =
        invoke(&*account.core().await, "EnvironmentsGetVariables", json!({ "environment_id": "x" })).await.unwrap_err();
    assert_eq!((&error["name"], &error["field"]), (&json!("InvalidConfiguration"), &json!("environment_id")));
}
