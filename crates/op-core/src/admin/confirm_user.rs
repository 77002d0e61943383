//! Confirming or rejecting a person who accepted an invitation.

use op_protocol::{
    id::UserId,
    rest::{self, GroupType, routes},
};

use crate::{
    client::Client,
    error::Result,
    people::{groups, users},
};

/// Confirms a person as a team member: wraps the key of the group Team Members for their public key.
///
/// # Errors
/// This user is not an administrator, or no person with this id is waiting for confirmation.
pub async fn confirm_user(client: &Client, user_id: &UserId) -> Result<()> {
    let groups = client.api.get::<Vec<rest::GroupRecord>>(routes::GROUPS.at([]));
    let (groups, user) = futures_util::future::try_join(groups, users::record(client, user_id)).await?;
    let mut keys = Vec::new();
    for group in groups.iter().filter(|group| group.kind == GroupType::TeamMembers) {
        keys.push(groups::wrapped_key(client, group, user_id, &user.pub_key).await?);
    }
    client.api.mutate(&routes::CONFIRM_USER.at([user_id.as_str()]), &keys).await
}

/// Rejects a person who is waiting for confirmation. Nothing of theirs is kept; they can be invited again.
///
/// # Errors
/// This user is not an administrator, or no person with this id is waiting for confirmation.
pub async fn reject_user(client: &Client, user_id: &UserId) -> Result<()> {
    client.api.act(&routes::REJECT_USER.at([user_id.as_str()])).await
}
