//! Suspending and reactivating people.

use op_protocol::{id::UserId, rest::routes};

use crate::{client::Client, error::Result};

/// Suspends a person: ends their sessions, and blocks sign-in until they are reactivated. Their data is kept.
///
/// # Errors
/// This user is not an administrator, or the person does not exist.
pub async fn suspend_user(client: &Client, user_id: &UserId) -> Result<()> {
    client.api.act(&routes::SUSPEND_USER.at([user_id.as_str()])).await
}

/// Reactivates a suspended person.
///
/// # Errors
/// This user is not an administrator, or the person does not exist.
pub async fn reactivate_user(client: &Client, user_id: &UserId) -> Result<()> {
    client.api.act(&routes::REACTIVATE_USER.at([user_id.as_str()])).await
}
