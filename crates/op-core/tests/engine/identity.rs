//! An answer about another thing than the one asked for is refused: a server, or what stands before it, mixed answers up.

use std::sync::{Arc, Mutex};

use op_core::{
    Client, ErrorKind, Result,
    host::HttpResponse,
    methods::{
        ClientMethod, GroupsGet, GroupsList, ItemsArchive, ItemsGet, ItemsGetAll, SecretsResolve, UsersGet, UsersList,
        VaultsGet, VaultsGetOverview,
    },
    types::{GroupGetParams, VaultGetParams},
};
use op_testkit::{TestAccount, Wire, account::new_vault};

use crate::support::id;

/// Makes the server's answers to requests with `asked` in their path those to requests with `other`, which were seen before.
/// They stay valid, as they are of the same session.
fn mix_up(wire: &Wire, other: &str, asked: &str) {
    let (other, asked) = (other.to_owned(), asked.to_owned());
    let seen: Arc<Mutex<Option<HttpResponse>>> = Arc::default();
    wire.tamper(move |request, response| {
        let mut seen = seen.lock().unwrap();
        if request.url.contains(&other) {
            *seen = Some(response.clone());
        }
        match &*seen {
            Some(seen) if request.url.contains(&asked) => Ok(seen.clone()),
            _ => Ok(response),
        }
    });
}

#[track_caller]
fn assert_refused<T>(result: Result<T>, noun: &str, asked: &str) {
    let Err(error) = result else { panic!("the {noun} that came is another one") };
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    let problem = format!("the server answered with another {noun} than the one asked for, {asked}");
    assert!(error.message().ends_with(&problem), "{error:?}");
}

fn get_item(vault_id: &str, item_id: &str) -> ItemsGet {
    ItemsGet { vault_id: id(vault_id), item_id: id(item_id) }
}

async fn account() -> (TestAccount, Arc<Wire>, Client) {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let client = account.owner_on(wire.clone()).await;
    (account, wire, client)
}

#[tokio::test]
async fn items() {
    let (account, wire, client) = account().await;
    let (vault, other, item) =
        (&account.vault_id, account.login("A", "1").await.id.clone(), account.login("B", "2").await.id.clone());
    mix_up(&wire, &other, &item);
    get_item(vault, &other).run(&client).await.unwrap();
    assert_refused(get_item(vault, &item).run(&client).await, "item", &item);
    let secret_reference = format!("op://{vault}/{item}/password");
    assert_refused(SecretsResolve { secret_reference }.run(&client).await, "item", &item);
    let archive = ItemsArchive { vault_id: id(vault), item_id: id(&item) };
    assert_refused(archive.run(&client).await, "item", &item);
    wire.repair();
    assert_eq!(get_item(vault, &item).run(&client).await.unwrap().title, "B");
}

#[tokio::test]
async fn items_of_a_batch() {
    let (account, wire, client) = account().await;
    let (a, b) = (account.login("A", "1").await.id.clone(), account.login("B", "2").await.id.clone());
    let all =
        |ids: [&String; 2]| ItemsGetAll { vault_id: id(&account.vault_id), item_ids: ids.map(Clone::clone).to_vec() };
    let asked = Arc::new(Mutex::new(None));
    let first = asked.clone();
    wire.tamper(move |request, response| {
        if !request.url.contains("/batch") {
            return Ok(response);
        }
        Ok(first.lock().unwrap().get_or_insert(response).clone())
    });
    all([&a, &b]).run(&client).await.unwrap();
    let c = account.login("C", "3").await.id.clone();
    let Err(error) = all([&a, &c]).run(&client).await else { panic!("the second item is another one") };
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
    assert!(error.message().contains("another item than the one asked for"), "{error:?}");
}

#[tokio::test]
async fn vaults() {
    let (account, wire, client) = account().await;
    let other = new_vault(&account.owner, "Other").await;
    let vault = &account.vault_id;
    let get = |vault_id: &str| VaultsGet { vault_id: id(vault_id), vault_params: VaultGetParams { accessors: None } };
    mix_up(&wire, &other, vault);
    get(&other).run(&client).await.unwrap();
    assert_refused(get(vault).run(&client).await, "vault", vault);
    assert_refused(VaultsGetOverview { vault_id: id(vault) }.run(&client).await, "vault", vault);
    let accessors = VaultsGet { vault_params: VaultGetParams { accessors: Some(true) }, ..get(vault) };
    assert_refused(accessors.run(&client).await, "vault", vault);
}

#[tokio::test]
async fn groups() {
    let (_account, wire, client) = account().await;
    let groups = GroupsList {}.run(&client).await.unwrap();
    let get =
        |group_id: &str| GroupsGet { group_id: id(group_id), group_params: GroupGetParams { vault_permissions: None } };
    mix_up(&wire, &groups[0].id, &groups[1].id);
    get(&groups[0].id).run(&client).await.unwrap();
    assert_refused(get(&groups[1].id).run(&client).await, "group", &groups[1].id);
}

#[tokio::test]
async fn people() {
    let (account, wire, client) = account().await;
    account.person("ada@example.com").await;
    let people = UsersList {}.run(&client).await.unwrap();
    mix_up(&wire, &people[0].id, &people[1].id);
    UsersGet { user_id: id(&people[0].id) }.run(&client).await.unwrap();
    let other = UsersGet { user_id: id(&people[1].id) }.run(&client).await;
    assert_refused(other, "user", &people[1].id);
}
