//! Tests two servers over one PostgreSQL database.

use std::time::Duration;

use op_protocol::b64;
use op_protocol::permissions::{ALL, READ_ITEMS, REVEAL_ITEM_PASSWORD};
use op_protocol::rest::{AccessorType, AuthResponse, AuthStartResponse, ConfirmKeyResponse, VaultRecord};
use op_protocol::session::SessionKeys;
use op_protocol::srp::{self, Params};
use op_testkit::postgres::{Durability, Postgres};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{Data, Server};
use crate::support::{Client, confirm, new_id, new_item, post, random, sealed, start};
use crate::team::{GROUPS, Team, add_member, group_access, remove_member};

/// PostgreSQL and two servers, each with its own folder.
struct Pair {
    one: Server,
    two: Server,
    postgres: Postgres,
    _folders: [TempDir; 2],
}

impl Pair {
    /// Starts both at once over an empty database.
    async fn start(arguments: &[&str]) -> Self {
        let postgres = Postgres::start(Durability::None).await;
        let url = postgres.new_database().await;
        let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let [one, two] = std::thread::scope(|scope| {
            let start = |folder: &TempDir| {
                let (path, url) = (folder.path().to_owned(), url.clone());
                scope.spawn(move || Server::start(Data { folder: &path, database: Some(&url) }, arguments))
            };
            folders.each_ref().map(start).map(|started| started.join().unwrap())
        });
        Self { one, two, postgres, _folders: folders }
    }
}

fn at(client: &mut Client, server: &Server) {
    client.base.clone_from(&server.url);
}

#[tokio::test]
async fn they_serve_one_client_in_turn() {
    let pair = Pair::start(&[]).await;
    assert_eq!(pair.one.setup_token, pair.two.setup_token);
    let mut client = pair.one.owner().await;
    let vault = client.make_vault().await;
    let mut version = 1;
    for server in [&pair.two, &pair.one, &pair.two] {
        at(&mut client, server);
        assert_eq!(client.vault(&vault).await.content_version, version);
        version = client.change(&vault, &new_item("an item")).await.content_version;
    }
    assert_eq!(version, 4);
}

#[tokio::test]
async fn a_sign_in_may_use_both_servers() {
    let pair = Pair::start(&[]).await;
    let person = pair.one.owner().await.person;
    let started: AuthStartResponse = start(&pair.two.url, &person.user.email).await.json();
    let session = started.session_id;
    let own = srp::Client::new(&person.x, random());
    let body = json!({"userA": own.public_key_hex()});
    let answer: AuthResponse = post(&pair.one.url, "/api/v2/auth", Some(&session), &body).await.json();
    let salt = b64::decode(&started.user_auth.unwrap().salt).unwrap();
    let params = Params { email: &person.user.email, secret_key_id: "ABCDEF", salt: &salt };
    let proof = own.finish(&answer.user_b, &params).unwrap();
    let confirmed: ConfirmKeyResponse = confirm(&pair.two.url, &session, &proof.m1).await.json();
    proof.verify_server(&b64::decode(&confirmed.server_verify_hash).unwrap()).unwrap();
    confirm(&pair.one.url, &session, &proof.m1).await.refused(401);

    let keys = SessionKeys::new(session, &proof.session_key);
    let mut client = Client::with_keys(&pair.one.url, person, keys);
    let _: Value = client.open(&client.complete().await);
    at(&mut client, &pair.two);
    assert_eq!(client.get("/api/v1/vaults").await.status, 200);
}

#[tokio::test]
async fn they_share_the_limits() {
    let mut pair = Pair::start(&["--reads-per-hour", "6"]).await;
    let owner = pair.one.owner().await;
    let vault = owner.make_vault().await;
    let mut program = pair.one.service_account(&owner, &vault).await;
    for server in [&pair.one, &pair.two, &pair.one] {
        at(&mut program, server);
        for _ in 0..2 {
            assert_eq!(program.get("/api/v1/vaults").await.status, 200);
        }
        // The servers exchange request counts once a second.
        tokio::time::sleep(Duration::from_millis(2_500)).await;
    }
    for server in [&pair.one, &pair.two] {
        at(&mut program, server);
        program.get("/api/v1/vaults").await.refused(429);
    }
    // The limit still holds after a server was killed.
    pair.one.kill();
    program.get("/api/v1/vaults").await.refused(429);
}

#[tokio::test]
async fn they_answer_an_unknown_address_alike() {
    let pair = Pair::start(&[]).await;
    let mut salts = Vec::new();
    for server in [&pair.one, &pair.two] {
        let started: AuthStartResponse = start(&server.url, "nobody@example.com").await.json();
        salts.push(started.user_auth.unwrap().salt);
    }
    assert_eq!(salts[0], salts[1]);
}

