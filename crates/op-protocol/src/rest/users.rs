//! The people of an account: invites, keys, recovery, sessions.

use serde::{Deserialize, Serialize};

use super::{CreateVaultRequest, GroupKey, GroupPublicKey, VaultAccessRecord, VaultType};
use crate::{closed_set, envelope::Envelope, jwk::RsaPublicKey, keyset::Keyset, set::Open};

closed_set! {
    /// The state of a user.
    pub enum UserState {
        /// The user is active.
        Active = "A",
        /// The user has accepted an invite and waits for an administrator's confirmation. They cannot sign in yet.
        Pending = "P",
        /// The user is suspended and cannot sign in. Their keys and data are kept.
        Suspended = "S",
        /// The user is a service account that was revoked.
        Deleted = "D",
    }
}

/// A user to create: a person or a service account. The server cannot use it to sign in as the user or to read their
/// data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// The user's id, chosen by the client.
    pub uuid: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The SRP verifier, 1024 hex digits.
    pub verifier: String,
    /// The salt of the SRP secret, base64url.
    pub salt: String,
    /// The iterations of the password hash.
    pub iterations: u32,
    /// The sign-in method, such as [`kdf::METHOD`](crate::kdf::METHOD).
    pub method: String,
    /// The password hash, such as [`kdf::ALG`](crate::kdf::ALG).
    pub alg: String,
    /// The id of the Secret Key.
    pub secret_key_id: String,
    /// The user's primary keyset, sealed with their master unlock key.
    pub keyset: Keyset,
}

/// The response of `GET /api/opwire/v1/users/{user}`, and an element of the response of `GET /api/opwire/v1/users`: a
/// person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    /// The user's id.
    pub uuid: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The user's state.
    pub state: Open<UserState>,
    /// RFC 3339.
    pub created_at: String,
    /// The public key with which keys are wrapped for this person.
    pub pub_key: RsaPublicKey,
    /// The ids of the groups that the person is a member of.
    pub group_uuids: Vec<String>,
}

/// An element of the response of `GET /api/opwire/v1/users/{user}/vaults`: a user's permissions in a vault, and where
/// they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserVault {
    /// The vault's id.
    pub vault_uuid: String,
    /// The vault's type.
    #[serde(rename = "type")]
    pub kind: Open<VaultType>,
    /// All permissions of the user: the union of those in `access`.
    pub acl: u32,
    /// The user's direct access, and that of each of their groups.
    pub access: Vec<VaultAccessRecord>,
}

/// The body of `POST /api/opwire/v1/invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInviteRequest {
    /// The invite's id, chosen by the client.
    pub uuid: String,
    /// The invited person's e-mail address, in lower case. An earlier invite of this address is replaced.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The SHA-256 of the invite's secret, base64url. Only the invited person gets the secret, and presents it.
    pub secret_hash: String,
    /// The time until it expires, in seconds, at most 30 days; absent for 14 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u32>,
    /// The id of the person who lost their password or Secret Key, and recovers access; absent for a new person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<String>,
}

/// An element of the response of `GET /api/opwire/v1/invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// The invite's id.
    pub uuid: String,
    /// The invited person's e-mail address.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The id of the user who created it.
    pub creator_uuid: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
    /// The id of the person who recovers access with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<String>,
    /// Whether that person has accepted it and waits for an administrator.
    #[serde(default)]
    pub accepted: bool,
}

/// The body of `POST /api/opwire/v1/invites/{invite}`. It is not sealed, because the invited person has no session yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInviteRequest {
    /// The invite's secret.
    pub secret: String,
}

/// The response of `POST /api/opwire/v1/invites/{invite}`. It is not sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteDetails {
    /// The id of the account.
    pub account_uuid: String,
    /// The name of the account.
    pub account_name: String,
    /// The invited person's e-mail address, which the user must have.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The recovery group, for which the personal vault's key is also wrapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_group: Option<GroupPublicKey>,
    /// The id of the person who recovers access with it, and keeps this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<String>,
}

/// The body of `POST /api/opwire/v1/invites/{invite}/accept`. It is not sealed. A new user is pending afterwards; a
/// person who recovers access keeps their current keys until the recovery is completed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AcceptInviteRequest {
    /// The invite's secret, which cannot be used again.
    pub secret: String,
    /// The new user, with the invite's e-mail address.
    pub user: NewUser,
    /// The personal vault of a new user, of type `P`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<CreateVaultRequest>,
}

/// The response of `GET /api/opwire/v1/users/{user}/recovery`: the keys that are sealed for the keyset that a person
/// lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// The person's new public key.
    pub pub_key: RsaPublicKey,
    /// The vaults to which the person has direct access.
    pub vaults: Vec<RecoverableVault>,
    /// The ids of the groups that the person is a member of.
    pub group_uuids: Vec<String>,
}

/// A vault of a [`Recovery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecoverableVault {
    /// The person's access.
    pub access: VaultAccessRecord,
    /// The recovery group's access, which opens the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<VaultAccessRecord>,
}

/// The body of `POST /api/opwire/v1/users/{user}/recovery`: the same keys, sealed for the person's new keyset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteRecoveryRequest {
    /// The person's access to each vault, with the same permissions.
    pub vaults: Vec<VaultAccessRecord>,
    /// The keys of the person's groups.
    pub groups: Vec<GroupKey>,
    /// Vaults that the person loses, because their keys do not open by way of the recovery group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_vaults: Vec<String>,
    /// Groups that the person loses, because nobody who completes the recovery can open their keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_groups: Vec<String>,
}

/// The body of `PUT /api/opwire/v1/me/credentials`: everything that depends on the password and the Secret Key. The
/// keysets stay the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePasswordRequest {
    /// The SRP verifier, 1024 hex digits.
    pub verifier: String,
    /// The salt of the SRP secret, base64url.
    pub salt: String,
    /// The iterations of the password hash.
    pub iterations: u32,
    /// The sign-in method.
    pub method: String,
    /// The password hash.
    pub alg: String,
    /// The id of the Secret Key.
    pub secret_key_id: String,
    /// The primary keyset's id.
    pub keyset_uuid: String,
    /// The primary keyset's symmetric key, sealed with the new master unlock key.
    pub enc_sym_key: Envelope,
}

/// The id of the caller's session in `DELETE /api/opwire/v1/sessions/{session}`.
pub const CURRENT_SESSION: &str = "current";

/// An element of the response of `GET /api/opwire/v1/sessions`: a session of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The id for `DELETE /api/opwire/v1/sessions/{session}`, which is not the session id in requests.
    pub uuid: String,
    /// Whether it is the session of this request.
    pub current: bool,
    /// The name of the client, as it reported it.
    pub client: String,
    /// The name and version of the program that signed in, as it reported them.
    #[serde(default)]
    pub program: String,
    /// The name, operating system and processor of its machine, as it reported them.
    #[serde(default)]
    pub machine: String,
    /// The address from which the sign-in came.
    pub address: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub expires_at: String,
}
