//! The session with the account server: made once, shared by all calls, renewed when the server ends it.

mod sign_in;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use op_protocol::session::SessionKeys;
pub use sign_in::Credentials;
pub(crate) use sign_in::{Connection, sign_in};

use crate::{error::Result, single_flight::SingleFlight};

/// A signed-in session.
pub(crate) struct Session {
    pub(crate) keys: SessionKeys,
    pub(crate) user_id: String,
    next_request_id: AtomicU32,
}

impl Session {
    pub(crate) fn new(keys: SessionKeys, user_id: String, first_request_id: u32) -> Self {
        Self { keys, user_id, next_request_id: AtomicU32::new(first_request_id) }
    }

    pub(crate) fn request_id(&self) -> u32 {
        self.next_request_id.fetch_add(1, Ordering::Relaxed)
    }
}

/// The current session of a client, and at most one sign-in under way.
pub(crate) struct Sessions {
    connection: Arc<Connection>,
    current: Arc<Mutex<Option<Arc<Session>>>>,
    signing_in: Arc<SingleFlight<(), Result<Arc<Session>>>>,
}

impl Sessions {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Self { connection, current: Arc::default(), signing_in: SingleFlight::new() }
    }

    /// The session to use: the current one, or the one that is being made.
    pub(crate) async fn current(&self) -> Result<Arc<Session>> {
        self.unless(None).await
    }

    /// A session other than `ended`. All calls whose session ended share one new sign-in.
    pub(crate) async fn renew(&self, ended: &Arc<Session>) -> Result<Arc<Session>> {
        self.unless(Some(ended)).await
    }

    async fn unless(&self, ended: Option<&Arc<Session>>) -> Result<Arc<Session>> {
        let found = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(session) = found
            && !ended.is_some_and(|ended| Arc::ptr_eq(ended, &session))
        {
            return Ok(session);
        }
        let (connection, current) = (self.connection.clone(), self.current.clone());
        self.signing_in
            .run((), || {
                Box::pin(async move {
                    let session = Arc::new(sign_in(&connection).await?);
                    *current.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
                    Ok(session)
                })
            })
            .await
    }
}
