use op_protocol::permissions::{
    ALL, ARCHIVE_ITEMS, CREATE_ITEMS, DELETE_ITEMS, MANAGE_VAULT, READ_ITEMS, REVEAL_ITEM_PASSWORD, UPDATE_ITEMS,
};
use op_protocol::rest::{ItemResponse, ItemState, VaultRecord, failed_item};
use op_testkit::TestServer;
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Person, create_account, new_id, new_item, next, owner, sealed};

const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;

/// Every route of a vault, with a body where it takes one.
fn routes(vault: &str, item: &str) -> Vec<(Method, String, Option<Value>)> {
    vec![
        (Method::GET, format!("/api/v3/vault/{vault}?attrs=combined-access"), None),
        (Method::GET, format!("/api/v1/vault/{vault}/items/overviews"), None),
        (Method::GET, format!("/api/v1/vault/{vault}/item/{item}"), None),
        (Method::POST, format!("/api/v3/vault/{vault}/items/batch"), Some(json!({"itemUuids": [item]}))),
        (Method::PATCH, format!("/api/v3/vault/{vault}/2/items"), Some(json!([new_item("intruder")]))),
    ]
}

/// A service account with exactly these permissions, whatever else they need beside them.
async fn program_with(server: &TestServer, boss: &Client, vault: &str, acl: u32) -> Person {
    let program = boss.make_service_account(vault, READ).await;
    let user = &program.user.uuid;
    server.execute(&format!("UPDATE vault_access SET acl = {acl} WHERE accessor_uuid = '{user}'")).await;
    program
}

#[tokio::test]
async fn another_accounts_vault_does_not_exist() {
    let server = TestServer::start().await;
    let (alice, mallory) = (owner(&server).await, owner(&server).await);
    let vault = alice.make_vault().await;
    let item = new_item("secret");
    alice.change(&vault, &item).await;
    for (method, path, body) in routes(&vault, &item.uuid) {
        let foreign = mallory.send(method.clone(), &path, body.as_ref()).await.refused(404);
        let missing_path = path.replace(&vault, &new_id());
        let missing = mallory.send(method, &missing_path, body.as_ref()).await.refused(404);
        assert_eq!(foreign["errorMessage"], missing["errorMessage"], "{path}");
    }
    let mut malformed = new_item("malformed");
    malformed.updated_at = "never".to_owned();
    mallory.patch(&vault, 2, &[malformed]).await.refused(404);
    let vaults: Vec<VaultRecord> = mallory.open(&mallory.get("/api/v1/vaults?attrs=combined-access").await);
    assert!(vaults.is_empty());
}

#[tokio::test]
async fn each_right_opens_what_it_is_for() {
    let server = TestServer::start().await;
    let boss = owner(&server).await;
    let vault = boss.make_vault().await;
    let item = new_item("shared");
    boss.change(&vault, &item).await;
    // Per route of `routes`: vault, overviews, item, batch, patch.
    for (acl, expected) in [
        (READ_ITEMS, [200, 200, 403, 403, 403]),
        (READ, [200, 200, 200, 200, 403]),
        (REVEAL_ITEM_PASSWORD, [200, 403, 403, 403, 403]),
        (CREATE_ITEMS, [200, 403, 403, 403, 200]),
        (MANAGE_VAULT, [200, 403, 403, 403, 403]),
    ] {
        let program = Client::sign_in(&server.url, &program_with(&server, &boss, &vault, acl).await).await;
        for ((method, path, mut body), status) in routes(&vault, &item.uuid).into_iter().zip(expected) {
            let path = if method == Method::PATCH {
                body = Some(json!([new_item("another")]));
                format!("/api/v3/vault/{vault}/{}/items", boss.vault(&vault).await.content_version)
            } else {
                path
            };
            let answer = program.send(method, &path, body.as_ref()).await;
            assert_eq!(answer.status, status, "acl {acl}: {path}");
        }
    }
}

#[tokio::test]
async fn each_element_of_a_patch_needs_its_right() {
    let server = TestServer::start().await;
    let boss = owner(&server).await;
    let vault = boss.make_vault().await;
    let rights = [CREATE_ITEMS, UPDATE_ITEMS, ARCHIVE_ITEMS, DELETE_ITEMS];
    for (index, acl) in rights.into_iter().enumerate() {
        let program = Client::sign_in(&server.url, &program_with(&server, &boss, &vault, READ | acl).await).await;
        let item = new_item("theirs");
        boss.change(&vault, &item).await;
        let elements = [
            new_item("mine"),
            next(&item, 1, ItemState::Active),
            next(&item, 1, ItemState::Archived),
            next(&item, 1, ItemState::Deleted),
        ];
        for (which, element) in elements.iter().enumerate() {
            if which == index {
                continue;
            }
            let refused = program.change(&vault, element).await;
            assert_eq!(refused.failed_items.unwrap().get(&element.uuid), Some(&failed_item::NO_PERMISSION));
        }
        let allowed = program.change(&vault, &elements[index]).await;
        assert_eq!(allowed.failed_items, None);
        assert!(allowed.updated_items.unwrap().contains_key(&elements[index].uuid));
    }
}

