//! Changing a vault's key.

use op_protocol::permissions::{MANAGE_VAULT, READ_ITEMS, REVEAL_ITEM_PASSWORD, UPDATE_ITEMS};
use op_protocol::rest::{
    ItemPatch, ItemResponse, ItemState, OverviewsResponse, VaultAccessRecord, VaultAccessor, VaultRecord,
};
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Person, new_id, new_item, next, sealed};
use crate::team::{Team, group_access};

const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;

/// The change of a vault's key to a new one.
pub(crate) struct Rotation<'a> {
    client: &'a Client,
    vault: &'a str,
    pub(crate) key: String,
}

impl<'a> Rotation<'a> {
    pub(crate) fn new(client: &'a Client, vault: &'a str) -> Self {
        Self { client, vault, key: new_id() }
    }

    pub(crate) fn path(&self) -> String {
        format!("/api/opwire/v1/vaults/{}/rotation/{}", self.vault, self.key)
    }

    pub(crate) async fn put_aside(&self, item: &ItemPatch, version: u32) -> Answer {
        let body = json!([{
            "uuid": item.uuid, "itemVersion": version,
            "encOverview": sealed(&self.key, "overview"), "encDetails": sealed(&self.key, "details"),
        }]);
        self.client.put(&format!("{}/items", self.path()), &body).await
    }

    /// The end of the rotation for the vault as it is now.
    async fn request(&self) -> Value {
        let path = format!("/api/v3/vault/{}?attrs=accessors,combined-access", self.vault);
        let vault: VaultRecord = self.client.read(&path).await;
        let mut access = vault.access.unwrap();
        access.iter_mut().for_each(|access| access.vault_key_sn += 1);
        json!({
            "encAttrs": sealed(&self.key, "attributes"), "attrVersion": vault.attr_version,
            "accessVersion": vault.combined_access.unwrap().access_version, "access": access,
        })
    }

    pub(crate) async fn finish(&self) -> Answer {
        self.client.post(&self.path(), &self.request().await).await
    }
}

async fn item(client: &Client, vault: &str, item: &ItemPatch) -> ItemResponse {
    client.read(&format!("/api/v1/vault/{vault}/item/{}", item.uuid)).await
}

#[tokio::test]
async fn a_new_key_takes_the_old_ones_place_at_once() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("member").await;
    let vault = team.owner.make_vault().await;
    team.owner.grant(&vault, &[group_access(&team.members, &vault, READ)]).await.succeeded();
    let items = [new_item("one"), new_item("two"), new_item("deleted"), new_item("archived")];
    for item in &items {
        team.owner.change(&vault, item).await;
    }
    team.owner.change(&vault, &next(&items[2], 1, ItemState::Deleted)).await;
    team.owner.change(&vault, &next(&items[3], 1, ItemState::Archived)).await;
    let accessors: Vec<VaultAccessor> = team.owner.read(&format!("/api/opwire/v1/vaults/{vault}/accessors")).await;
    assert_eq!(accessors.len(), 2);
    assert!(accessors.iter().any(|one| one.pub_key == team.members.keyset.pub_key && one.acl == READ));

    let rotation = Rotation::new(&team.owner, &vault);
    rotation.put_aside(&items[0], 1).await.succeeded();
    rotation.finish().await.refused(409);
    rotation.put_aside(&items[1], 1).await.succeeded();
    rotation.put_aside(&items[3], 2).await.succeeded();
    assert_eq!(item(&member, &vault, &items[0]).await.item.enc_overview, items[0].enc_overview, "nobody sees it yet");
    // Somebody changes an item meanwhile: it has to be done again.
    team.owner.change(&vault, &next(&items[1], 1, ItemState::Active)).await;
    rotation.finish().await.refused(409);
    rotation.put_aside(&items[1], 2).await.succeeded();
    let version = team.owner.vault(&vault).await.content_version;
    rotation.finish().await.succeeded();

    let stored: VaultRecord = member.read(&format!("/api/v3/vault/{vault}?attrs=combined-access")).await;
    assert_eq!((stored.enc_attrs.kid.as_str(), stored.content_version), (rotation.key.as_str(), version + 1));
    assert_eq!(stored.combined_access.unwrap().vault_key_sn, 2);
    let listed: OverviewsResponse = member.read(&format!("/api/v1/vault/{vault}/items/overviews")).await;
    let listed = listed.items.unwrap();
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|item| item.enc_overview.kid == rotation.key));
    assert_eq!(item(&member, &vault, &items[1]).await.item.item_version, 2, "the item is the same");

    // A client that has not seen the new key stores nothing under the old one, and deletes all the same.
    let version = version + 1;
    team.owner.patch(&vault, version, &[next(&items[0], 1, ItemState::Active)]).await.refused(409);
    let deleted = team.owner.patch(&vault, version, &[next(&items[0], 1, ItemState::Deleted)]).await;
    assert_eq!(deleted.status, 200);
    rotation.finish().await.refused(409);
}

