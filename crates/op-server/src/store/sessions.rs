//! Sessions: the steps of a sign-in, then the key that seals all later requests.
//!
//! Each step is an update that names the state that it starts from, so that two requests, even on two processes, cannot
//! both take it.

use op_protocol::closed_set;
use op_protocol::id::UserId;
use sqlx::FromRow;
use zeroize::Zeroizing;

use super::audit::Actor;
use super::{Result, Store, StoreError};
use crate::ids::OptionalIdText;
use crate::policy::account::Role;
use crate::policy::limits::MAX_SESSIONS;
use crate::system::now;

/// How far the numbers of requests may be from the order in which they arrive. Clients count up, and send at most some
/// hundreds at a time.
const REQUEST_WINDOW: i64 = 4_096;

/// Who signed in, as a complete session knows them.
pub(crate) struct Identity {
    pub(crate) user_uuid: UserId,
    pub(crate) account_uuid: String,
    pub(crate) role: Role,
}

/// A session whose client asked for the challenge.
#[derive(FromRow)]
pub(crate) struct Started {
    pub(crate) login_key: String,
    /// None: the address is unknown, which must not show.
    #[sqlx(try_from = "OptionalIdText")]
    pub(crate) user_uuid: Option<UserId>,
}

/// A session whose client sends its proof.
#[derive(FromRow)]
pub(crate) struct Proving {
    pub(crate) login_key: String,
    #[sqlx(try_from = "OptionalIdText")]
    pub(crate) user_uuid: Option<UserId>,
    /// SRP's A, hex.
    pub(crate) client_public: String,
    /// SRP's b.
    pub(crate) server_secret: Vec<u8>,
}

/// A session whose two sides share a key.
pub(crate) struct Live {
    pub(crate) progress: Progress,
    /// When the user signed in; 0 before the last step.
    pub(crate) started_at: i64,
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) identity: Identity,
}

/// A signed-in session of a user, as lists show it.
#[derive(FromRow)]
pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) started_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) address: String,
    #[sqlx(flatten)]
    pub(crate) claims: Claims,
}

/// What the client of a session says about itself, for its user to recognise. No decision depends on it.
#[derive(FromRow, Default)]
pub(crate) struct Claims {
    /// Its library.
    pub(crate) client: String,
    pub(crate) program: String,
    pub(crate) machine: String,
}

closed_set! {
    /// How far a session has come: the column `sessions.state`.
    pub(crate) enum Progress {
        /// The client has asked for the challenge.
        Started = "started",
        /// The public numbers are exchanged.
        Keyed = "keyed",
        /// The client has sent its proof, which it can do once.
        Proving = "proving",
        /// Both sides have proved the key; only the last step of the sign-in is open.
        Confirmed = "confirmed",
        /// Signed in.
        Complete = "complete",
    }
}

impl Store {
    /// Stores a sign-in that has begun. `identity` is None for an unknown address.
    pub(crate) async fn start_session(
        &self,
        id: &str,
        login_key: &str,
        identity: Option<&Identity>,
        address: &str,
        expires_at: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO sessions (id, state, login_key, user_uuid, account_uuid, role, address, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id)
        .bind(Progress::Started.as_str())
        .bind(login_key)
        .bind(identity.map(|i| i.user_uuid.as_str()))
        .bind(identity.map(|i| &i.account_uuid))
        .bind(identity.map(|i| i.role.as_str()))
        .bind(address)
        .bind(expires_at)
        .execute(&self.volatile.writer)
        .await?;
        Ok(())
    }

    /// The session in its first state, if it has not expired.
    pub(crate) async fn started_session(&self, id: &str, now: i64) -> Result<Option<Started>> {
        Ok(sqlx::query_as("SELECT login_key, user_uuid FROM sessions WHERE id = $1 AND state = $2 AND expires_at > $3")
            .bind(id)
            .bind(Progress::Started.as_str())
            .bind(now)
            .fetch_optional(&self.volatile.reader)
            .await?)
    }

