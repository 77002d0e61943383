//! What does not open fails alone: a vault or an item that nobody can open, as any member of a team can make one, stops
//! nothing else.

use op_core::{
    Client, ErrorKind,
    methods::{
        ClientMethod, EnvironmentsCreate, EnvironmentsList, ItemsGet, ItemsList, ItemsSearch, SecretsResolve,
        SecretsResolveAll, VaultsGetOverview, VaultsList,
    },
    types::{
        EnvironmentCreateParams, ItemListFilter, ItemSearchParams, ResolveReferenceError, ResolvedReference,
        VaultListParams, VaultOverview,
    },
};
use op_testkit::{
    TestAccount,
    account::{PASSWORD, new_vault},
};

use crate::support::{failure, id};

const CLOSED: &str = "[Encrypted]";

/// Damages a sealed column of the rows that a condition selects.
async fn damage(account: &TestAccount, table: &str, column: &str, condition: &str) {
    let damaged = format!("replace({column}, '\"data\":\"', '\"data\":\"AAAA')");
    account.server.execute(&format!("UPDATE {table} SET {column} = {damaged} WHERE {condition}")).await;
}

/// The vaults and their titles.
async fn vaults(client: &Client) -> Vec<VaultOverview> {
    VaultsList { params: Some(VaultListParams { decrypt_details: Some(true) }) }.run(client).await.unwrap()
}

async fn resolve(client: &Client, reference: &str) -> op_core::Result<String> {
    SecretsResolve { secret_reference: reference.to_owned() }.run(client).await
}

async fn resolve_all(client: &Client, references: &[&str]) -> Vec<Result<String, ResolveReferenceError>> {
    let secret_references = references.iter().map(|reference| (*reference).to_owned()).collect();
    let resolved = SecretsResolveAll { secret_references }.run(client).await.unwrap().individual_responses;
    let secret = |reference: &&str| match resolved.get(*reference) {
        Some(answer) => match (&answer.content, &answer.error) {
            (Some(ResolvedReference { secret, .. }), None) => Ok(secret.clone()),
            (None, Some(error)) => Err(error.clone()),
            _ => panic!("neither a secret nor an error"),
        },
        None => panic!("no answer for {reference}"),
    };
    references.iter().map(secret).collect()
}

#[tokio::test]
async fn a_vault_that_nobody_can_open_stops_nothing_else() {
    for column in ["its attributes", "its key"] {
        let account = TestAccount::create().await;
        account.login("Web", "hunter2").await;
        let closed = new_vault(&account.owner, "Closed").await;
        if column == "its key" {
            damage(&account, "vault_access", "enc_vault_key", &format!("vault_uuid = '{closed}'")).await;
        } else {
            damage(&account, "vaults", "enc_attrs", &format!("uuid = '{closed}'")).await;
        }
        // One that has seen nothing yet.
        let client = &account.sign_in("owner@example.com", account.secret_key.clone(), PASSWORD).await.unwrap();

        let listed = vaults(client).await;
        let title = |id: &str| listed.iter().find(|vault| vault.id == id).unwrap().title.as_str();
        assert_eq!((title(&closed), title(&account.vault_id)), (CLOSED, "Development"), "{column}");
        let refused = failure(VaultsGetOverview { vault_id: id(&closed) }.run(client).await, ErrorKind::Decryption);
        assert!(column == "its key" || refused.message().contains(&closed), "{refused}");

        assert_eq!(resolve(client, "op://Development/Web/password").await.unwrap(), "hunter2");
        let refused = resolve(client, "op://Closed/Web/password").await;
        let refused = failure(refused, ErrorKind::ResolvingSecretReference);
        assert!(refused.message().contains("no vault matched"), "{refused}");
        let in_closed = format!("op://{closed}/Web/password");
        let answers = resolve_all(client, &["op://Development/Web/password", &in_closed]).await;
        assert_eq!(answers[0], Ok("hunter2".to_owned()), "{column}");
        assert!(answers[1].is_err());

        let found = ItemsSearch { params: ItemSearchParams::default() }.run(client).await.unwrap();
        assert_eq!(found.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["Web"], "{column}");
    }
}

#[tokio::test]
async fn an_environment_that_nobody_can_open_stops_nothing_else() {
    let account = TestAccount::create().await;
    let create = |title: &str| {
        let params = EnvironmentCreateParams { title: title.to_owned(), ..EnvironmentCreateParams::default() };
        EnvironmentsCreate { params }.run(&account.owner)
    };
    let (open, closed) = (create("Open").await.unwrap(), create("Closed").await.unwrap());
    damage(&account, "vaults", "enc_attrs", &format!("uuid = '{}'", closed.id)).await;
    let mut listed = EnvironmentsList {}.run(&account.owner).await.unwrap();
    listed.sort_by(|a, b| b.title.cmp(&a.title));
    let listed: Vec<_> = listed.iter().map(|each| (each.id.as_str(), each.title.as_str())).collect();
    let mut expected = [(closed.id.as_str(), CLOSED), (open.id.as_str(), "Open")];
    expected.sort_by(|a, b| b.1.cmp(a.1));
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn an_item_that_nobody_can_open_stops_nothing_else() {
    let account = TestAccount::create().await;
    account.login("Web", "hunter2").await;
    let closed = account.login("Closed", "hunter3").await;
    let half = account.login("Half", "hunter4").await;
    damage(&account, "items", "enc_overview", &format!("uuid = '{}'", closed.id)).await;
    damage(&account, "items", "enc_details", &format!("uuid = '{}'", half.id)).await;
    let client = &account.owner;

    let vault_id = || id(&account.vault_id);
    let all = vec![ItemListFilter::ByState { active: true, archived: false }];
    let listed = ItemsList { vault_id: vault_id(), filters: all }.run(client).await.unwrap();
    let title = |id: &str| listed.iter().find(|item| item.id == id).unwrap().title.as_str();
    assert_eq!((title(&closed.id), title(&half.id), listed.len()), (CLOSED, "Half", 3));
    failure(ItemsGet { vault_id: vault_id(), item_id: id(&closed.id) }.run(client).await, ErrorKind::Decryption);

    let search = ItemSearchParams { title: Some("e".to_owned()), ..ItemSearchParams::default() };
    let found = ItemsSearch { params: search }.run(client).await.unwrap();
    assert_eq!(found.iter().map(|item| item.title.as_str()).collect::<Vec<_>>(), ["Web"]);

    assert_eq!(resolve(client, "op://Development/Web/password").await.unwrap(), "hunter2");
    let refused = resolve(client, "op://Development/Closed/password").await;
    let refused = failure(refused, ErrorKind::ResolvingSecretReference);
    assert!(refused.message().contains("no item matched"), "{refused}");
    failure(resolve(client, "op://Development/Half/password").await, ErrorKind::Decryption);
    let by_id = format!("op://Development/{}/password", closed.id);
    let references = ["op://Development/Web/password", "op://Development/Half/password", &by_id];
    let answers = resolve_all(client, &references).await;
    let unopened = Err(ResolveReferenceError::Other);
    assert_eq!(answers, [Ok("hunter2".to_owned()), unopened.clone(), unopened]);
}
