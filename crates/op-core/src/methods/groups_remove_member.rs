use op_protocol::{
    id::{GroupId, UserId},
    rest::routes,
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result};

/// Remove a user from a group.
///
/// # Errors
/// - {error NotFound} if the group does not exist.
/// - {error PermissionDenied} if the client may not manage the group.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsRemoveMember {
    /// The id of the group.
    pub group_id: GroupId,
    /// The id of the user.
    pub user_id: UserId,
}

impl ClientMethod for GroupsRemoveMember {
    const SDK_NAME: &'static str = "groups.removeMember";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        client.api.act(&routes::REMOVE_GROUP_MEMBER.at([self.group_id.as_str(), self.user_id.as_str()])).await
    }
}
