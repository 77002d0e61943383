use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    admin,
    client::Client,
    error::Result,
    types::{Group, GroupCreateParams},
};

/// Create a group without members. Only administrators can do this, and service accounts are never administrators.
///
/// # Errors
/// - {error BadInput} if the group has no title.
/// - {error PermissionDenied} if the client may not create groups.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsCreate {
    /// The group to create.
    pub params: GroupCreateParams,
}

impl ClientMethod for GroupsCreate {
    const SDK_NAME: &'static str = "groups.create";
    const ADDED: bool = true;
    type Output = Group;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let GroupCreateParams { title, description } = self.params;
        admin::create_group(client, title, description.unwrap_or_default()).await
    }
}
