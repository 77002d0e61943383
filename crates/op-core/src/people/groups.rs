//! The groups of an account.

use op_protocol::{
    jwk::RsaPublicKey,
    rest::{self, GroupKey, GroupPublicKey, accessor_type, group_type, routes},
};

use crate::{
    client::{self, Client},
    error::{Error, ErrorKind, Result},
    plaintext,
    types::{Group, GroupState, GroupType},
};

/// Reads one group, with optional attributes: `pubkey`, `vault-access`.
pub(crate) async fn record(client: &Client, group_id: &str, attrs: &[&str]) -> Result<rest::GroupRecord> {
    let group = routes::GROUP.at([group_id]);
    let group = if attrs.is_empty() { group } else { group.query(format_args!("attrs={}", attrs.join(","))) };
    client.api.get_one(group).await
}

/// Reads the public keys of groups. Groups that do not exist are left out.
pub(crate) async fn public_keys(client: &Client, group_ids: &[&str]) -> Result<Vec<GroupPublicKey>> {
    let target = routes::GROUP_PUBLIC_KEYS.at([]).query(format_args!("uuids={}", group_ids.join(",")));
    let keys = client.api.get(target).await;
    keys.map_err(|error| error.with_prefix("authentication error: "))
}

/// Wraps a group's key for a user's public key. This client's user must be a member of the group, or of a group that
/// may add members to it.
pub(crate) async fn wrapped_key(
    client: &Client,
    group: &rest::GroupRecord,
    user_id: &str,
    public_key: &RsaPublicKey,
) -> Result<GroupKey> {
    let keyset = client.keychain.keyset(&group.active_keyset_uuid).await?;
    Ok(GroupKey {
        group_uuid: group.uuid.clone(),
        holder_type: accessor_type::USER.to_owned(),
        holder_uuid: user_id.to_owned(),
        encrypted_by: public_key.kid.clone(),
        enc_sym_key: client::wrap::wrap(client.host(), &keyset.symmetric, public_key).await?,
    })
}

/// Returns the public key of a group that was read with the attribute `pubkey`.
pub(crate) fn public_key(group: &rest::GroupRecord) -> Result<&RsaPublicKey> {
    let missing = || Error::new(ErrorKind::InvalidResponse, "the server sent a group without its public key");
    group.pub_key.as_ref().ok_or_else(missing)
}

/// Returns a group as callers see it.
pub(crate) fn group(record: rest::GroupRecord) -> Group {
    Group {
        group_type: match record.kind.as_str() {
            group_type::OWNERS => GroupType::Owners,
            group_type::ADMINISTRATORS => GroupType::Administrators,
            group_type::RECOVERY => GroupType::Recovery,
            "E" => GroupType::ExternalAccountManagers,
            group_type::TEAM_MEMBERS => GroupType::TeamMembers,
            group_type::USER_DEFINED => GroupType::UserDefined,
            _ => GroupType::Unsupported,
        },
        state: match record.state.as_str() {
            "A" => GroupState::Active,
            "D" => GroupState::Deleted,
            _ => GroupState::Unsupported,
        },
        vault_access: record.vault_access.as_deref().map(plaintext::vault::access),
        id: record.uuid,
        title: record.name,
        description: record.desc.or(record.description).unwrap_or_default(),
    }
}