    /// started -> keyed. False: another request was faster, or the session is gone.
    pub(crate) async fn key_session(&self, id: &str, client_public: &str, server_secret: &[u8; 32]) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE sessions SET state = $1, client_public = $2, server_secret = $3 WHERE id = $4 AND state = $5",
        )
        .bind(Progress::Keyed.as_str())
        .bind(client_public)
        .bind(server_secret.as_slice())
        .bind(id)
        .bind(Progress::Started.as_str())
        .execute(&self.volatile.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// keyed -> proving. None: there is no session in that state, so a proof can be tried once only.
    pub(crate) async fn prove_session(&self, id: &str, now: i64) -> Result<Option<Proving>> {
        Ok(sqlx::query_as(
            "UPDATE sessions SET state = $1 WHERE id = $2 AND state = $3 AND expires_at > $4
             RETURNING login_key, user_uuid, client_public, server_secret",
        )
        .bind(Progress::Proving.as_str())
        .bind(id)
        .bind(Progress::Keyed.as_str())
        .bind(now)
        .fetch_optional(&self.volatile.writer)
        .await?)
    }

    /// proving -> confirmed: from now on the session has a key.
    pub(crate) async fn confirm_session(&self, id: &str, session_key: &[u8; 32]) -> Result<()> {
        sqlx::query(
            "UPDATE sessions SET state = $1, session_key = $2, client_public = NULL, server_secret = NULL
             WHERE id = $3 AND state = $4",
        )
        .bind(Progress::Confirmed.as_str())
        .bind(session_key.as_slice())
        .bind(id)
        .bind(Progress::Proving.as_str())
        .execute(&self.volatile.writer)
        .await?;
        Ok(())
    }

    /// confirmed -> complete, valid until `expires_at`. False: it was not in that state. A user who has more sessions
    /// than there may be loses the oldest.
    pub(crate) async fn complete_session(
        &self,
        user: &UserId,
        id: &str,
        claims: &Claims,
        now: i64,
        expires_at: i64,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE sessions SET state = $1, client = $2, program = $3, machine = $4, started_at = $5, expires_at = $6
             WHERE id = $7 AND state = $8",
        )
        .bind(Progress::Complete.as_str())
        .bind(&claims.client)
        .bind(&claims.program)
        .bind(&claims.machine)
        .bind(now)
        .bind(expires_at)
        .bind(id)
        .bind(Progress::Confirmed.as_str())
        .execute(&self.volatile.writer)
        .await?;
        sqlx::query(
            "DELETE FROM sessions WHERE id IN (
                 SELECT id FROM sessions WHERE user_uuid = $1 AND state = $2 AND id <> $3
                 ORDER BY started_at DESC, id LIMIT $4 OFFSET $5)",
        )
        .bind(user.as_str())
        .bind(Progress::Complete.as_str())
        .bind(id)
        .bind(i64::MAX)
        .bind(MAX_SESSIONS - 1)
        .execute(&self.volatile.writer)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The sessions in which a user is signed in, newest first.
    pub(crate) async fn sessions(&self, user: &UserId, now: i64) -> Result<Vec<SessionRow>> {
        Ok(sqlx::query_as(
            "SELECT id, started_at, expires_at, address, client, program, machine FROM sessions
             WHERE user_uuid = $1 AND state = $2 AND expires_at > $3 ORDER BY started_at DESC, id",
        )
        .bind(user.as_str())
        .bind(Progress::Complete.as_str())
        .bind(now)
        .fetch_all(&self.volatile.reader)
        .await?)
    }

    /// Ends a user's sessions, including sign-ins under way, except the session `but`.
    pub(crate) async fn end_sessions(&self, user: &UserId, but: Option<&str>) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE user_uuid = $1 AND id <> $2")
            .bind(user.as_str())
            .bind(but.unwrap_or_default())
            .execute(&self.volatile.writer)
            .await?;
        Ok(())
    }

    /// The session with its key, once both sides share one and while it has not expired.
    pub(crate) async fn live_session(&self, id: &str, now: i64) -> Result<Option<Live>> {
        let row: Option<(String, i64, Vec<u8>, String, String, String)> = sqlx::query_as(
            "SELECT state, started_at, session_key, user_uuid, account_uuid, role FROM sessions
             WHERE id = $1 AND state IN ($2, $3) AND expires_at > $4 AND user_uuid IS NOT NULL",
        )
        .bind(id)
        .bind(Progress::Confirmed.as_str())
        .bind(Progress::Complete.as_str())
        .bind(now)
        .fetch_optional(&self.volatile.reader)
        .await?;
        let Some((state, started_at, key, user, account_uuid, role)) = row else { return Ok(None) };
        let key = Zeroizing::new(key);
        let identity = Identity { user_uuid: UserId::from_server(user), account_uuid, role: role.parse()? };
        Ok(Some(Live { progress: state.parse()?, started_at, key, identity }))
    }

    /// Refuses an actor whose session has ended.
    pub(super) async fn check_session(&self, actor: &Actor) -> Result<()> {
        let Some(id) = &actor.session else { return Ok(()) };
        let found = sqlx::query("SELECT id FROM sessions WHERE id = $1 AND state = $2 AND expires_at > $3")
            .bind(id)
            .bind(Progress::Complete.as_str())
            .bind(now())
            .fetch_optional(&self.volatile.reader)
            .await?;
        found.map(drop).ok_or(StoreError::SignedOut)
    }

    /// Takes a signed request of a session that changes something. False: it was taken before, or is so old that nobody
    /// knows.
    pub(crate) async fn take_request(&self, session: &str, number: u32) -> Result<bool> {
        let taken = sqlx::query(
            "INSERT INTO taken_requests (session_id, number) SELECT $1, $2
             WHERE NOT EXISTS (SELECT 1 FROM taken_requests WHERE session_id = $1 AND number > $3)
             ON CONFLICT (session_id, number) DO NOTHING",
        )
        .bind(session)
        .bind(i64::from(number))
        .bind(i64::from(number) + REQUEST_WINDOW)
        .execute(&self.volatile.writer)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Deletes a session.
    pub(crate) async fn drop_session(&self, id: &str) -> Result<()> {
        sqlx::query("DELETE FROM sessions WHERE id = $1").bind(id).execute(&self.volatile.writer).await?;
        Ok(())
    }

    /// Deletes expired sessions and codes, counters whose window is over, and the numbers of requests that no session
    /// needs.
    pub(crate) async fn purge_expired(&self, now: i64) -> Result<()> {
        for statement in [
            "DELETE FROM sessions WHERE expires_at <= $1",
            "DELETE FROM share_codes WHERE expires_at <= $1",
            "DELETE FROM counters WHERE ends_at <= $1",
        ] {
            sqlx::query(statement).bind(now).execute(&self.volatile.writer).await?;
        }
        sqlx::query(
            "DELETE FROM taken_requests WHERE session_id NOT IN (SELECT id FROM sessions) OR number < $1 + (
                 SELECT max(number) FROM taken_requests latest WHERE latest.session_id = taken_requests.session_id)",
        )
        .bind(-REQUEST_WINDOW)
        .execute(&self.volatile.writer)
        .await?;
        Ok(())
    }
}
