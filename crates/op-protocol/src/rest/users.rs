//! The people of an account: how they join, and what is kept of them.

use serde::{Deserialize, Serialize};

use super::{CreateVaultRequest, GroupKey, GroupPublicKey, VaultAccessRecord};
use crate::{envelope::Envelope, jwk::RsaPublicKey, keyset::Keyset};

/// What a user may do at all, as a letter.
pub mod user_state {
    /// Signs in and works.
    pub const ACTIVE: &str = "A";
    /// Has accepted an invite and waits for an administrator's confirmation; cannot sign in yet.
    pub const PENDING: &str = "P";
    /// Cannot sign in; keeps its keys and its data.
    pub const SUSPENDED: &str = "S";
    /// A service account that was revoked.
    pub const DELETED: &str = "D";
}

/// A user to make, person or service account. Nothing in it lets the server sign in as that user or read its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// The user's id, chosen by the client.
    pub uuid: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// SRP verifier, 1024 hex digits.
    pub verifier: String,
    /// Salt of the SRP secret, base64url.
    pub salt: String,
    /// Iterations of the password hash.
    pub iterations: u32,
    /// The sign-in method, as [`kdf::METHOD`](crate::kdf::METHOD).
    pub method: String,
    /// The password hash, as [`kdf::ALG`](crate::kdf::ALG).
    pub alg: String,
    /// Id of the Secret Key.
    pub secret_key_id: String,
    /// The user's keys, sealed with its master unlock key.
    pub keyset: Keyset,
}

/// Answer of `GET /api/opwire/v1/users/{user}`, and an element of `GET /api/opwire/v1/users`: a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    /// The user's id.
    pub uuid: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// A letter of [`user_state`].
    pub state: String,
    /// RFC 3339.
    pub created_at: String,
    /// What keys for this user are wrapped with.
    pub pub_key: RsaPublicKey,
    /// The groups that it is a member of.
    pub group_uuids: Vec<String>,
}

/// An element of `GET /api/opwire/v1/users/{user}/vaults`: what a user may do in a vault, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserVault {
    /// The vault.
    pub vault_uuid: String,
    /// A letter of [`vault_type`](super::vault_type).
    #[serde(rename = "type")]
    pub kind: String,
    /// All that the user may do: the union of `access`.
    pub acl: u32,
    /// The user's own access, and that of each of its groups.
    pub access: Vec<VaultAccessRecord>,
}

/// Body of `POST /api/opwire/v1/invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateInviteRequest {
    /// The invite's id, chosen by the client.
    pub uuid: String,
    /// Whom it is for, lower case. An earlier invite of this address is replaced.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// Base64url SHA-256 of the invite's secret: the text that the invited person presents. Only that person learns it.
    pub secret_hash: String,
    /// Seconds until it expires, at most 30 days; absent for 14 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u32>,
    /// The person of the account who lost the password or the Secret Key and is to get back in; absent for somebody new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<String>,
}

/// An element of `GET /api/opwire/v1/invites`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// The invite's id.
    pub uuid: String,
    /// Whom it is for.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// Who made it.
    pub creator_uuid: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
    /// The person of the account who is to get back in with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<String>,
    /// Whether that person has accepted it, and waits for an administrator.
    #[serde(default)]
    pub accepted: bool,
}

/// Body of `POST /api/opwire/v1/invites/{invite}`, in the clear: the invited person has no session yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInviteRequest {
    /// The invite's secret.
    pub secret: String,
}

/// Answer of `POST /api/opwire/v1/invites/{invite}`, in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteDetails {
    /// The account that one is invited to.
    pub account_uuid: String,
    /// Its name.
    pub account_name: String,
    /// Whom it is for; the user must have this address.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// The recovery group, for which the personal vault's key is wrapped as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_group: Option<GroupPublicKey>,
    /// The id of the person who gets back in with it, and keeps this id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_uuid: Option<String>,
}

/// Body of `POST /api/opwire/v1/invites/{invite}/accept`, in the clear. The user is pending afterwards; one who is to get
/// back in keeps the present keys until the recovery is completed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AcceptInviteRequest {
    /// The invite's secret; it cannot be used again.
    pub secret: String,
    /// The new user, with the invite's e-mail address.
    pub user: NewUser,
    /// The personal vault of a new user, of type `P`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<CreateVaultRequest>,
}

/// Answer of `GET /api/opwire/v1/users/{user}/recovery`: what is sealed for the keys that a person lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// The public key that the person made when accepting.
    pub pub_key: RsaPublicKey,
    /// The vaults that the person has access to by itself.
    pub vaults: Vec<RecoverableVault>,
    /// The groups that the person is in.
    pub group_uuids: Vec<String>,
}

/// A vault of a [`Recovery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecoverableVault {
    /// The person's access.
    pub access: VaultAccessRecord,
    /// The recovery group's, which opens the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<VaultAccessRecord>,
}

/// Body of `POST /api/opwire/v1/users/{user}/recovery`: the same keys, sealed for the person's new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteRecoveryRequest {
    /// The person's access to each vault, with the same permissions.
    pub vaults: Vec<VaultAccessRecord>,
    /// The key of each group.
    pub groups: Vec<GroupKey>,
}

/// Body of `PUT /api/opwire/v1/me/credentials`: what changes with the password or the Secret Key. The keys stay the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePasswordRequest {
    /// SRP verifier, 1024 hex digits.
    pub verifier: String,
    /// Salt of the SRP secret, base64url.
    pub salt: String,
    /// Iterations of the password hash.
    pub iterations: u32,
    /// The sign-in method.
    pub method: String,
    /// The password hash.
    pub alg: String,
    /// Id of the Secret Key.
    pub secret_key_id: String,
    /// The primary keyset's id.
    pub keyset_uuid: String,
    /// The primary keyset's symmetric key, sealed with the new master unlock key.
    pub enc_sym_key: Envelope,
}

/// Names the session that asks, in `DELETE /api/opwire/v1/sessions/{session}`.
pub const CURRENT_SESSION: &str = "current";

/// An element of `GET /api/opwire/v1/sessions`: a session of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Names the session for `DELETE /api/opwire/v1/sessions/{session}`; not the id that requests carry.
    pub uuid: String,
    /// Whether it is the one that asks.
    pub current: bool,
    /// What the client calls itself.
    pub client: String,
    /// The program that signed in, with its version, as it calls itself.
    #[serde(default)]
    pub program: String,
    /// The machine that it runs on, as it calls itself: name, operating system and processor.
    #[serde(default)]
    pub machine: String,
    /// Where the sign-in came from.
    pub address: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub expires_at: String,
}
