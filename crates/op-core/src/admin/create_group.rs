//! A new group.

use op_protocol::rest::{
    self, accessor_type, group_type,
    routes::{self, Resource},
};

use super::maker::{Holder, Maker};
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    host::CryptoError,
    ids,
    people::groups::public_key,
    types::{Group, GroupState, GroupType},
};

/// Makes a group without members. Owners and administrators can open its key, so that they can add members.
///
/// # Errors
/// This user is no administrator.
pub async fn create_group(client: &Client, title: String, description: String) -> Result<Group> {
    if title.is_empty() {
        return Err(Error::new(ErrorKind::BadInput, "a group needs a title").with_field("params.title"));
    }
    let groups: Vec<rest::GroupRecord> = client.api.get(routes::GROUPS.at([])).await?;
    let is_keeper =
        |group: &&rest::GroupRecord| matches!(group.kind.as_str(), group_type::OWNERS | group_type::ADMINISTRATORS);
    let holders: Vec<_> = groups
        .iter()
        .filter(is_keeper)
        .map(|group| Ok(Holder { kind: accessor_type::GROUP, id: &group.uuid, public_key: public_key(group)? }))
        .collect::<Result<_>>()?;
    // Where the platform makes none, only service accounts sign in, which may not make groups.
    let no_keys = |CryptoError| Error::new(ErrorKind::PermissionDenied, Resource::Group.operation());
    let keys = client.host().crypto().rsa_generate().await.map_err(no_keys)?;
    let maker = Maker { host: client.host() };
    let made = maker.group(group_type::USER_DEFINED, &title, &description, &holders, keys).await?;
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

/// Deletes a group that somebody made. Its members lose what they had by it.
///
/// # Errors
/// This user is no administrator, or the group comes with the account.
pub async fn delete_group(client: &Client, group_id: &str) -> Result<()> {
    ids::check("group_id", group_id)?;
    client.api.act(&routes::DELETE_GROUP.at([group_id])).await
}
