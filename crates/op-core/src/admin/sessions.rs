//! The sessions of the user itself.

use op_protocol::rest::{CURRENT_SESSION, Session, routes};

use crate::{client::Client, error::Result};

/// All sessions of this user, wherever it signed in.
///
/// # Errors
/// The server is not reached, or fails.
pub async fn sessions(client: &Client) -> Result<Vec<Session>> {
    client.api.get(routes::SESSIONS.at([])).await
}

/// Ends one session.
///
/// # Errors
/// There is no such session of this user.
pub async fn sign_out(client: &Client, session_id: &str) -> Result<()> {
    crate::ids::check("session_id", session_id)?;
    client.api.act(&routes::END_SESSION.at([session_id])).await
}

/// Ends the session of this client, which signs in again when it is used again.
///
/// # Errors
/// The server is not reached, or fails.
pub async fn end_session(client: &Client) -> Result<()> {
    client.api.act(&routes::END_SESSION.at([CURRENT_SESSION])).await
}

/// Ends all sessions of this user but the one that this client has.
///
/// # Errors
/// The server is not reached, or fails.
pub async fn sign_out_everywhere_else(client: &Client) -> Result<()> {
    client.api.act(&routes::END_SESSIONS.at([])).await
}
