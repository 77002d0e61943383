use op_protocol::{
    id::GroupId,
    rest::{self, routes},
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, people::users, types::GroupMember};

/// List the members of a group.
///
/// # Errors
/// - {error NotFound} if the group does not exist.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsListMembers {
    /// The id of the group.
    pub group_id: GroupId,
}

impl ClientMethod for GroupsListMembers {
    const SDK_NAME: &'static str = "groups.listMembers";
    const ADDED: bool = true;
    type Output = Vec<GroupMember>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let records: Vec<rest::GroupMember> =
            client.api.get(routes::GROUP_MEMBERS.at([self.group_id.as_str()])).await?;
        let member = |record: rest::GroupMember| GroupMember {
            state: users::state(&record.state),
            user_id: record.user_uuid,
            name: record.name,
            email: record.email,
            joined_at: record.joined_at,
        };
        Ok(records.into_iter().map(member).collect())
    }
}
