use op_protocol::id::UserId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, people::users, types::User};

/// Return a person in the account.
///
/// # Errors
/// - {error NotFound} if the user does not exist.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct UsersGet {
    /// The id of the user.
    pub user_id: UserId,
}

impl ClientMethod for UsersGet {
    const SDK_NAME: &'static str = "users.get";
    const ADDED: bool = true;
    type Output = User;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        users::record(client, &self.user_id).await.map(users::user)
    }
}