#[tokio::test]
async fn whoever_may_only_archive_cannot_change_content() {
    let server = TestServer::start().await;
    let boss = owner(&server).await;
    let vault = boss.make_vault().await;
    let program = Client::sign_in(&server.url, &program_with(&server, &boss, &vault, READ | ARCHIVE_ITEMS).await).await;
    let item = new_item("kept");
    boss.change(&vault, &item).await;
    program.change(&vault, &next(&item, 1, ItemState::Archived)).await;
    let stored: ItemResponse = boss.open(&boss.get(&format!("/api/v1/vault/{vault}/item/{}", item.uuid)).await);
    assert_eq!((stored.item.trashed, stored.item.item_version), (ItemState::Archived, 2));
    assert_eq!((stored.item.enc_overview, stored.item.enc_details), (item.enc_overview, Some(item.enc_details)));
}

#[tokio::test]
async fn a_vault_shows_what_was_asked_for() {
    let server = TestServer::start().await;
    let boss = owner(&server).await;
    let vault = boss.make_vault().await;
    let program = Client::sign_in(&server.url, &boss.make_service_account(&vault, READ).await).await;

    let path = format!("/api/v3/vault/{vault}");
    let plain: Value = boss.open(&boss.get(&path).await);
    assert!(plain.get("combinedAccess").is_none() && plain.get("access").is_none());
    assert_eq!((&plain["type"], &plain["contentVersion"]), (&json!("U"), &json!(1)));
    let full: VaultRecord = boss.open(&boss.get(&format!("{path}?attrs=accessors,combined-access")).await);
    let own = full.combined_access.unwrap();
    assert_eq!((own.acl, own.accessor_uuid.as_str()), (ALL, boss.person.user.uuid.as_str()));
    assert!(own.access_version.is_some());
    assert_eq!(full.access.unwrap().len(), 2, "a manager sees every accessor");
    let theirs: VaultRecord = program.open(&program.get(&format!("{path}?attrs=accessors%2Ccombined-access")).await);
    assert_eq!(theirs.combined_access.unwrap().acl, READ);
    assert_eq!(theirs.access.unwrap().len(), 1, "others see their own");
    let vaults: Vec<VaultRecord> = program.open(&program.get("/api/v1/vaults?attrs=combined-access").await);
    assert_eq!(vaults.iter().map(|vault| vault.uuid.as_str()).collect::<Vec<_>>(), [vault.as_str()]);
    assert!(vaults[0].combined_access.is_some());
}

#[tokio::test]
async fn a_vault_needs_a_manager_of_the_same_account() {
    let server = TestServer::start().await;
    let (boss, stranger) = (owner(&server).await, owner(&server).await);
    let body = |access: Value, kind: &str| json!({"uuid": access[0]["vaultUuid"], "type": kind, "encAttrs": sealed("vault-key", "attributes"), "access": access});
    let vault = new_id();
    let own = boss.person.access(&vault, ALL);
    let refused = [
        body(json!([boss.person.access(&vault, READ)]), "U"),
        body(json!([stranger.person.access(&vault, ALL)]), "U"),
        body(json!([own, stranger.person.access(&vault, READ)]), "U"),
        body(json!([own, boss.person.access(&new_id(), READ), stranger.person.access(&vault, READ)]), "U"),
        body(json!([own]), "P"),
        body(json!([own]), "X"),
    ];
    for body in &refused {
        boss.post("/api/v2/vault", body).await.refused(400);
    }
    boss.post("/api/v2/vault", &body(json!([own]), "U")).await.succeeded();
    boss.post("/api/v2/vault", &body(json!([own]), "U")).await.refused(409);
    let access = boss.open::<VaultRecord>(&boss.get(&format!("/api/v3/vault/{vault}?attrs=accessors")).await).access;
    assert_eq!(access.unwrap().len(), 1);
}

