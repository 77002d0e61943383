//! The rows of accounts, people, groups and vaults: those that the store reads, and those that it is given to write.

use op_protocol::envelope::Envelope;
use op_protocol::id::{InviteId, UserId, VaultId};
use op_protocol::keyset::Keyset;
use op_protocol::rest::{AccessorType, GroupState, GroupType, UserState, VaultType};
use sqlx::FromRow;

use crate::ids::{IdText, OptionalIdText};
use crate::policy::account::Role;

/// The columns of an [`AccessRow`], of the table or view `a`.
macro_rules! access_columns {
    () => {
        "a.vault_uuid, a.accessor_type, a.accessor_uuid, a.acl, a.lease_timeout, a.vault_key_sn, a.encrypted_by, a.enc_vault_key"
    };
}
pub(super) use access_columns;

/// What a sign-in is checked against.
#[derive(FromRow, Clone)]
pub(crate) struct SignIn {
    #[sqlx(try_from = "IdText")]
    pub(crate) uuid: UserId,
    pub(crate) account_uuid: String,
    #[sqlx(try_from = "String")]
    pub(crate) role: Role,
    pub(crate) email: String,
    pub(crate) method: String,
    pub(crate) alg: String,
    #[sqlx(try_from = "i64")]
    pub(crate) iterations: u32,
    pub(crate) salt: Vec<u8>,
    pub(crate) secret_key_id: String,
    pub(crate) verifier: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: UserState,
}

/// A user to create, with the first keyset.
pub(crate) struct NewUser<'a> {
    pub(crate) sign_in: SignIn,
    pub(crate) name: &'a str,
    pub(crate) can_create_vaults: bool,
    pub(crate) keyset: &'a Keyset,
}

/// An account to create.
pub(crate) struct NewAccount<'a> {
    pub(crate) uuid: &'a str,
    pub(crate) name: &'a str,
    pub(crate) domain: Option<&'a str>,
}

/// An account with one of its users.
#[derive(FromRow)]
pub(crate) struct Profile {
    pub(crate) account_name: String,
    pub(crate) domain: Option<String>,
    #[sqlx(try_from = "i64")]
    pub(crate) account_version: u32,
    pub(crate) account_created_at: i64,
    pub(crate) email: String,
    pub(crate) user_name: String,
    #[sqlx(try_from = "i64")]
    pub(crate) user_version: u32,
    pub(crate) user_created_at: i64,
}

/// A person.
#[derive(FromRow)]
pub(crate) struct UserRow {
    #[sqlx(try_from = "IdText")]
    pub(crate) uuid: UserId,
    pub(crate) email: String,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: UserState,
    pub(crate) created_at: i64,
    /// The primary keyset, JSON.
    pub(crate) keyset: String,
}

/// A member of a group, and the group.
#[derive(FromRow)]
pub(crate) struct MembershipRow {
    #[sqlx(rename = "holder_uuid", try_from = "IdText")]
    pub(crate) user_uuid: UserId,
    pub(crate) group_uuid: String,
}

/// One way in which a user has access to a vault.
#[derive(FromRow)]
pub(crate) struct UserAccessRow {
    #[sqlx(rename = "type", try_from = "String")]
    pub(crate) kind: VaultType,
    #[sqlx(flatten)]
    pub(crate) access: AccessRow,
}

/// A stored service account.
#[derive(FromRow)]
pub(crate) struct ServiceAccountRow {
    pub(crate) uuid: String,
    pub(crate) email: String,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: UserState,
    pub(crate) can_create_vaults: i64,
    pub(crate) created_at: i64,
}

/// A stored invite.
#[derive(FromRow)]
pub(crate) struct InviteRow {
    pub(crate) uuid: String,
    pub(crate) account_uuid: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) secret_hash: Vec<u8>,
    pub(crate) creator_uuid: String,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    /// The person of the account who recovers access with it.
    #[sqlx(try_from = "OptionalIdText")]
    pub(crate) user_uuid: Option<UserId>,
    /// What that person created, JSON of a [`NewUser`](op_protocol::rest::NewUser).
    pub(crate) accepted: Option<String>,
}

/// An invite to create.
pub(crate) struct NewInvite<'a> {
    pub(crate) uuid: InviteId,
    /// Lower case.
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) secret_hash: &'a [u8],
    pub(crate) expires_at: i64,
    /// The person of the account who recovers access with it.
    pub(crate) user: Option<UserId>,
}

/// A stored group.
#[derive(FromRow)]
pub(crate) struct GroupRow {
    pub(crate) uuid: String,
    #[sqlx(rename = "type", try_from = "String")]
    pub(crate) kind: GroupType,
    pub(crate) name: String,
    pub(crate) description: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: GroupState,
    pub(crate) keyset_uuid: String,
    pub(crate) keyset: String,
    #[sqlx(try_from = "i64")]
    pub(crate) attr_version: u32,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// A person in a group.
#[derive(FromRow)]
pub(crate) struct MemberRow {
    pub(crate) user_uuid: String,
    pub(crate) email: String,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: UserState,
    pub(crate) created_at: i64,
}

/// A vault together with one user's access to it.
#[derive(FromRow)]
pub(crate) struct VaultRow {
    pub(crate) uuid: String,
    #[sqlx(rename = "type", try_from = "String")]
    pub(crate) kind: VaultType,
    pub(crate) enc_attrs: String,
    #[sqlx(try_from = "i64")]
    pub(crate) attr_version: u32,
    #[sqlx(try_from = "i64")]
    pub(crate) content_version: u32,
    #[sqlx(try_from = "i64")]
    pub(crate) access_version: u32,
    #[sqlx(try_from = "i64")]
    pub(crate) active_item_count: u32,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    #[sqlx(flatten)]
    pub(crate) access: AccessRow,
}

/// One accessor's access to a vault.
#[derive(Clone, FromRow)]
pub(crate) struct AccessRow {
    #[sqlx(try_from = "IdText")]
    pub(crate) vault_uuid: VaultId,
    #[sqlx(try_from = "String")]
    pub(crate) accessor_type: AccessorType,
    pub(crate) accessor_uuid: String,
    #[sqlx(try_from = "i64")]
    pub(crate) acl: u32,
    pub(crate) lease_timeout: i64,
    #[sqlx(try_from = "i64")]
    pub(crate) vault_key_sn: u32,
    pub(crate) encrypted_by: String,
    pub(crate) enc_vault_key: String,
}

/// An access to create, which has the members of a stored one.
pub(crate) type NewAccess = AccessRow;

/// A vault to create.
pub(crate) struct NewVault<'a> {
    pub(crate) uuid: VaultId,
    pub(crate) account_uuid: &'a str,
    pub(crate) kind: VaultType,
    pub(crate) enc_attrs: &'a Envelope,
    pub(crate) access: Vec<NewAccess>,
}

/// A user or a group with access to a vault.
#[derive(FromRow)]
pub(crate) struct VaultAccessorRow {
    #[sqlx(try_from = "String")]
    pub(crate) accessor_type: AccessorType,
    pub(crate) accessor_uuid: String,
    pub(crate) name: String,
    /// JSON, with the public key in it.
    pub(crate) keyset: String,
    #[sqlx(try_from = "i64")]
    pub(crate) acl: u32,
}
