//! A user's own credentials and sessions.

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use op_protocol::jwk::A256GCM;
use op_protocol::keyset::MASTER_KEY_ID;
use op_protocol::rest::{CURRENT_SESSION, ChangePasswordRequest, Session};

use super::answer::{Success, success};
use super::checks::{Credentials, is_sealed};
use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed};
use super::time;
use crate::State;
use crate::system::now;

/// A new password, Secret Key, or both. Whoever has taken over a session cannot make the account theirs.
pub(super) async fn change_credentials(
    server: State,
    Sealed { caller, body }: Sealed<ChangePasswordRequest>,
) -> Result<Json<Success>> {
    caller.require_fresh()?;
    let credentials = Credentials {
        method: &body.method,
        alg: &body.alg,
        iterations: body.iterations,
        salt: &body.salt,
        secret_key_id: &body.secret_key_id,
        verifier: &body.verifier,
    };
    let salt = credentials.check().map_err(|member| ApiError::bad_request(format!("{member} is malformed")))?;
    if !is_sealed(&body.enc_sym_key, A256GCM) || body.enc_sym_key.kid != MASTER_KEY_ID {
        return Err(ApiError::bad_request("encSymKey is not sealed with a master unlock key"));
    }
    // Before and after, so that sign-ins with the old password in between end as well.
    let (user, session) = (caller.user(), Some(caller.session_id()));
    server.store.end_sessions(user, session).await?;
    server.store.change_credentials(&caller.actor, &body, &salt).await?;
    server.store.end_sessions(user, session).await?;
    Ok(success())
}

pub(super) async fn list_sessions(server: State, caller: Caller) -> Result<Response> {
    let rows = server.store.sessions(caller.user(), now()).await?;
    let sessions = rows.into_iter().map(|row| Session {
        uuid: server.session_name(&row.id).into(),
        current: row.id == caller.session_id(),
        client: row.claims.client,
        program: row.claims.program,
        machine: row.claims.machine,
        address: row.address,
        started_at: time::write(row.started_at),
        expires_at: time::write(row.expires_at),
    });
    caller.seal(&sessions.collect::<Vec<_>>())
}

/// Ends all sessions except the caller's.
pub(super) async fn end_sessions(server: State, caller: Caller) -> Result<Json<Success>> {
    server.store.end_sessions(caller.user(), Some(caller.session_id())).await?;
    Ok(success())
}

/// Ends one session; [`CURRENT_SESSION`] is the caller's.
pub(super) async fn end_session(server: State, caller: Caller, Path(name): Path<String>) -> Result<Json<Success>> {
    if name == CURRENT_SESSION {
        server.store.drop_session(caller.session_id()).await?;
        return Ok(success());
    }
    let rows = server.store.sessions(caller.user(), now()).await?;
    let session = rows.iter().find(|row| server.session_name(&row.id).as_str() == name);
    server.store.drop_session(&session.ok_or_else(|| ApiError::not_found("session"))?.id).await?;
    Ok(success())
}
