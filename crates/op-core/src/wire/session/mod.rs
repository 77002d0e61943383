//! The session with the account server. All calls share it, and it is renewed when the server ends it.

mod refusals;
mod sign_in;

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering},
};

use op_protocol::session::SessionKeys;
use refusals::Refusals;
pub use sign_in::Credentials;
pub(crate) use sign_in::{Connection, sign_in};

use crate::{error::Result, lock::lock, wire::single_flight::SingleFlight};

/// A signed-in session.
pub(crate) struct Session {
    pub(crate) keys: SessionKeys,
    pub(crate) user_id: String,
    /// Empty if the server does not say it.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) account_id: String,
    next_request_id: AtomicU32,
}

impl Session {
    pub(crate) fn new(keys: SessionKeys, first_request_id: u32) -> Self {
        Self {
            keys,
            user_id: String::new(),
            #[cfg(not(target_family = "wasm"))]
            account_id: String::new(),
            next_request_id: AtomicU32::new(first_request_id),
        }
    }

    pub(crate) fn request_id(&self) -> u32 {
        self.next_request_id.fetch_add(1, Ordering::Relaxed)
    }
}

/// The current session of a client, and at most one sign-in in progress.
pub(crate) struct Sessions {
    connection: Arc<Connection>,
    current: Arc<Current>,
    signing_in: Arc<SingleFlight<(), Result<Arc<Session>>>>,
    refusals: Arc<Refusals>,
}

#[derive(Default)]
struct Current(Mutex<Option<Arc<Session>>>);

impl Sessions {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Self { connection, current: Arc::default(), signing_in: SingleFlight::new(), refusals: Arc::default() }
    }

    /// Returns the current session. Signs in, or joins a sign-in in progress, if there is none.
    pub(crate) async fn current(&self) -> Result<Arc<Session>> {
        if let Some(session) = self.current.get() {
            return Ok(session);
        }
        if let Some(refusal) = self.refusals.in_force(self.connection.host.now_millis()) {
            return Err(refusal);
        }
        let (connection, current, refusals) = (self.connection.clone(), self.current.clone(), self.refusals.clone());
        self.signing_in
            .run((), || {
                Box::pin(async move {
                    // A sign-in may have ended just before this one could join it.
                    if let Some(session) = current.get() {
                        return Ok(session);
                    }
                    let signed_in = sign_in(&connection).await;
                    refusals.note(signed_in.as_ref().err(), connection.host.now_millis());
                    let session = Arc::new(signed_in?);
                    *current.lock() = Some(session.clone());
                    Ok(session)
                })
            })
            .await
    }

    /// Returns a session other than `ended`. All calls whose session ended share one new sign-in.
    pub(crate) async fn renew(&self, ended: &Arc<Session>) -> Result<Arc<Session>> {
        self.current.forget(ended);
        self.current().await
    }
}

impl Current {
    fn get(&self) -> Option<Arc<Session>> {
        self.lock().clone()
    }

    fn forget(&self, ended: &Arc<Session>) {
        self.lock().take_if(|session| Arc::ptr_eq(session, ended));
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Session>>> {
        lock(&self.0)
    }
}
