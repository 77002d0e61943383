use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    types::{Group, GroupCreateParams},
};

/// Create a group without members. Administrators can, which service accounts never are.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsCreate {
    /// The group's title and description.
    pub params: GroupCreateParams,
}

impl ClientMethod for GroupsCreate {
    const SDK_NAME: &'static str = "groups.create";
    const ADDED: bool = true;
    type Output = Group;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let GroupCreateParams { title, description } = self.params;
        client.create_group(title, description.unwrap_or_default()).await
    }
}
