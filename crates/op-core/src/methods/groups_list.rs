use op_protocol::rest::{self, routes};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, people::groups, types::Group};

/// List the groups of the account.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct GroupsList {}

impl ClientMethod for GroupsList {
    const SDK_NAME: &'static str = "groups.list";
    const ADDED: bool = true;
    type Output = Vec<Group>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let records: Vec<rest::GroupRecord> = client.api.get(routes::GROUPS.at([])).await?;
        Ok(records.into_iter().map(groups::group).collect())
    }
}
