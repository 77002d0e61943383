//! Whether a person may sign in.

use crate::{client::Client, error::Result, ids};
use op_protocol::rest::routes;

/// Keeps a person out until it is reactivated, and ends its sessions. Its data stays.
///
/// # Errors
/// This user is no administrator, or there is no such person.
pub async fn suspend_user(client: &Client, user_id: &str) -> Result<()> {
    ids::check("user_id", user_id)?;
    client.api.act(&routes::SUSPEND_USER.at([user_id])).await
}

/// Lets a suspended person in again.
///
/// # Errors
/// This user is no administrator, or there is no such person.
pub async fn reactivate_user(client: &Client, user_id: &str) -> Result<()> {
    ids::check("user_id", user_id)?;
    client.api.act(&routes::REACTIVATE_USER.at([user_id])).await
}