#[tokio::test]
async fn the_end_of_a_rotation_covers_everyone_as_they_are() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let rotation = Rotation::new(&team.owner, &vault);
    let good = rotation.request().await;
    let mut wrong = vec![good.clone(), good.clone(), good.clone(), good.clone()];
    wrong[0]["access"] = json!([]);
    wrong[1]["access"][0]["acl"] = json!(READ | MANAGE_VAULT);
    wrong[2]["access"][0]["vaultKeySN"] = json!(1);
    wrong[3]["access"][0]["encryptedBy"] = json!(new_id());
    for body in &wrong {
        team.owner.post(&rotation.path(), body).await.refused(400);
    }
    // Access that is given at the same moment must not be lost.
    team.owner.grant(&vault, &[group_access(&team.members, &vault, READ)]).await.succeeded();
    team.owner.post(&rotation.path(), &good).await.refused(409);
    rotation.finish().await.succeeded();
    let accesses: Vec<VaultAccessRecord> =
        team.owner.read::<VaultRecord>(&format!("/api/v3/vault/{vault}?attrs=accessors")).await.access.unwrap();
    assert_eq!(accesses.len(), 2);
    assert!(accesses.iter().all(|access| access.vault_key_sn == 2));
}

#[tokio::test]
async fn whoever_may_not_change_items_cannot_replace_them_by_a_new_key() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("member").await;
    let vault = team.owner.make_vault().await;
    let stored = new_item("one");
    team.owner.change(&vault, &stored).await;
    team.owner.grant(&vault, &[member.person.access(&vault, READ | MANAGE_VAULT)]).await.succeeded();
    let rotation = Rotation::new(&member, &vault);
    rotation.put_aside(&stored, 1).await.refused(403);
    rotation.finish().await.refused(403);
    team.owner.grant(&vault, &[member.person.access(&vault, READ | UPDATE_ITEMS | MANAGE_VAULT)]).await.succeeded();
    rotation.put_aside(&stored, 1).await.succeeded();
    rotation.finish().await.succeeded();
}

#[tokio::test]
async fn what_a_dead_client_put_aside_harms_no_later_rotation() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let kept = new_item("kept");
    team.owner.change(&vault, &kept).await;
    let (dead, abandoned) = (Rotation::new(&team.owner, &vault), Rotation::new(&team.owner, &vault));
    dead.put_aside(&kept, 1).await.succeeded();
    abandoned.put_aside(&kept, 1).await.succeeded();
    team.owner.delete(&abandoned.path()).await.succeeded();
    abandoned.finish().await.refused(409);
    let rotation = Rotation::new(&team.owner, &vault);
    rotation.finish().await.refused(409);
    rotation.put_aside(&kept, 1).await.succeeded();
    rotation.finish().await.succeeded();
    dead.finish().await.refused(409);
    assert_eq!(item(&team.owner, &vault, &kept).await.item.enc_overview.kid, rotation.key);

    let mut foreign = Rotation::new(&team.owner, &vault);
    let body =
        json!([{"uuid": kept.uuid, "itemVersion": 1, "encOverview": sealed("k", ""), "encDetails": sealed("k", "")}]);
    team.owner.put(&format!("{}/items", foreign.path()), &body).await.refused(400);
    foreign.key = rotation.key.clone();
    foreign.put_aside(&kept, 1).await.refused(409);
}

#[tokio::test]
async fn a_service_account_gets_no_key_that_was_replaced_meanwhile() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let program = Person::new("program");
    let body = |sn: u32| {
        let access = VaultAccessRecord { vault_key_sn: sn, ..program.access(&vault, READ) };
        json!({"user": program.user, "vaults": [access]})
    };
    let stale = body(1);
    Rotation::new(&team.owner, &vault).finish().await.succeeded();
    let route = "/api/opwire/v1/service-accounts";
    team.owner.post(route, &stale).await.refused(409);
    team.owner.post(route, &body(2)).await.succeeded();

    let path = format!("{route}/{}", program.user.uuid);
    Rotation::new(&team.owner, &vault).finish().await.succeeded();
    team.owner.put(&path, &body(2)).await.refused(409);
    team.owner.put(&path, &body(3)).await.succeeded();
}

#[tokio::test]
async fn nobody_is_given_a_key_that_was_replaced_meanwhile() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let old = group_access(&team.members, &vault, READ);
    Rotation::new(&team.owner, &vault).finish().await.succeeded();
    let refusal = team.owner.grant(&vault, std::slice::from_ref(&old)).await.refused(409);
    assert!(refusal["errorMessage"].as_str().unwrap().contains("key has changed"), "{refusal}");
    team.owner.grant(&vault, &[VaultAccessRecord { vault_key_sn: 2, ..old }]).await.succeeded();
}
