use futures_util::future::try_join;
use op_protocol::{
    id::{GroupId, UserId},
    rest::routes,
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    people::{groups, users},
};

/// Add a user to a group. The group's key is encrypted for the user's public key.
///
/// # Errors
/// - {error NotFound} if the group or the user does not exist.
/// - {error PermissionDenied} if the client may not manage the group.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsAddMember {
    /// The id of the group.
    pub group_id: GroupId,
    /// The id of the user.
    pub user_id: UserId,
}

impl ClientMethod for GroupsAddMember {
    const SDK_NAME: &'static str = "groups.addMember";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let (group, user) =
            try_join(groups::record(client, &self.group_id, &[]), users::record(client, &self.user_id)).await?;
        let key = groups::wrapped_key(client, &group, &self.user_id, &user.pub_key).await?;
        client.api.mutate(&routes::ADD_GROUP_MEMBER.at([self.group_id.as_str(), self.user_id.as_str()]), &key).await
    }
}
