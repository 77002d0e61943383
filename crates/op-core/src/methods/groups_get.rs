use op_protocol::id::GroupId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    people::groups,
    types::{Group, GroupGetParams},
};

/// Return a group, and on request the vaults that it can open.
///
/// # Errors
/// - {error NotFound} if the group does not exist.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsGet {
    /// The id of the group.
    pub group_id: GroupId,
    /// What to read besides the group itself.
    pub group_params: GroupGetParams,
}

impl ClientMethod for GroupsGet {
    const SDK_NAME: &'static str = "groups.get";
    type Output = Group;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let attrs: &[&str] = if self.group_params.vault_permissions == Some(true) { &["vault-access"] } else { &[] };
        let record = groups::record(client, &self.group_id, attrs).await;
        record.map(groups::group).map_err(|error| error.with_prefix("error getting group: "))
    }
}
