use op_protocol::rest;
use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, transport::Resource, types::User, users};

/// List the people of the account, those who wait for confirmation too. Added by opwire.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct UsersList {}

impl ClientMethod for UsersList {
    const SDK_NAME: &'static str = "users.list";
    type Output = Vec<User>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let records: Vec<rest::User> = client.api.get("/api/opwire/v1/users".to_owned(), Resource::User).await?;
        Ok(records.into_iter().map(users::user).collect())
    }
}
