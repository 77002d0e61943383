use op_protocol::rest;
use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, groups, transport::Resource, types::Group};

/// List the groups of the account.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsList {}

impl ClientMethod for GroupsList {
    const SDK_NAME: &'static str = "groups.list";
    const ADDED: bool = true;
    type Output = Vec<Group>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let records: Vec<rest::Group> = client.api.get("/api/opwire/v1/groups".to_owned(), Resource::Group).await?;
        Ok(records.into_iter().map(groups::group).collect())
    }
}
