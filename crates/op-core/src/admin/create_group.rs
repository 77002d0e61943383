//! Creating and deleting groups.

use op_protocol::{
    id::GroupId,
    rest::{
        self, AccessorType,
        routes::{self, Resource},
    },
};

use super::account_builder::{AccountBuilder, Holder};
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    host::CryptoError,
    people::groups::public_key,
    types::{Group, GroupState, GroupType},
};

/// Creates a group without members. Owners and administrators can open its key, so that they can add members.
///
/// # Errors
/// This user is not an administrator.
pub async fn create_group(client: &Client, title: String, description: String) -> Result<Group> {
    if title.is_empty() {
        return Err(Error::new(ErrorKind::BadInput, "a group needs a title").with_field("params.title"));
    }
    let groups: Vec<rest::GroupRecord> = client.api.get(routes::GROUPS.at([])).await?;
    let is_holder = |group: &&rest::GroupRecord| {
        matches!(group.kind.known(), Some(rest::GroupType::Owners | rest::GroupType::Administrators))
    };
    let holders: Vec<_> = groups
        .iter()
        .filter(is_holder)
        .map(|group| Ok(Holder { kind: AccessorType::Group, id: &group.uuid, public_key: public_key(group)? }))
        .collect::<Result<_>>()?;
    // On platforms that generate no keys, only service accounts sign in, and they may not create groups.
    let no_keys = |CryptoError| Error::new(ErrorKind::PermissionDenied, Resource::Group.operation());
    let keys = client.host().crypto().rsa_generate().await.map_err(no_keys)?;
    let builder = AccountBuilder { host: client.host() };
    let made = builder.group(rest::GroupType::UserDefined, &title, &description, &holders, keys).await?;
    client.api.mutate(&routes::CREATE_GROUP.at([]), &made).await?;
    Ok(Group {
        id: made.uuid,
        title,
        description,
        group_type: GroupType::UserDefined,
        state: GroupState::Active,
        vault_access: None,
    })
}

/// Deletes a group. Its members lose the access that they had through it.
///
/// # Errors
/// This user is not an administrator, or the group is built in.
pub async fn delete_group(client: &Client, group_id: &GroupId) -> Result<()> {
    client.api.act(&routes::DELETE_GROUP.at([group_id.as_str()])).await
}
