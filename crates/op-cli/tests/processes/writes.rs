//! Writes of several parts, with checks that all parts or none are applied.

use op_protocol::keyset::KeysetsResponse;
use op_protocol::permissions::READ_ITEMS;
use op_protocol::rest::{
    AccessorType, AuditAction, AuditPage, ItemPatch, ItemState, OverviewsResponse, ShareRecord, ShareState, UserRecord,
    UserVault, VaultRecord,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::links::{CREATE, NewShare, SHARES, new_share};
use crate::support::{Client, Person, new_id, new_item, next, sealed};
use crate::team::{Team, accept_recovery, begin_recovery, group_access, recovery_route, renewed};

pub(crate) trait Write: Sized {
    /// Creates what the write needs.
    async fn prepare(team: &Team) -> Self;
    /// Returns the method, the path and the body.
    fn request(&self) -> (Method, String, Option<Value>);
    /// Returns whether all parts are applied. Fails the test if only some are.
    async fn is_applied(&self, client: &Client) -> bool;
}

fn all_or_none<const N: usize>(parts: [bool; N]) -> bool {
    assert!(parts == [true; N] || parts == [false; N], "half done: {parts:?}");
    parts[0]
}

async fn vault(client: &Client, vault: &str) -> VaultRecord {
    client.read(&format!("/api/v3/vault/{vault}?attrs=accessors,combined-access")).await
}

async fn overviews(client: &Client, vault: &str) -> OverviewsResponse {
    client.read(&format!("/api/v1/vault/{vault}/items/overviews")).await
}

/// Replaces an item, deletes another and creates a third.
pub(crate) struct Patch {
    vault: String,
    replaced: ItemPatch,
    deleted: ItemPatch,
    created: ItemPatch,
}

impl Write for Patch {
    async fn prepare(team: &Team) -> Self {
        let [replaced, deleted, created] = ["replaced", "deleted", "created"].map(new_item);
        let vault = team.owner.make_vault().await;
        let prepared = team.owner.patch(&vault, 1, &[replaced.clone(), deleted.clone()]).await;
        assert_eq!(prepared.status, 200);
        Self { vault, replaced, deleted, created }
    }

    fn request(&self) -> (Method, String, Option<Value>) {
        let elements = [
            next(&self.replaced, 1, ItemState::Active),
            next(&self.deleted, 1, ItemState::Deleted),
            self.created.clone(),
        ];
        (Method::PATCH, format!("/api/v3/vault/{}/2/items", self.vault), Some(json!(elements)))
    }

    async fn is_applied(&self, client: &Client) -> bool {
        let overviews = overviews(client, &self.vault).await;
        let items = overviews.items.unwrap();
        let version =
            |wanted: &ItemPatch| items.iter().find(|item| item.uuid == wanted.uuid).map(|item| item.item_version);
        all_or_none([
            overviews.content_version == 3,
            version(&self.replaced) == Some(2),
            version(&self.deleted).is_none(),
            version(&self.created) == Some(1),
        ])
    }
}

/// Gives two groups access to a vault.
pub(crate) struct Grant {
    vault: String,
    body: Value,
    version: Option<u32>,
}

impl Write for Grant {
    async fn prepare(team: &Team) -> Self {
        let id = team.owner.make_vault().await;
        let access = [&team.members, &team.administrators].map(|group| group_access(group, &id, READ_ITEMS));
        let version = vault(&team.owner, &id).await.combined_access.unwrap().access_version;
        Self { vault: id, body: json!({"vaultaccess": access}), version }
    }

    fn request(&self) -> (Method, String, Option<Value>) {
        (Method::PATCH, format!("/api/v2/vault/{}/vaultaccess", self.vault), Some(self.body.clone()))
    }

    async fn is_applied(&self, client: &Client) -> bool {
        let vault = vault(client, &self.vault).await;
        let groups = vault.access.unwrap().iter().filter(|access| access.accessor_type == AccessorType::Group).count();
        assert_ne!(groups, 1, "half done");
        all_or_none([groups == 2, vault.combined_access.unwrap().access_version > self.version])
    }
}

/// Completes a key rotation: a new key for a vault, its items and everyone with access.
pub(crate) struct Rotation {
    vault: String,
    key: String,
    body: Value,
}

impl Write for Rotation {
    async fn prepare(team: &Team) -> Self {
        let client = &team.owner;
        let (id, key) = (client.make_vault().await, new_id());
        let items = [new_item("one"), new_item("two")];
        assert_eq!(client.patch(&id, 1, &items).await.status, 200);
        client.grant(&id, &[group_access(&team.members, &id, READ_ITEMS)]).await.succeeded();
        let rotated = items.map(|item| {
            json!({
                "uuid": item.uuid, "itemVersion": 1,
                "encOverview": sealed(&key, "overview"), "encDetails": sealed(&key, "details"),
            })
        });
        client.put(&format!("/api/opwire/v1/vaults/{id}/rotation/{key}/items"), &json!(rotated)).await.succeeded();
        let vault = vault(client, &id).await;
        let mut access = vault.access.unwrap();
        access.iter_mut().for_each(|access| access.vault_key_sn += 1);
        let body = json!({
            "encAttrs": sealed(&key, "attributes"), "attrVersion": vault.attr_version,
            "accessVersion": vault.combined_access.unwrap().access_version, "access": access,
        });
        Self { vault: id, key, body }
    }

    fn request(&self) -> (Method, String, Option<Value>) {
        let path = format!("/api/opwire/v1/vaults/{}/rotation/{}", self.vault, self.key);
        (Method::POST, path, Some(self.body.clone()))
    }

    async fn is_applied(&self, client: &Client) -> bool {
        let vault = vault(client, &self.vault).await;
        let items = overviews(client, &self.vault).await.items.unwrap();
        let access = vault.access.unwrap();
        assert_eq!((items.len(), access.len()), (2, 2));
        all_or_none([
            vault.enc_attrs.kid == self.key,
            items[0].enc_overview.kid == self.key,
            items[1].enc_overview.kid == self.key,
            access[0].vault_key_sn == 2,
            access[1].vault_key_sn == 2,
        ])
    }
}

/// Deletes a vault with its items and grants.
pub(crate) struct Deletion {
    vault: String,
}

impl Write for Deletion {
    async fn prepare(team: &Team) -> Self {
        let vault = team.owner.make_vault().await;
        assert_eq!(team.owner.patch(&vault, 1, &[new_item("one"), new_item("two")]).await.status, 200);
        team.owner.grant(&vault, &[group_access(&team.members, &vault, READ_ITEMS)]).await.succeeded();
        Self { vault }
    }

    fn request(&self) -> (Method, String, Option<Value>) {
        (Method::DELETE, format!("/api/v4/vault/{}", self.vault), None)
    }

    async fn is_applied(&self, client: &Client) -> bool {
        let status = client.get(&format!("/api/v3/vault/{}", self.vault)).await.status;
        if status == 200 {
            assert_eq!(overviews(client, &self.vault).await.items.unwrap().len(), 2, "half done");
        }
        let listed: Value = client.read("/api/v1/vaults").await;
        all_or_none([status == 404, !listed.to_string().contains(&self.vault)])
    }
}

/// Completes a recovery: new secrets and keys for a person, their vaults and their groups.
pub(crate) struct Recovery {
    new: Person,
    body: Value,
}

impl Write for Recovery {
    async fn prepare(team: &Team) -> Self {
        let old = team.add("wendy").await;
        let vault = team.owner.make_vault().await;
        team.owner.grant(&vault, &[old.access(&vault, READ_ITEMS)]).await.succeeded();
        let new = renewed(&old);
        let secret = begin_recovery(&team.owner, &old).await;
        accept_recovery(&team.owner.base, &secret, &new).await.succeeded();
        let body = team.completion(&new).await;
        Self { new, body }
    }

    fn request(&self) -> (Method, String, Option<Value>) {
        (Method::POST, recovery_route(&self.new), Some(self.body.clone()))
    }

    async fn is_applied(&self, client: &Client) -> bool {
        let keyset = &self.new.user.keyset.uuid;
        let user: UserRecord = client.read(&format!("/api/opwire/v1/users/{}", self.new.user.uuid)).await;
        let vaults: Vec<UserVault> = client.read(&format!("/api/opwire/v1/users/{}/vaults", self.new.user.uuid)).await;
        let own =
            vaults.iter().flat_map(|vault| &vault.access).filter(|access| access.accessor_type == AccessorType::User);
        let own: Vec<bool> = own.map(|access| access.encrypted_by == *keyset).collect();
        let applied = all_or_none([
            client.get(&recovery_route(&self.new)).await.status == 404,
            user.pub_key.kid == *keyset,
            own[0],
            own[1],
        ]);
        if applied {
            let back = Client::sign_in(&client.base, &self.new).await;
            let keysets: KeysetsResponse = back.read("/api/v2/account/keysets").await;
            assert_eq!(
                keysets.keysets.iter().filter(|one| one.encrypted_by == *keyset).count(),
                1,
                "the keyset of their group"
            );
        }
        applied
    }
}

/// Shares an item by a link that is limited to a number of views.
pub(crate) struct Sharing(NewShare);

impl Write for Sharing {
    async fn prepare(team: &Team) -> Self {
        Self(shareable(team).await)
    }

    fn request(&self) -> (Method, String, Option<Value>) {
        (Method::POST, CREATE.to_owned(), Some(json!(self.0.request)))
    }

    async fn is_applied(&self, client: &Client) -> bool {
        let opens = self.0.tab(&client.base).status_answer().await.status == 200;
        let record = client.get(&format!("{SHARES}/{}", self.0.id())).await;
        all_or_none([opens, record.status == 200, is_logged(client, AuditAction::ShareCreate, self.0.id()).await])
    }
}

/// Revokes a share, which removes what it shared.
pub(crate) struct Revocation(NewShare);

impl Write for Revocation {
    async fn prepare(team: &Team) -> Self {
        Self(shareable(team).await.create(&team.owner).await)
    }

    fn request(&self) -> (Method, String, Option<Value>) {
        (Method::DELETE, format!("{SHARES}/{}", self.0.id()), None)
    }

    async fn is_applied(&self, client: &Client) -> bool {
        let record: ShareRecord = client.read(&format!("{SHARES}/{}", self.0.id())).await;
        all_or_none([
            record.state == ShareState::Revoked,
            record.ended_at.is_some(),
            record.enc_overview.is_none(),
            record.enc_share_secret.is_none(),
            self.0.tab(&client.base).open().await.status == 410,
            is_logged(client, AuditAction::ShareRevoke, self.0.id()).await,
        ])
    }
}

async fn shareable(team: &Team) -> NewShare {
    let (vault, item) = (team.owner.make_vault().await, new_item("shared"));
    team.owner.change(&vault, &item).await;
    new_share(&vault, &item, 1).max_views(2)
}

async fn is_logged(client: &Client, action: AuditAction, object: &str) -> bool {
    let page: AuditPage = client.read("/api/opwire/v1/audit?limit=5").await;
    page.events.iter().any(|event| event.action == action.as_str() && event.object_uuid == object)
}
