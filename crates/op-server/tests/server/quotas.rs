//! How much one user, vault or account may store.

use op_protocol::permissions::READ_ITEMS;
use op_protocol::rest::{GroupType, ItemPatch, ItemState, PatchResponse, failed_item};
use op_testkit::TestServer;
use serde_json::json;

use crate::rotation::Rotation;
use crate::support::{Answer, Client, Person, new_id, new_item, next, owner, random, sealed};
use crate::team::{GROUPS, INVITES, Secret, Team, invite, invite_body, new_group};

const OVERVIEW: usize = 64 * 1024;

/// The code with which a change of one item is refused.
async fn refusal(client: &Client, vault: &str, item: &ItemPatch) -> Option<u32> {
    let answer: PatchResponse = client.change(vault, item).await;
    answer.failed_items.and_then(|failed| failed.get(&item.uuid).copied())
}

#[tokio::test]
async fn overviews_have_64_kib_at_most() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let full = ItemPatch { enc_overview: sealed("vault-key", &"o".repeat(OVERVIEW)), ..new_item("full") };
    assert_eq!(refusal(&client, &vault, &full).await, None);
    let over = |item: ItemPatch| ItemPatch { enc_overview: sealed("vault-key", &"o".repeat(OVERVIEW + 3)), ..item };
    assert_eq!(refusal(&client, &vault, &over(new_item("over"))).await, Some(failed_item::TOO_BIG));
    for state in [ItemState::Active, ItemState::Archived] {
        assert_eq!(refusal(&client, &vault, &over(next(&full, 1, state))).await, Some(failed_item::TOO_BIG));
    }

    let rotation = Rotation::new(&client, &vault);
    let with = |size: usize| {
        let overview = sealed(&rotation.key, &"o".repeat(size));
        json!([{"uuid": full.uuid, "itemVersion": 1, "encOverview": overview, "encDetails": sealed(&rotation.key, "")}])
    };
    let path = format!("{}/items", rotation.path());
    let body = client.put(&path, &with(OVERVIEW + 3)).await.refused(413);
    assert!(body["errorMessage"].as_str().unwrap().contains(&full.uuid), "{body}");
    client.put(&path, &with(OVERVIEW)).await.succeeded();

    // However large it is: it can be deleted.
    assert_eq!(refusal(&client, &vault, &over(next(&full, 1, ItemState::Deleted))).await, None);
}

/// Asserts a refusal that names the limit and what to do.
fn too_many(answer: &Answer, limit: &str, remedy: &str) {
    let body = answer.refused(400);
    let message = body["errorMessage"].as_str().unwrap();
    assert!(message.contains(limit) && message.contains(remedy), "{message}");
}

/// The statement that copies the rows of a table for which `of` holds. `i` counts the copies.
fn copies(count: u32, table: &str, of: &str, columns: &str, values: &str) -> String {
    format!(
        "INSERT INTO {table} ({columns})
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         SELECT {values} FROM n, {table} WHERE {of}"
    )
}

#[tokio::test]
async fn a_vault_has_500_000_items_at_most() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let (kept, deleted) = (new_item("kept"), new_item("deleted"));
    client.change(&vault, &kept).await;
    client.change(&vault, &deleted).await;
    server.execute(&format!("UPDATE vaults SET item_count = item_count + 499997 WHERE uuid = '{vault}'")).await;
    let refused = async |items: &[ItemPatch]| {
        let version = client.vault(&vault).await.content_version;
        too_many(&client.patch(&vault, version, items).await, "500000 items", "delete items");
        assert_eq!(client.vault(&vault).await.content_version, version);
    };
    refused(&[new_item("one"), new_item("two")]).await;
    assert_eq!(refusal(&client, &vault, &new_item("the last")).await, None);
    refused(&[new_item("one")]).await;
    // What is there goes on, archived items too. A deleted one makes room.
    assert_eq!(refusal(&client, &vault, &next(&kept, 1, ItemState::Archived)).await, None);
    refused(&[new_item("one")]).await;
    assert_eq!(refusal(&client, &vault, &next(&deleted, 1, ItemState::Deleted)).await, None);
    assert_eq!(refusal(&client, &vault, &new_item("one")).await, None);
    refused(&[new_item("two")]).await;
}

#[tokio::test]
async fn an_account_has_10_000_vaults_at_most() {
    let server = TestServer::start().await;
    let owner = Team::on(&server).await.owner;
    let vault = owner.make_vault().await;
    let columns = "uuid, account_uuid, type, enc_attrs, created_at, updated_at";
    let values = "'copy-' || i, account_uuid, type, enc_attrs, created_at, updated_at";
    server.execute(&copies(9_998, "vaults", &format!("uuid = '{vault}'"), columns, values)).await;
    owner.make_vault().await;
    too_many(&owner.make_vault_for(&new_id(), &[]).await, "10000 vaults", "delete");
    owner.delete(&format!("/api/v4/vault/{vault}")).await.succeeded();
    owner.make_vault().await;
}