#[tokio::test]
async fn service_accounts_get_no_more_than_their_maker_has() {
    let server = TestServer::start().await;
    let (boss, stranger) = (owner(&server).await, owner(&server).await);
    let vault = boss.make_vault().await;
    let foreign = stranger.make_vault().await;
    let program = Person::new("program");
    let route = "/api/opwire/v1/service-accounts";
    let body = |access: Value| json!({"user": program.user, "vaults": access});

    boss.post(route, &body(json!([program.access(&foreign, READ)]))).await.refused(404);
    boss.post(route, &body(json!([program.access(&new_id(), READ)]))).await.refused(404);
    boss.post(route, &body(json!([program.access(&vault, 0)]))).await.refused(400);
    boss.post(route, &body(json!([program.access(&vault, 1 << 31)]))).await.refused(400);
    boss.post(route, &body(json!([Person::new("other").access(&vault, READ)]))).await.refused(400);
    let mut unformed = body(json!([]));
    unformed["user"]["verifier"] = json!("no hex");
    boss.post(route, &unformed).await.refused(400);

    boss.post(route, &body(json!([program.access(&vault, READ | MANAGE_VAULT)]))).await.succeeded();
    boss.post(route, &body(json!([]))).await.refused(409);
    let manager = Client::sign_in(&server.url, &program).await;
    let second = Person::new("second");
    let grant = json!({"user": second.user, "vaults": [second.access(&vault, READ)]});
    manager.post(route, &grant).await.refused(403);
    let own = json!({"uuid": new_id(), "type": "U", "encAttrs": sealed("k", "a"), "access": []});
    manager.post("/api/v2/vault", &own).await.refused(403);
}

#[tokio::test]
async fn personal_vaults_are_closed_to_programs() {
    let server = TestServer::start().await;
    let boss = owner(&server).await;
    let vault = boss.make_vault().await;
    for kind in ["P", "E", "T"] {
        // No route makes such a vault yet.
        server.execute(&format!("UPDATE vaults SET type = '{kind}'")).await;
        let program = Person::new("program");
        let body = json!({"user": program.user, "vaults": [program.access(&vault, READ)]});
        boss.post("/api/opwire/v1/service-accounts", &body).await.refused(400);
    }
}

#[tokio::test]
async fn accounts_need_the_setup_token() {
    let server = TestServer::start().await;
    let person = Person::new("owner");
    for token in ["", "wrong", &server.setup_token[1..], &format!("{}x", server.setup_token)] {
        create_account(&server, &person, token).await.refused(401);
    }
    create_account(&server, &person, &server.setup_token).await.succeeded();
    create_account(&server, &person, &server.setup_token).await.refused(409);
    let file = server.dir.join("setup-token");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), server.setup_token);
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777, 0o600);
    let server = server.restart(|config| config.registration = op_server::Registration::Closed).await;
    create_account(&server, &Person::new("late"), &server.setup_token).await.refused(403);
}

#[tokio::test]
async fn the_account_says_who_one_is() {
    let server = TestServer::start().await;
    let boss = owner(&server).await;
    let vault = boss.make_vault().await;
    let account: Value = boss.open(&boss.get("/api/v3/account?attrs=me").await);
    assert_eq!((&account["name"], &account["me"]["email"]), (&json!("Acme"), &json!(boss.person.user.email)));
    for member in ["uuid", "type", "state", "avatar", "attrVersion", "createdAt", "baseAvatarURL", "baseAttachmentURL"]
    {
        assert!(account.get(member).is_some(), "{member}");
    }
    for member in ["uuid", "createdAt", "name", "attrVersion", "state", "type", "avatar", "preferences"] {
        assert!(account["me"].get(member).is_some(), "me.{member}");
    }
    let program = Client::sign_in(&server.url, &boss.make_service_account(&vault, READ).await).await;
    let account: Value = program.open(&program.get("/api/v3/account?attrs=me").await);
    assert_eq!(account["me"]["type"], "S");
    // The official clients refuse anything else.
    assert!(account["me"]["preferences"].is_u64());
    for url in ["baseAvatarURL", "baseAttachmentURL"] {
        assert!(account[url].as_str().unwrap().starts_with("https://"), "{url}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands where an id belongs, a vault of one's own is not reached by it, and nothing breaks.
    #[test]
    fn odd_ids_are_the_ids_of_nothing(id in "[ -~é]{0,40}") {
        static RUNTIME: std::sync::OnceLock<(tokio::runtime::Runtime, TestServer, Client)> = std::sync::OnceLock::new();
        let (runtime, _, client) = RUNTIME.get_or_init(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let (server, client) = runtime.block_on(async {
                let server = TestServer::start().await;
                let client = owner(&server).await;
                client.make_vault().await;
                (server, client)
            });
            (runtime, server, client)
        });
        let escaped: String = id.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = runtime.block_on(client.get(&format!("/api/v1/vault/{escaped}/items/overviews")));
        prop_assert_eq!(answer.status.as_u16(), 404);
    }
}
