//! Groups: people who share keys. The routes of the public SDKs read groups; our own routes create and change them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AccessorType, UserState, VaultAccessRecord};
use crate::{closed_set, envelope::Envelope, jwk::RsaPublicKey, set::Open};

closed_set! {
    /// The type of a group.
    pub enum GroupType {
        /// The account's owners.
        Owners = "O",
        /// The account's administrators.
        Administrators = "A",
        /// The group that can recover vaults. The key of each vault is also wrapped for it.
        Recovery = "R",
        /// All people in the account.
        TeamMembers = "M",
        /// A group that an administrator created.
        UserDefined = "U",
        /// People who manage the account from outside. Our server has no such group.
        ExternalAccountManagers = "E",
    }
}

closed_set! {
    /// The state of a group.
    pub enum GroupState {
        /// Active.
        Active = "A",
        /// Deleted. The group has no members and no access any more.
        Deleted = "D",
    }
}

/// The response of `GET /api/v2/group/{group}`, and an element of the response of `GET /api/opwire/v1/groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupRecord {
    /// The group's id.
    pub uuid: String,
    /// The group's type.
    #[serde(rename = "type")]
    pub kind: Open<GroupType>,
    /// The group's name.
    pub name: String,
    /// The group's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desc: Option<String>,
    /// The group's description, from servers that use this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The group's state.
    pub state: Open<GroupState>,
    /// The version of the attributes. Each change of the name or description increases it.
    pub attr_version: u32,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// The permissions of its members in the account, as bits. Our server sends 0: there, they follow from the group's
    /// type.
    pub permissions: u32,
    /// The keyset that vault keys are wrapped for.
    pub active_keyset_uuid: String,
    /// The file of the group's picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// The public key. Present if `pubkey` is requested, and always in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pub_key: Option<RsaPublicKey>,
    /// The group's access to vaults. Present if `vault-access` is requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_access: Option<Vec<VaultAccessRecord>>,
    /// A member that official servers may send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_keyset: Option<Value>,
}

/// An element of the response of `GET /api/v1/group/pubkeys?uuids=a,b`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPublicKey {
    /// The group's id.
    pub uuid: String,
    /// The group's public key.
    pub pub_key: RsaPublicKey,
}

/// An element of the body of `PATCH /api/v2/acl/groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPermission {
    /// The group's id.
    pub group_uuid: String,
    /// The id of a vault to which the group has access already.
    pub vault_uuid: String,
    /// The group's new permissions there: bits of [`permissions`](crate::permissions).
    pub permission: u32,
}

/// A group to create, by `POST /api/opwire/v1/groups` or with an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewGroup {
    /// The group's id, chosen by the client.
    pub uuid: String,
    /// The group's type.
    #[serde(rename = "type")]
    pub kind: GroupType,
    /// The group's name.
    pub name: String,
    /// The group's description.
    #[serde(default)]
    pub desc: String,
    /// The group's keys.
    pub keyset: GroupKeyset,
    /// The holders of the keys. A user becomes a member. A group (owners, administrators) can add members without being
    /// a member. docs/decisions/0047 says why.
    pub keys: Vec<GroupKey>,
}

/// The keys of a group, without the symmetric key, which is wrapped for each holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupKeyset {
    /// The keyset's id, which is also the id of its keys.
    pub uuid: String,
    /// The serial number: 1.
    pub sn: u32,
    /// The RSA private key, sealed with the keyset's symmetric key.
    pub enc_pri_key: Envelope,
    /// The RSA public key.
    pub pub_key: RsaPublicKey,
}

/// A group's symmetric key, wrapped for a holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupKey {
    /// The group's id.
    pub group_uuid: String,
    /// Whether the holder is a user or a group.
    pub holder_type: AccessorType,
    /// The id of the holder.
    pub holder_uuid: String,
    /// The id of the holder's keyset.
    pub encrypted_by: String,
    /// The symmetric key as a JWK, sealed by RSA-OAEP.
    pub enc_sym_key: Envelope,
}

/// The body of `PUT /api/opwire/v1/groups/{group}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateGroupRequest {
    /// The new name.
    pub name: String,
    /// The new description.
    pub desc: String,
    /// The version that is replaced. The response is 409 if the group has another version.
    pub attr_version: u32,
}

/// An element of the response of `GET /api/opwire/v1/groups/{group}/members`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupMember {
    /// The user's id.
    pub user_uuid: String,
    /// The user's e-mail address.
    pub email: String,
    /// The user's name.
    pub name: String,
    /// The user's state.
    pub state: Open<UserState>,
    /// When the user became a member, RFC 3339.
    pub joined_at: String,
}
