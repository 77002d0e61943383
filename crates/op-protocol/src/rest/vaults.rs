//! Vaults.

use serde::{Deserialize, Serialize};

use crate::{envelope::Envelope, jwk::RsaPublicKey};

/// What a vault is for, as a letter.
pub mod vault_type {
    /// One person's own.
    pub const PERSONAL: &str = "P";
    /// The one that everyone of the account has.
    pub const EVERYONE: &str = "E";
    /// Hands items from one account to another.
    pub const TRANSFER: &str = "T";
    /// Made by a user.
    pub const USER_CREATED: &str = "U";
    /// An Environment: a vault with one item, which holds its variables.
    pub const ENVIRONMENT: &str = "D";
}

/// Who an access belongs to.
pub mod accessor_type {
    /// A person or a service account.
    pub const USER: &str = "user";
    /// A group, and through it each of its members.
    pub const GROUP: &str = "group";
}

/// A vault. The list answers with an array of these, a single vault's route with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultRecord {
    /// The vault's id.
    pub uuid: String,
    /// A letter of [`vault_type`].
    #[serde(rename = "type")]
    pub kind: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Version of the attributes.
    pub attr_version: u32,
    /// Version of the content; each change of items raises it.
    pub content_version: u32,
    /// Number of active items.
    pub active_item_count: u32,
    /// Which kinds of client may use the vault, as bits.
    pub client_access: u64,
    /// The attributes (name and so on), sealed with the vault key.
    pub enc_attrs: Envelope,
    /// The caller's access, over all the ways it has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub combined_access: Option<VaultAccessRecord>,
    /// Everybody's access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Vec<VaultAccessRecord>>,
}

/// Somebody's access to a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultAccessRecord {
    /// The vault.
    pub vault_uuid: String,
    /// One of [`accessor_type`].
    pub accessor_type: String,
    /// The user or group.
    pub accessor_uuid: String,
    /// What is allowed: bits of [`permissions`](crate::permissions).
    pub acl: u32,
    /// Seconds that a client may keep the vault while offline; 0 for no limit.
    pub lease_timeout: u64,
    /// Serial number of the vault key.
    #[serde(rename = "vaultKeySN")]
    pub vault_key_sn: u32,
    /// The keyset that `enc_vault_key` is sealed for.
    pub encrypted_by: String,
    /// The vault key, sealed by RSA-OAEP.
    pub enc_vault_key: Envelope,
    /// Version of the access; required in [`VaultRecord::combined_access`], absent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_version: Option<u32>,
}

/// Body of `POST /api/v2/vault`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateVaultRequest {
    /// The vault's id, chosen by the client.
    pub uuid: String,
    /// A letter of [`vault_type`]: `U` or `D`; `P` where a person joins.
    #[serde(rename = "type")]
    pub kind: String,
    /// The attributes, sealed with the new vault key.
    pub enc_attrs: Envelope,
    /// Who may open the vault; the creator among them. A group may be named twice.
    pub access: Vec<VaultAccessRecord>,
}

/// Answer of `GET /api/v1/vault/preflight/create?type=U`. It goes as an array of its members in this order, for the
/// official clients need its third member and nobody outside knows what that is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(Vec<String>, Vec<String>, bool, Option<()>)", rename_all = "camelCase")]
pub struct VaultPreflight {
    /// Groups that get access to every vault: the recovery group.
    pub mandatory_group_uuids: Vec<String>,
    /// Groups that get access unless the creator does not want it: the owners and the administrators.
    pub admin_group_uuids: Vec<String>,
    /// Means nothing that is known.
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

/// Body of `PUT /api/v3/vault/{vault}/attrs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateVaultRequest {
    /// The vault's id.
    pub uuid: String,
    /// Its type, which does not change.
    #[serde(rename = "type")]
    pub kind: String,
    /// The new attributes, sealed with the vault key.
    pub enc_attrs: Envelope,
    /// The version that is replaced; another one answers 409.
    pub attr_version: u32,
}

/// Body of `PATCH /api/v2/vault/{vault}/vaultaccess`: gives access to groups, and in our own clients to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultAccessRequest {
    /// The accesses; one that exists is replaced.
    pub vaultaccess: Vec<VaultAccessRecord>,
}

/// An element of `GET /api/opwire/v1/vaults/{vault}/accessors`: whoever a new vault key has to be wrapped for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultAccessor {
    /// One of [`accessor_type`].
    pub accessor_type: String,
    /// The user or group.
    pub accessor_uuid: String,
    /// Name for people.
    pub name: String,
    /// What is allowed: bits of [`permissions`](crate::permissions).
    pub acl: u32,
    /// The public key of its active keyset, whose id is the key's.
    pub pub_key: RsaPublicKey,
}

/// An element of the body of `PUT /api/opwire/v1/vaults/{vault}/rotation/{key}/items`: an item under the new vault key
/// `key`. It is kept aside, and an earlier one of the same item replaced, until the rotation ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReencryptedItem {
    /// The item's id.
    pub uuid: String,
    /// The version that was re-encrypted.
    pub item_version: u32,
    /// Title and so on, sealed with the new vault key.
    pub enc_overview: Envelope,
    /// The content, sealed with the new vault key.
    pub enc_details: Envelope,
}

/// Body of `POST /api/opwire/v1/vaults/{vault}/rotation/{key}`: puts the new key in place of the old one, for all accessors
/// and all items at once. Answers 409, and changes nothing, when one of the versions is not the vault's any more or an
/// item that is active or archived was not re-encrypted at its present version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RotateVaultKeyRequest {
    /// The attributes, sealed with the new vault key.
    pub enc_attrs: Envelope,
    /// The version of the attributes that were re-encrypted.
    pub attr_version: u32,
    /// The version of the accesses that the key was wrapped for.
    pub access_version: u32,
    /// The new key for each accessor that the vault has, with the permissions that it has, and `vaultKeySN` one higher.
    pub access: Vec<VaultAccessRecord>,
}