#[tokio::test]
async fn one_continues_when_the_other_is_killed() {
    let mut pair = Pair::start(&[]).await;
    let mut client = pair.one.owner().await;
    let vault = client.make_vault().await;
    client.change(&vault, &new_item("an item")).await;
    pair.one.kill();
    at(&mut client, &pair.two);
    assert_eq!(client.vault(&vault).await.content_version, 2);
    client.change(&vault, &new_item("another")).await;
}

/// The servers reconnect after PostgreSQL crashed. Sessions are lost, but no writes.
#[tokio::test]
async fn they_survive_a_crash_of_the_database() {
    let mut pair = Pair::start(&[]).await;
    let client = pair.one.owner().await;
    let vault = client.make_vault().await;
    client.change(&vault, &new_item("an item")).await;
    pair.postgres.crash_and_restart().await;
    for server in [&pair.one, &pair.two] {
        // Each connection that the crash broke fails at most one request, and with it the sign-in that sent it.
        let mut again = None;
        for _ in 0..10 {
            let (url, person) = (server.url.clone(), client.person.clone());
            if let Ok(signed_in) = tokio::spawn(async move { Client::sign_in(&url, &person).await }).await {
                again = Some(signed_in);
                break;
            }
        }
        let again = again.expect("the server answers again");
        let answer = again.send(Method::GET, &format!("/api/v3/vault/{vault}"), None).await;
        assert_eq!(answer.status, 200);
    }
}

/// Returns the owner, signed in at one server, and an administrator, signed in at the other.
async fn administrators(pair: &Pair) -> (Team, Client) {
    let team = pair.one.team().await;
    let mut other = team.administrator("administrator").await;
    at(&mut other, &pair.two);
    (team, other)
}

async fn shared_vault(team: &Team) -> String {
    let vault = new_id();
    let access = group_access(&team.administrators, &vault, ALL);
    team.owner.make_vault_for(&vault, &[access]).await.succeeded();
    vault
}

/// Returns the ids of the groups with access to a vault.
async fn groups(client: &Client, vault: &str) -> Vec<String> {
    let vault: VaultRecord = client.read(&format!("/api/v3/vault/{vault}?attrs=accessors")).await;
    let accesses = vault.access.unwrap().into_iter();
    accesses.filter(|access| access.accessor_type == AccessorType::Group).map(|access| access.accessor_uuid).collect()
}

#[tokio::test]
async fn two_administrators_change_one_vault_concurrently() {
    let pair = Pair::start(&[]).await;
    let (team, other) = administrators(&pair).await;
    for _ in 0..8 {
        let vault = shared_vault(&team).await;

        // Both grant access, and neither grant is lost.
        let [one, two] = [&team.members, &team.recovery].map(|group| [group_access(group, &vault, READ_ITEMS)]);
        let (one, two) = tokio::join!(team.owner.grant(&vault, &one), other.grant(&vault, &two));
        one.succeeded();
        two.succeeded();
        assert_eq!(groups(&other, &vault).await.len(), 3);

        // Both rename the vault, and one of them gets a conflict.
        let path = format!("/api/v3/vault/{vault}/attrs");
        let version = team.owner.vault(&vault).await.attr_version;
        let body = json!({"uuid": vault, "type": "U", "encAttrs": sealed("vault-key", "name"), "attrVersion": version});
        let (one, two) = tokio::join!(team.owner.put(&path, &body), other.put(&path, &body));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);

        // One revokes the access that the other changes. It is revoked, whichever came first.
        let path = format!("/api/v1/vault/{vault}/group/{}", team.members.uuid);
        let change = [group_access(&team.members, &vault, READ_ITEMS | REVEAL_ITEM_PASSWORD)];
        let body = json!([{"groupUuid": team.members.uuid, "vaultUuid": vault, "permission": change[0].acl}]);
        let changing = other.send(Method::PATCH, "/api/v2/acl/groups", Some(&body));
        let (revoked, changed) = tokio::join!(team.owner.delete(&path), changing);
        revoked.succeeded();
        assert!([200, 404, 409].contains(&changed.status.as_u16()), "{}", changed.status);
        assert!(!groups(&other, &vault).await.contains(&team.members.uuid));
    }
}

#[tokio::test]
async fn two_administrators_change_one_group_concurrently() {
    let pair = Pair::start(&[]).await;
    let (team, other) = administrators(&pair).await;
    let (one, two) = (team.join("one").await.person, team.join("two").await.person);
    for _ in 0..8 {
        let group = team.make_group(&[&team.owner.person]).await;
        // Each adds one person, and both become members.
        let (added, also) = tokio::join!(add_member(&team.owner, &group, &one), add_member(&other, &group, &two));
        added.succeeded();
        also.succeeded();
        // Both remove the same person, which is done once.
        let (removed, again) =
            tokio::join!(remove_member(&team.owner, &group, &one), remove_member(&other, &group, &one));
        let mut statuses = [removed.status.as_u16(), again.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200);
        let members: Value = other.read(&format!("{GROUPS}/{}/members", group.uuid)).await;
        let members = members.to_string();
        assert!(members.contains(&two.user.uuid) && !members.contains(&one.user.uuid), "{members}");
    }
}
