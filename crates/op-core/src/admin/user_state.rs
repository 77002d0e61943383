//! Suspending and reactivating people.

use crate::{client::Client, error::Result, ids};
use op_protocol::rest::routes;

/// Suspends a person: ends their sessions, and blocks sign-in until they are reactivated. Their data is kept.
///
/// # Errors
/// This user is not an administrator, or the person does not exist.
pub async fn suspend_user(client: &Client, user_id: &str) -> Result<()> {
    ids::check("user_id", user_id)?;
    client.api.act(&routes::SUSPEND_USER.at([user_id])).await
}

/// Reactivates a suspended person.
///
/// # Errors
/// This user is not an administrator, or the person does not exist.
pub async fn reactivate_user(client: &Client, user_id: &str) -> Result<()> {
    ids::check("user_id", user_id)?;
    client.api.act(&routes::REACTIVATE_USER.at([user_id])).await
}
