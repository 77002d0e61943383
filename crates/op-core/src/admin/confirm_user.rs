//! The confirmation of a person who accepted an invitation, or its refusal.

use op_protocol::rest::{self, group_type, routes};

use crate::{
    client::Client,
    error::Result,
    ids,
    people::{groups, users},
};

/// Lets a person in, as one of the team members: their key is wrapped for the person's public key.
///
/// # Errors
/// This user is no administrator, or nobody of this id waits for confirmation.
pub async fn confirm_user(client: &Client, user_id: &str) -> Result<()> {
    ids::check("user_id", user_id)?;
    let groups = client.api.get::<Vec<rest::GroupRecord>>(routes::GROUPS.at([]));
    let (groups, user) = futures_util::future::try_join(groups, users::record(client, user_id)).await?;
    let mut keys = Vec::new();
    for group in groups.iter().filter(|group| group.kind == group_type::TEAM_MEMBERS) {
        keys.push(groups::wrapped_key(client, group, &user.uuid, &user.pub_key).await?);
    }
    client.api.mutate(&routes::CONFIRM_USER.at([user_id]), &keys).await
}

/// Turns a person away who waits for confirmation. Nothing of theirs is kept; they may be invited again.
///
/// # Errors
/// This user is no administrator, or nobody of this id waits for confirmation.
pub async fn reject_user(client: &Client, user_id: &str) -> Result<()> {
    ids::check("user_id", user_id)?;
    client.api.act(&routes::REJECT_USER.at([user_id])).await
}
