//! Vaults.

use serde::{Deserialize, Serialize};

use super::ResealedShare;
use crate::{closed_set, envelope::Envelope, jwk::RsaPublicKey, set::Open};

closed_set! {
    /// The type of a vault.
    pub enum VaultType {
        /// The personal vault of one person.
        Personal = "P",
        /// The vault that everyone in the account has.
        Everyone = "E",
        /// A vault for transferring items to another account.
        Transfer = "T",
        /// A vault that a user created.
        UserCreated = "U",
        /// An Environment: a vault with one item, which contains its variables.
        Environment = "D",
    }
}

closed_set! {
    /// The type of an accessor of a vault, or of a holder of a group's key.
    pub enum AccessorType {
        /// A person or a service account.
        User = "user",
        /// A group, and through it all its members.
        Group = "group",
    }
}

/// A vault, as the server stores it: the response of the route of one vault, and an element of the response of lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultRecord {
    /// The vault's id.
    pub uuid: String,
    /// The vault's type.
    #[serde(rename = "type")]
    pub kind: Open<VaultType>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// The version of the attributes.
    pub attr_version: u32,
    /// The version of the content. Each change of items increases it.
    pub content_version: u32,
    /// The number of active items.
    pub active_item_count: u32,
    /// The kinds of clients that may use the vault, as bits.
    pub client_access: u64,
    /// The attributes (name and so on), sealed with the vault key.
    pub enc_attrs: Envelope,
    /// The caller's combined access: direct, and through groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combined_access: Option<VaultAccessRecord>,
    /// Everybody's access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Vec<VaultAccessRecord>>,
}

/// The access of a user or group to a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultAccessRecord {
    /// The vault's id.
    pub vault_uuid: String,
    /// Whether it is a user or a group.
    pub accessor_type: Open<AccessorType>,
    /// The id of the user or group.
    pub accessor_uuid: String,
    /// The permissions: bits of [`permissions`](crate::permissions).
    pub acl: u32,
    /// How long a client may keep the vault while it is offline, in seconds; 0 for no limit.
    pub lease_timeout: u64,
    /// The serial number of the vault key.
    #[serde(rename = "vaultKeySN")]
    pub vault_key_sn: u32,
    /// The id of the keyset for which `enc_vault_key` is sealed.
    pub encrypted_by: String,
    /// The vault key, sealed by RSA-OAEP.
    pub enc_vault_key: Envelope,
    /// The version of the access; required in [`VaultRecord::combined_access`], absent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_version: Option<u32>,
}

/// The body of `POST /api/v2/vault`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateVaultRequest {
    /// The vault's id, chosen by the client.
    pub uuid: String,
    /// The vault's type: user-created or an Environment; personal when a person joins.
    #[serde(rename = "type")]
    pub kind: VaultType,
    /// The attributes, sealed with the new vault key.
    pub enc_attrs: Envelope,
    /// The accesses to the vault, including the creator's. A group may occur twice.
    pub access: Vec<VaultAccessRecord>,
}

/// The response of `GET /api/v1/vault/preflight/create?type=U`. It is sent as an array of its members in this order,
/// because official clients require the third member, whose name is not publicly known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(Vec<String>, Vec<String>, bool, Option<()>)", rename_all = "camelCase")]
pub struct VaultPreflight {
    /// The ids of the groups that get access to every vault: the recovery group.
    pub mandatory_group_uuids: Vec<String>,
    /// The ids of the groups that get access unless the creator excludes them: the owners and the administrators.
    pub admin_group_uuids: Vec<String>,
    /// A member whose meaning is unknown.
    pub unknown: bool,
    /// Always null.
    pub icon_set: Option<()>,
}

impl From<VaultPreflight> for (Vec<String>, Vec<String>, bool, Option<()>) {
    fn from(preflight: VaultPreflight) -> Self {
        let VaultPreflight { mandatory_group_uuids, admin_group_uuids, unknown, icon_set } = preflight;
        (mandatory_group_uuids, admin_group_uuids, unknown, icon_set)
    }
}

/// The body of `PUT /api/v3/vault/{vault}/attrs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateVaultRequest {
    /// The vault's id.
    pub uuid: String,
    /// The vault's type, which does not change.
    #[serde(rename = "type")]
    pub kind: Open<VaultType>,
    /// The new attributes, sealed with the vault key.
    pub enc_attrs: Envelope,
    /// The version that is replaced. The response is 409 if the vault has another version.
    pub attr_version: u32,
}

/// The body of `PATCH /api/v2/vault/{vault}/vaultaccess`, which gives access to groups, and by our clients to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultAccessRequest {
    /// The accesses. Existing ones are replaced.
    pub vaultaccess: Vec<VaultAccessRecord>,
}

/// An element of the response of `GET /api/opwire/v1/vaults/{vault}/accessors`: a user or group for which a new vault
/// key has to be wrapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultAccessor {
    /// Which of both it is.
    pub accessor_type: AccessorType,
    /// The id of the user or group.
    pub accessor_uuid: String,
    /// The display name.
    pub name: String,
    /// The permissions: bits of [`permissions`](crate::permissions).
    pub acl: u32,
    /// The public key of the active keyset, whose id is the key's.
    pub pub_key: RsaPublicKey,
}

/// An element of the body of `PUT /api/opwire/v1/vaults/{vault}/rotation/{key}/items`: an item that is sealed with the
/// new vault key `key`. It is staged until the rotation ends, and replaces an earlier version of the item that is
/// staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReencryptedItem {
    /// The item's id.
    pub uuid: String,
    /// The version that was re-encrypted.
    pub item_version: u32,
    /// The overview (title and so on), sealed with the new vault key.
    pub enc_overview: Envelope,
    /// The details (the content), sealed with the new vault key.
    pub enc_details: Envelope,
}

/// The body of `POST /api/opwire/v1/vaults/{vault}/rotation/{key}`, which replaces the vault key for all accessors and
/// items at once. The response is 409, and nothing changes, if one of the versions is outdated, or if an active or
/// archived item is not staged at its current version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RotateVaultKeyRequest {
    /// The attributes, sealed with the new vault key.
    pub enc_attrs: Envelope,
    /// The version of the re-encrypted attributes.
    pub attr_version: u32,
    /// The version of the accesses for which the key was wrapped.
    pub access_version: u32,
    /// The new key, wrapped for each accessor of the vault, with the same permissions and the next `vaultKeySN`.
    pub access: Vec<VaultAccessRecord>,
    /// The secrets of all active shares of the vault's items.
    #[serde(default)]
    pub shares: Vec<ResealedShare>,
}

/// An element of the response of `GET /api/opwire/v1/abandoned-vaults`: a vault or Environment that no active person
/// manages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AbandonedVault {
    /// The vault's id. Its title is sealed.
    pub uuid: String,
    /// How many items it has that are not archived.
    pub active_item_count: u32,
    /// RFC 3339.
    pub created_at: String,
    /// When its attributes or items last changed, RFC 3339.
    pub updated_at: String,
}