#[tokio::test]
async fn an_account_has_1_000_groups_at_most() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let group = team.make_group(&[&team.owner.person]).await;
    let columns = "uuid, account_uuid, type, name, description, keyset_uuid, keyset, created_at, updated_at";
    let values = "'copy-' || i, account_uuid, type, name, description, 'keys-' || i, keyset, created_at, updated_at";
    // There are the built-in groups and this one.
    let count = 1_000 - 4 - 1 - 1;
    server.execute(&copies(count, "account_groups", &format!("uuid = '{}'", group.uuid), columns, values)).await;
    let make = async || {
        let group = new_group(GroupType::UserDefined, &[&team.owner.person]);
        team.owner.post(GROUPS, &json!(group)).await
    };
    make().await.succeeded();
    too_many(&make().await, "1000 groups", "delete groups");
    team.owner.delete(&format!("{GROUPS}/{}", group.uuid)).await.succeeded();
    make().await.succeeded();
}

#[tokio::test]
async fn an_account_has_1_000_open_invitations_at_most() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let person = Person::new("person");
    let invited = invite(&team.owner, &person).await.invite;
    let columns = "uuid, account_uuid, email, name, secret_hash, creator_uuid, created_at, expires_at";
    let copied = async |count: u32, name: &str, expires_at: &str| {
        let values = format!(
            "'{name}-' || i, account_uuid, '{name}-' || i, name, secret_hash, creator_uuid, created_at, {expires_at}"
        );
        server.execute(&copies(count, "invites", &format!("uuid = '{invited}'"), columns, &values)).await;
    };
    copied(998, "open", "expires_at").await;
    copied(5, "expired", "1").await;
    let new = || Secret { invite: new_id(), text: op_protocol::b64::encode(&random::<32>()) };
    let invite = async |person: &Person| team.owner.post(INVITES, &invite_body(person, &new())).await;
    invite(&Person::new("other")).await.succeeded();
    too_many(&invite(&Person::new("one more")).await, "1000 open invitations", "delete invitations");
    // An invitation of somebody who is invited takes the earlier one's place.
    invite(&person).await.succeeded();
    team.owner.delete(&format!("{INVITES}/open-1")).await.refused(404);
    server.execute("UPDATE invites SET expires_at = 1 WHERE uuid = 'open-1'").await;
    invite(&Person::new("one more")).await.succeeded();
}

#[tokio::test]
async fn an_account_has_10_000_service_accounts_at_most() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let program = client.make_service_account(&vault, READ_ITEMS).await.user.uuid;
    let columns = "uuid, account_uuid, role, can_create_vaults, email, name, method, alg, iterations, salt,
                   secret_key_id, verifier, created_at, state";
    let values =
        "'copy-' || i, account_uuid, role, can_create_vaults, 'copy-' || i, name, method, alg, iterations, salt,
                  secret_key_id, verifier, created_at, state";
    server.execute(&copies(9_998, "users", &format!("uuid = '{program}'"), columns, values)).await;
    client.make_service_account(&vault, READ_ITEMS).await;
    let body = json!({"user": Person::new("program").user, "vaults": []});
    let path = "/api/opwire/v1/service-accounts";
    too_many(&client.post(path, &body).await, "10000 service accounts", "revoke");
    client.delete(&format!("{path}/{program}")).await.succeeded();
    client.post(path, &body).await.succeeded();
}

#[tokio::test]
async fn the_oldest_of_1_000_sessions_ends() {
    let server = TestServer::start().await;
    let oldest = owner(&server).await;
    let of = format!("id = '{}'", oldest.keys.id);
    let columns =
        "id, state, login_key, user_uuid, account_uuid, role, session_key, started_at, address, client, expires_at";
    let values =
        "'copy-' || i, state, login_key, user_uuid, account_uuid, role, session_key, 2, address, client, expires_at";
    server.execute_volatile(&copies(998, "sessions", &of, columns, values)).await;
    server.execute_volatile(&format!("UPDATE sessions SET started_at = 1 WHERE {of}")).await;
    let last = Client::sign_in(&server.url, &oldest.person).await;
    assert_eq!(oldest.get("/api/v1/vaults").await.status, 200);
    let newest = Client::sign_in(&server.url, &oldest.person).await;
    oldest.get("/api/v1/vaults").await.refused(401);
    for kept in [&last, &newest] {
        assert_eq!(kept.get("/api/v1/vaults").await.status, 200);
    }
}

#[tokio::test]
async fn what_unfinished_rotations_put_aside_is_bounded() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let item = new_item("item");
    client.change(&vault, &item).await;
    let rotations: Vec<_> = (0..5).map(|_| Rotation::new(&client, &vault)).collect();
    for rotation in &rotations {
        rotation.put_aside(&item, 1).await.succeeded();
        // What is no item of the vault is not stored.
        rotation.put_aside(&new_item("none"), 1).await.succeeded();
    }
    assert_eq!(server.rows("reencrypted_items").await.len(), 4);
    rotations[0].finish().await.refused(409);
    rotations[1].finish().await.succeeded();
    assert_eq!(server.rows("reencrypted_items").await.len() + server.rows("rotations").await.len(), 0);
}
