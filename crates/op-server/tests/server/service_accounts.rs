//! Service accounts after they were made.

use op_protocol::permissions::{ALL, MANAGE_VAULT, READ_ITEMS, REVEAL_ITEM_PASSWORD};
use op_protocol::rest::{ServiceAccount, UserState, VaultRecord, VaultType};
use op_testkit::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Person, confirm, exchange, new_id, sealed};
use crate::team::{Team, add_member, group_access};

const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;
const ROUTE: &str = "/api/opwire/v1/service-accounts";

#[tokio::test]
async fn service_accounts_are_listed_rotated_and_revoked() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let program = team.owner.make_service_account(&vault, READ).await;
    let session = Client::sign_in(&server.url, &program).await;
    let listed: Vec<ServiceAccount> = team.owner.read(ROUTE).await;
    let [only] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(
        (&only.uuid, only.state.known(), only.vaults[0].acl),
        (&program.user.uuid, Some(UserState::Active), READ)
    );

    let mut rotated = Person::new("program");
    (rotated.user.uuid, rotated.user.email) = (program.user.uuid.clone(), program.user.email.clone());
    let path = format!("{ROUTE}/{}", program.user.uuid);
    let body = |access: Value| json!({"user": rotated.user, "vaults": access});
    team.owner.put(&path, &body(json!([]))).await.refused(400);
    team.owner.put(&path, &body(json!([rotated.access(&vault, READ_ITEMS)]))).await.refused(400);
    team.owner.put(&path, &body(json!([program.access(&vault, READ)]))).await.refused(400);
    assert_eq!(session.get("/api/v1/vaults").await.status, 200, "nothing happened");
    team.owner.put(&path, &body(json!([rotated.access(&vault, READ)]))).await.succeeded();
    session.get("/api/v1/vaults").await.refused(401);
    let old = exchange(&server.url, &program).await;
    confirm(&server.url, &old.session, &old.proof.m1).await.refused(401);
    let session = Client::sign_in(&server.url, &rotated).await;
    let access = session.vault(&vault).await.combined_access.unwrap();
    assert_eq!((access.acl, access.encrypted_by), (READ, rotated.user.keyset.uuid.clone()));

    team.owner.delete(&path).await.succeeded();
    session.get("/api/v1/vaults").await.refused(401);
    Client::confirmed(&server.url, &rotated).await.complete().await.refused(403);
    team.owner.delete(&path).await.refused(404);
    let listed: Vec<ServiceAccount> = team.owner.read(ROUTE).await;
    assert_eq!((listed[0].state.known(), listed[0].vaults.len()), (Some(UserState::Deleted), 0));
}

#[tokio::test]
async fn nobody_gets_a_token_for_more_than_they_may_do() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let program = team.owner.make_service_account(&vault, READ).await;
    let administrator = team.join("administrator").await;
    add_member(&team.owner, &team.administrators, &administrator.person).await.succeeded();
    team.owner.grant(&vault, &[administrator.person.access(&vault, READ_ITEMS | MANAGE_VAULT)]).await.succeeded();

    let mut rotated = Person::new("program");
    (rotated.user.uuid, rotated.user.email) = (program.user.uuid.clone(), program.user.email.clone());
    let path = format!("{ROUTE}/{}", program.user.uuid);
    let body = json!({"user": rotated.user, "vaults": [rotated.access(&vault, READ)]});
    let refused = administrator.put(&path, &body).await.refused(403);
    assert_eq!(refused["errorMessage"], "this needs REVEAL_ITEM_PASSWORD");
    Client::sign_in(&server.url, &program).await;
    team.owner.put(&path, &body).await.succeeded();
}

#[tokio::test]
async fn a_service_account_keeps_what_it_was_made_with() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (first, second) = (team.owner.make_vault().await, team.owner.make_vault().await);
    let program = team.owner.make_service_account(&first, READ).await;
    team.owner.grant(&second, &[program.access(&second, READ)]).await.refused(400);
    team.owner.grant(&first, &[program.access(&first, ALL)]).await.refused(400);
    add_member(&team.owner, &team.administrators, &program).await.refused(400);
    let personal: Vec<VaultRecord> = team.owner.read("/api/v1/vaults").await;
    let personal = &personal.iter().find(|vault| vault.kind == VaultType::Personal).unwrap().uuid;
    let other = Person::new("other");
    let body = json!({"user": other.user, "vaults": [other.access(personal, READ)]});
    team.owner.post(ROUTE, &body).await.refused(400);
}

#[tokio::test]
async fn a_service_account_manages_the_vaults_that_it_made() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let given = team.owner.make_vault().await;
    let person = Person::new("program");
    let body = json!({"user": person.user, "vaults": [person.access(&given, READ)], "canCreateVaults": true});
    team.owner.post(ROUTE, &body).await.succeeded();
    let program = Client::sign_in(&server.url, &person).await;
    let vault = new_id();
    let access = [group_access(&team.recovery, &vault, 1), group_access(&team.administrators, &vault, MANAGE_VAULT)];
    program.make_vault_for(&vault, &access).await.succeeded();
    program.grant(&vault, &[group_access(&team.members, &vault, READ)]).await.succeeded();
    let change = json!([{"groupUuid": team.members.uuid, "vaultUuid": vault, "permission": READ_ITEMS}]);
    program.send(Method::PATCH, "/api/v2/acl/groups", Some(&change)).await.succeeded();
    let attributes = json!({"uuid": vault, "type": "U", "encAttrs": sealed("vault-key", "n"), "attrVersion": 1});
    program.put(&format!("/api/v3/vault/{vault}/attrs"), &attributes).await.succeeded();
    program.delete(&format!("/api/v1/vault/{vault}/group/{}", team.members.uuid)).await.succeeded();
    program.grant(&given, &[group_access(&team.members, &given, READ)]).await.refused(403);
    program.delete(&format!("/api/v4/vault/{vault}")).await.succeeded();
}
