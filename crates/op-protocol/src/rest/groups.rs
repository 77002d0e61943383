//! Groups: people who share keys. The official routes read them; our own make and change them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::VaultAccess;
use crate::{envelope::Envelope, jwk::RsaPublicKey};

/// What a group is for, as a letter.
pub mod group_type {
    /// The account's owners.
    pub const OWNERS: &str = "O";
    /// Its administrators.
    pub const ADMINISTRATORS: &str = "A";
    /// Who can recover vaults: each vault key is wrapped for this group as well.
    pub const RECOVERY: &str = "R";
    /// Every person of the account.
    pub const TEAM_MEMBERS: &str = "M";
    /// Made by an administrator.
    pub const USER_DEFINED: &str = "U";
}

/// Whether a group is in use.
pub mod group_state {
    /// In use.
    pub const ACTIVE: &str = "A";
    /// Deleted: it has no members and no access any more.
    pub const DELETED: &str = "D";
}

/// Answer of `GET /api/v2/group/{group}`, and an element of `GET /api/opwire/v1/groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The group's id.
    pub uuid: String,
    /// A letter of [`group_type`].
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desc: Option<String>,
    /// The same, from servers that call it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A letter of [`group_state`].
    pub state: String,
    /// Grows with each change of name or description.
    pub attr_version: u32,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// What its members may do in the account, as bits; 0 here, where the group's type says it.
    pub permissions: u32,
    /// The keyset that vault keys are wrapped for.
    pub active_keyset_uuid: String,
    /// The file of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The public key; only where it is asked for by `pubkey`, and always in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pub_key: Option<RsaPublicKey>,
    /// The vaults it has access to; only where that is asked for by `vault-access`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_access: Option<Vec<VaultAccess>>,
    /// Official servers may give more of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_keyset: Option<Value>,
}

/// An element of the answer of `GET /api/v1/group/pubkeys?uuids=a,b`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPublicKey {
    /// The group.
    pub uuid: String,
    /// Its public key.
    pub pub_key: RsaPublicKey,
}

/// An element of the body of `PATCH /api/v2/acl/groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPermission {
    /// The group.
    pub group_uuid: String,
    /// The vault that it has access to already.
    pub vault_uuid: String,
    /// What it may do there from now on: bits of [`permissions`](crate::permissions).
    pub permission: u32,
}

/// A group to make, by `POST /api/opwire/v1/groups` or with an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewGroup {
    /// The group's id, chosen by the client.
    pub uuid: String,
    /// A letter of [`group_type`].
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    #[serde(default)]
    pub desc: String,
    /// Its keys.
    pub keyset: GroupKeyset,
    /// Who can open them. A user becomes a member. A group (owners, administrators) becomes able to add members without
    /// being one.
    pub keys: Vec<GroupKey>,
}

/// The keys of a group but for the one that opens them, which each holder has wrapped for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupKeyset {
    /// The keyset's id, which is also the id of its keys.
    pub uuid: String,
    /// Serial number: 1.
    pub sn: u32,
    /// The RSA private key, sealed with the keyset's symmetric key.
    pub enc_pri_key: Envelope,
    /// The RSA public key.
    pub pub_key: RsaPublicKey,
}

/// A group's symmetric key, wrapped for one who may open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupKey {
    /// The group whose key it is.
    pub group_uuid: String,
    /// `user` or `group`.
    pub holder_type: String,
    /// The user or group.
    pub holder_uuid: String,
    /// The holder's keyset.
    pub encrypted_by: String,
    /// The symmetric key as a JWK, by RSA-OAEP.
    pub enc_sym_key: Envelope,
}

/// Body of `PUT /api/opwire/v1/groups/{group}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateGroupRequest {
    /// The new name.
    pub name: String,
    /// The new description.
    pub desc: String,
    /// The version that is replaced; another one answers 409.
    pub attr_version: u32,
}

/// An element of `GET /api/opwire/v1/groups/{group}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupMember {
    /// The user.
    pub user_uuid: String,
    /// Its e-mail address.
    pub email: String,
    /// Its name.
    pub name: String,
    /// A letter of [`user_state`](super::user_state).
    pub state: String,
    /// Since when it is a member, RFC 3339.
    pub joined_at: String,
}
