//! The sessions of this user.

use op_protocol::{
    id::SessionId,
    rest::{CURRENT_SESSION, Session, routes},
};

use crate::{client::Client, error::Result};

/// Returns all sessions of this user, on all devices.
///
/// # Errors
/// The server cannot be reached, or fails.
pub async fn sessions(client: &Client) -> Result<Vec<Session>> {
    client.api.get(routes::SESSIONS.at([])).await
}

/// Ends one session.
///
/// # Errors
/// This user has no such session.
pub async fn sign_out(client: &Client, session_id: &SessionId) -> Result<()> {
    client.api.act(&routes::END_SESSION.at([session_id.as_str()])).await
}

/// Ends the session of this client. The next call signs in again.
///
/// # Errors
/// The server cannot be reached, or fails.
pub async fn end_session(client: &Client) -> Result<()> {
    client.api.act(&routes::END_SESSION.at([CURRENT_SESSION])).await
}

/// Ends all sessions of this user except the one of this client.
///
/// # Errors
/// The server cannot be reached, or fails.
pub async fn sign_out_everywhere_else(client: &Client) -> Result<()> {
    client.api.act(&routes::END_SESSIONS.at([])).await
}
