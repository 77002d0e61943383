use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, people::users, types::User};

/// List the people in the account, including those who are waiting for confirmation.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct UsersList {}

impl ClientMethod for UsersList {
    const SDK_NAME: &'static str = "users.list";
    const ADDED: bool = true;
    type Output = Vec<User>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        Ok(users::records(client).await?.into_iter().map(users::user).collect())
    }
}
