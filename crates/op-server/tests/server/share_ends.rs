//! What ends shares, and what does not.

use std::time::Duration;

use op_protocol::permissions::ALL;
use op_protocol::rest::{ItemPatch, ItemState, ShareState, VaultRecord};
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::links::{NewShare, SHARES, item_of, mailing_server, new_share, record};
use crate::support::{Client, new_id, new_item, next, owner, sealed, stored_files, until, with_files};
use crate::team::{Team, group_access};

const REVOKED: u32 = 41_003;

#[tokio::test]
async fn a_share_ends_with_its_sender() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("member").await;
    let (vault, item) = item_of(&team.owner).await;
    team.owner.grant(&vault, &[group_access(&team.members, &vault, 0x0010_0430)]).await.succeeded();
    let program = team.owner.make_service_account(&vault, ALL & !1).await;
    let program = Client::sign_in(&server.url, &program).await;
    let of_member =
        [new_share(&vault, &item, 1).create(&member).await, new_share(&vault, &item, 1).create(&member).await];
    let spent = new_share(&vault, &item, 1).max_views(1).create(&member).await;
    let open = spent.tab(&server.url);
    open.opened().await;
    let of_program = new_share(&vault, &item, 1).create(&program).await;
    let of_owner = new_share(&vault, &item, 1).create(&team.owner).await;

    let path = format!("/api/opwire/v1/users/{}/suspend", member.person.user.uuid);
    team.owner.send(reqwest::Method::POST, &path, None).await.succeeded();
    for share in &of_member {
        share.tab(&server.url).gone(REVOKED).await;
    }
    open.gone(REVOKED).await;
    of_program.tab(&server.url).opened().await;
    team.owner.delete(&format!("/api/opwire/v1/service-accounts/{}", program.person.user.uuid)).await.succeeded();
    of_program.tab(&server.url).gone(REVOKED).await;
    assert_eq!(record(&team.owner, &of_program).await.state, ShareState::Revoked);
    of_owner.tab(&server.url).opened().await;

    // A person who comes back does not bring their shares back.
    team.owner.send(reqwest::Method::POST, &path.replace("/suspend", "/reactivate"), None).await.succeeded();
    of_member[0].tab(&server.url).gone(REVOKED).await;
}

#[tokio::test]
async fn a_share_outlives_its_item_and_its_vault_with_its_files() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let (kept, dropped) = (client.uploaded(b"kept by a share").await, client.uploaded(b"dropped").await);
    let item = with_files(new_item("with files"), &[&kept, &dropped]);
    client.change(&vault, &item).await.updated_items.unwrap();
    let share = new_share(&vault, &item, 1).files(&[&kept]).create(&client).await;
    let other = new_share(&vault, &item, 1).files(&[&kept]).create(&client).await;
    let open = async |server: &TestServer, share: &NewShare| {
        let tab = share.tab(&server.url);
        tab.opened().await;
        assert_eq!(tab.file(&kept.file_id, &[]).await.body, b"kept by a share");
    };

    client.change(&vault, &with_files(next(&item, 1, ItemState::Active), &[&kept, &dropped])).await;
    open(&server, &share).await;
    client.change(&vault, &with_files(next(&item, 2, ItemState::Archived), &[&kept, &dropped])).await;
    open(&server, &share).await;
    let deleted = ItemPatch { file_references: None, ..next(&item, 3, ItemState::Deleted) };
    client.change(&vault, &deleted).await.updated_items.unwrap();
    client.download(&vault, &item.uuid, &kept.file_id).await.refused(404);
    let server = server.restart(|_| {}).await;
    until(|| stored_files(&server.dir) == 1).await;
    open(&server, &share).await;

    let client = Client::sign_in(&server.url, &client.person).await;
    client.delete(&format!("/api/v4/vault/{vault}")).await.succeeded();
    let server = server.restart(|_| {}).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    open(&server, &share).await;

    // The file goes with the last share that holds it.
    let client = Client::sign_in(&server.url, &client.person).await;
    client.delete(&format!("{SHARES}/{}", share.id())).await.succeeded();
    assert_eq!(server.rows("share_files").await.len(), 1);
    open(&server, &other).await;
    client.delete(&format!("{SHARES}/{}", other.id())).await.succeeded();
    let server = server.restart(|_| {}).await;
    until(|| stored_files(&server.dir) == 0).await;
}

