use op_protocol::rest::{self, routes};
use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, ids, people::users, types::GroupMember};

/// List the members of a group.
///
/// # Errors
/// - {error NotFound} if the group does not exist.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsListMembers {
    /// The id of the group.
    pub group_id: String,
}

impl ClientMethod for GroupsListMembers {
    const SDK_NAME: &'static str = "groups.listMembers";
    const ADDED: bool = true;
    type Output = Vec<GroupMember>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("group_id", &self.group_id)?;
        let records: Vec<rest::GroupMember> = client.api.get(routes::GROUP_MEMBERS.at([&self.group_id])).await?;
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
