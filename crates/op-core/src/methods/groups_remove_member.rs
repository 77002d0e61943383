use op_protocol::rest::routes;
use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, ids};

/// Remove a user from a group.
///
/// # Errors
/// - {error NotFound} if the group does not exist.
/// - {error PermissionDenied} if the client may not manage the group.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsRemoveMember {
    /// The id of the group.
    pub group_id: String,
    /// The id of the user.
    pub user_id: String,
}

impl ClientMethod for GroupsRemoveMember {
    const SDK_NAME: &'static str = "groups.removeMember";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("group_id", &self.group_id)?;
        ids::check("user_id", &self.user_id)?;
        client.api.act(&routes::REMOVE_GROUP_MEMBER.at([&self.group_id, &self.user_id])).await
    }
}
