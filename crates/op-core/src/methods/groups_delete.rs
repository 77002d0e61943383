use op_protocol::id::GroupId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{admin, client::Client, error::Result};

/// Delete a group that a user created. Its members lose the access that they had through it.
///
/// # Errors
/// - {error NotFound} if the group does not exist.
/// - {error PermissionDenied} if the client may not delete the group.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsDelete {
    /// The id of the group.
    pub group_id: GroupId,
}

impl ClientMethod for GroupsDelete {
    const SDK_NAME: &'static str = "groups.delete";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        admin::delete_group(client, &self.group_id).await
    }
}
