//! Vaults.

use serde::{Deserialize, Serialize};

use crate::envelope::Envelope;

/// A vault. The list answers with an array of these, a single vault's route with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vault {
    /// The vault's id.
    pub uuid: String,
    /// `P` personal, `E` everyone, `T` transfer, `U` created by a user.
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
    pub combined_access: Option<VaultAccess>,
    /// Everybody's access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Vec<VaultAccess>>,
}

/// Somebody's access to a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VaultAccess {
    /// The vault.
    pub vault_uuid: String,
    /// `user` or `group`.
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
    /// Version of the access; required in [`Vault::combined_access`], absent elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_version: Option<u32>,
}

/// Body of `POST /api/v2/vault`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateVaultRequest {
    /// The vault's id, chosen by the client.
    pub uuid: String,
    /// `U`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The attributes, sealed with the new vault key.
    pub enc_attrs: Envelope,
    /// Who may open the vault; the creator among them. A group may be named twice.
    pub access: Vec<VaultAccess>,
}
