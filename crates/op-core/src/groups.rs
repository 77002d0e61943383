//! Groups as the account server describes them.

use std::collections::HashMap;

use op_protocol::{
    jwk::RsaPublicKey,
    rest::{self, GroupKey, GroupPublicKey, accessor_type, group_type},
};

use crate::{
    access,
    client::Client,
    error::{Error, ErrorKind, Result},
    transport::Resource,
    types::{Group, GroupState, GroupType},
    vaults,
};

impl Client {
    /// One group; `attrs` asks for more than its name, as in `?attrs=pubkey`.
    pub(crate) async fn group_record(&self, group_id: &str, attrs: &str) -> Result<rest::Group> {
        self.api.get(format!("/api/v2/group/{group_id}{attrs}"), Resource::GroupAccess).await
    }

    /// The public keys of groups, by the groups' ids. All of them exist.
    pub(crate) async fn group_keys(&self, group_ids: &[&str]) -> Result<HashMap<String, RsaPublicKey>> {
        let route = format!("/api/v1/group/pubkeys?uuids={}", group_ids.join(","));
        let keys = self.api.get(route, Resource::GroupAccess).await;
        let keys: Vec<GroupPublicKey> = keys.map_err(|error| error.with_prefix("authentication error: "))?;
        let keys: HashMap<_, _> = keys.into_iter().map(|key| (key.uuid, key.pub_key)).collect();
        match group_ids.iter().find(|id| !keys.contains_key(**id)) {
            None => Ok(keys),
            Some(id) => Err(Error::new(ErrorKind::InvalidConfiguration, format_args!("group not found for id {id}"))),
        }
    }

    /// A group's key, wrapped for a user. This user is a member of the group, or of one that may add members to it.
    pub(crate) async fn group_key(&self, group: &rest::Group, user: &rest::User) -> Result<GroupKey> {
        let keyset = self.keychain.keyset(&group.active_keyset_uuid).await?;
        Ok(GroupKey {
            group_uuid: group.uuid.clone(),
            holder_type: accessor_type::USER.to_owned(),
            holder_uuid: user.uuid.clone(),
            encrypted_by: user.pub_key.kid.clone(),
            enc_sym_key: access::wrap(self.host(), &keyset.symmetric, &user.pub_key).await?,
        })
    }
}

/// A group as callers see it.
pub(crate) fn group(record: rest::Group) -> Group {
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
        vault_access: record.vault_access.as_deref().map(vaults::access),
        id: record.uuid,
        title: record.name,
        description: record.desc,
    }
}