#[tokio::test]
async fn a_file_of_a_spent_share_stays_while_it_is_open() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let file = client.uploaded(b"content").await;
    let item = with_files(new_item("with a file"), &[&file]);
    client.change(&vault, &item).await.updated_items.unwrap();
    let share = new_share(&vault, &item, 1).files(&[&file]).max_views(1).create(&client).await;
    let mut tab = share.tab(&server.url);
    tab.opened().await;
    let deleted = ItemPatch { file_references: None, ..next(&item, 1, ItemState::Deleted) };
    client.change(&vault, &deleted).await.updated_items.unwrap();
    let server = server.restart(|_| {}).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    tab.base.clone_from(&server.url);
    assert_eq!(tab.file(&file.file_id, &[]).await.body, b"content");
    server.execute("UPDATE share_tickets SET open_until = 1").await;
    let server = server.restart(|_| {}).await;
    until(|| stored_files(&server.dir) == 0).await;
}

/// The end of a rotation of the vault to this key, with these shares.
async fn rotation(client: &Client, vault: &str, key: &str, shares: &[&str]) -> Value {
    let path = format!("/api/v3/vault/{vault}?attrs=accessors,combined-access");
    let found: VaultRecord = client.read(&path).await;
    let mut access = found.access.unwrap();
    access.iter_mut().for_each(|access| access.vault_key_sn += 1);
    let shares: Vec<_> =
        shares.iter().map(|share| json!({"uuid": share, "encShareSecret": sealed(key, "the same secret")})).collect();
    json!({
        "encAttrs": sealed(key, "attributes"), "attrVersion": found.attr_version,
        "accessVersion": found.combined_access.unwrap().access_version, "access": access, "shares": shares,
    })
}

#[tokio::test]
async fn a_new_vault_key_seals_the_secrets_of_active_shares() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let (other_vault, other_item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).create(&client).await;
    let revoked = new_share(&vault, &item, 1).create(&client).await;
    let expired = new_share(&vault, &item, 1).create(&client).await;
    let elsewhere = new_share(&other_vault, &other_item, 1).create(&client).await;
    client.delete(&format!("{SHARES}/{}", revoked.id())).await.succeeded();
    server.execute(&format!("UPDATE shares SET expires_at = {} WHERE uuid = '{}'", now(), expired.id())).await;

    let key = new_id();
    let path = format!("/api/opwire/v1/vaults/{vault}/rotation/{key}");
    let aside = json!([{"uuid": item.uuid, "itemVersion": 1, "encOverview": sealed(&key, "o"), "encDetails": sealed(&key, "d")}]);
    client.put(&format!("{path}/items"), &aside).await.succeeded();
    let missing = client.post(&path, &rotation(&client, &vault, &key, &[]).await).await.refused(409);
    assert!(missing["errorMessage"].as_str().unwrap().contains("1 shares"), "{missing}");
    let mut wrong = rotation(&client, &vault, &key, &[share.id()]).await;
    wrong["shares"][0]["encShareSecret"]["kid"] = json!("vault-key");
    client.post(&path, &wrong).await.refused(400);
    // Whoever listed a share before it was revoked has sealed it in vain.
    let shares = [share.id(), revoked.id(), expired.id(), elsewhere.id()];
    client.post(&path, &rotation(&client, &vault, &key, &shares).await).await.succeeded();

    assert_eq!(record(&client, &share).await.enc_share_secret.unwrap().kid, key);
    assert_eq!(record(&client, &elsewhere).await.enc_share_secret.unwrap().kid, "vault-key");
    for share in [&revoked, &expired] {
        assert_eq!(record(&client, share).await.enc_share_secret, None);
    }
    let old = server.rows("shares").await.iter().filter(|row| row.contains("vault-key")).count();
    assert_eq!(old, 1, "nothing of the vault is sealed with the old key");
    share.tab(&server.url).opened().await;
    // A share that was begun under the old key comes too late.
    new_share(&vault, &item, 1).post(&client).await.refused(409);
    let mut again = new_share(&vault, &item, 1);
    again.request.enc_share_secret = sealed(&key, "secret");
    again.create(&client).await;
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn a_mailed_code_opens_nothing_that_has_ended() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).recipients(&["wendy@example.com"]).create(&client).await;
    let tab = share.tab(&server.url);
    tab.code("wendy@example.com").await.succeeded();
    let code = crate::links::mailed_code(&server, "wendy@example.com").await;
    client.delete(&format!("{SHARES}/{}", share.id())).await.succeeded();
    assert_eq!(tab.verify("wendy@example.com", &code).await.refused(410)["errorCode"], REVOKED);
    assert_eq!(tab.code("wendy@example.com").await.refused(410)["errorCode"], REVOKED);
    assert_eq!(tab.end().await.refused(410)["errorCode"], REVOKED);
    assert_eq!(tab.status().await.state, ShareState::Revoked);
    tab.gone(REVOKED).await;
}
