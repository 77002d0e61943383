//! The groups of an account.

use op_protocol::{
    id::{GroupId, UserId},
    jwk::RsaPublicKey,
    rest::{self, AccessorType, GroupKey, GroupPublicKey, routes},
};

use crate::{
    client::{self, Client},
    error::{Error, ErrorKind, Result},
    plaintext,
    types::{Group, GroupState, GroupType},
};

/// Reads one group, with optional attributes: `pubkey`, `vault-access`.
pub(crate) async fn record(client: &Client, group_id: &GroupId, attrs: &[&str]) -> Result<rest::GroupRecord> {
    let group = routes::GROUP.at([group_id.as_str()]);
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
    user_id: &UserId,
    public_key: &RsaPublicKey,
) -> Result<GroupKey> {
    let keyset = client.keychain.keyset(&group.active_keyset_uuid).await?;
    Ok(GroupKey {
        group_uuid: group.uuid.clone(),
        holder_type: AccessorType::User,
        holder_uuid: user_id.to_string(),
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
        group_type: match record.kind.known() {
            Some(rest::GroupType::Owners) => GroupType::Owners,
            Some(rest::GroupType::Administrators) => GroupType::Administrators,
            Some(rest::GroupType::Recovery) => GroupType::Recovery,
            Some(rest::GroupType::ExternalAccountManagers) => GroupType::ExternalAccountManagers,
            Some(rest::GroupType::TeamMembers) => GroupType::TeamMembers,
            Some(rest::GroupType::UserDefined) => GroupType::UserDefined,
            None => GroupType::Unsupported,
        },
        state: match record.state.known() {
            Some(rest::GroupState::Active) => GroupState::Active,
            Some(rest::GroupState::Deleted) => GroupState::Deleted,
            None => GroupState::Unsupported,
        },
        vault_access: record.vault_access.as_deref().map(plaintext::vault::access),
        id: record.uuid,
        title: record.name,
        description: record.desc.or(record.description).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_and_states_of_newer_servers_are_unsupported() {
        for (kind, state, seen) in [
            ("O", "A", (GroupType::Owners, GroupState::Active)),
            ("A", "D", (GroupType::Administrators, GroupState::Deleted)),
            ("R", "X", (GroupType::Recovery, GroupState::Unsupported)),
            ("E", "", (GroupType::ExternalAccountManagers, GroupState::Unsupported)),
            ("M", "A", (GroupType::TeamMembers, GroupState::Active)),
            ("U", "A", (GroupType::UserDefined, GroupState::Active)),
            ("X", "A", (GroupType::Unsupported, GroupState::Active)),
        ] {
            let record = json!({
                "uuid": "g", "type": kind, "name": "", "state": state, "attrVersion": 1, "createdAt": "",
                "updatedAt": "", "permissions": 0, "activeKeysetUuid": "k",
            });
            let group = group(op_protocol::json::decode(record.to_string().as_bytes()).unwrap());
            assert_eq!((group.group_type, group.state), seen, "{kind} {state}");
        }
    }
}
