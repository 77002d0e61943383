//! The prompt in terminals: `opwire agent approve` waits here for what is asked, in any terminal of the person, and
//! answers it. It is open beside every other prompt.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use nix::sys::termios::{FlushArg, tcflush};
use tokio::sync::{oneshot, watch};

use super::{DEAD_TIME, Decision, Proof, Request, Verdict, Verifier, describe};
use crate::control::{Answer, Answered, Shown};

/// The prompt that is open.
pub(crate) struct Board {
    open: Mutex<Option<Open>>,
    /// The number of the newest prompt.
    newest: watch::Sender<u64>,
}

struct Open {
    request: Arc<Request>,
    since: Instant,
    verifier: Arc<dyn Verifier>,
    decided: oneshot::Sender<Decision>,
}

/// Takes the prompt away when it is dropped.
pub(crate) struct OnBoard<'a> {
    board: &'a Board,
    id: u64,
    decision: oneshot::Receiver<Decision>,
}

impl OnBoard<'_> {
    /// Waits until a terminal answers.
    pub(crate) async fn decision(&mut self) -> Option<Decision> {
        (&mut self.decision).await.ok()
    }
}

impl Drop for OnBoard<'_> {
    fn drop(&mut self) {
        self.board.lock().take_if(|open| open.request.id == self.id);
    }
}

impl Board {
    pub(crate) fn new() -> Self {
        Self { open: Mutex::default(), newest: watch::Sender::new(0) }
    }

    /// Shows a request to terminals.
    pub(crate) fn show(&self, request: &Arc<Request>, verifier: Arc<dyn Verifier>) -> OnBoard<'_> {
        let (decided, decision) = oneshot::channel();
        *self.lock() = Some(Open { request: request.clone(), since: Instant::now(), verifier, decided });
        self.newest.send_replace(request.id);
        OnBoard { board: self, id: request.id, decision }
    }

    /// Waits for a prompt that is newer than this number.
    pub(crate) async fn pending(&self, after: u64) -> Shown {
        let mut newest = self.newest.subscribe();
        loop {
            // Marked as seen first, so that a prompt that opens meanwhile ends the wait.
            newest.mark_unchanged();
            if let Some(open) = self.lock().as_ref().filter(|open| open.request.id > after) {
                let description = describe(&open.request);
                return Shown {
                    request: (*open.request).clone(),
                    text: description.text(),
                    choices: description.choices,
                };
            }
            // The board holds the sender, so that this cannot fail.
            let _ = newest.changed().await;
        }
    }

    /// Takes an answer from a terminal.
    pub(crate) async fn answer(&self, answer: Answer) -> Answered {
        let Some((request, since, verifier)) = self.known(answer.prompt) else { return Answered::Over };
        let decision = match answer.allow {
            None => Decision::Deny,
            Some(_) if since.elapsed() < DEAD_TIME => return Answered::TooSoon,
            Some(choice) => {
                let needed = request.locked || request.proof == Proof::Password;
                match answer.password {
                    Some(password) => match verifier.check(password).await {
                        Verdict::Right => {}
                        Verdict::Wrong => return Answered::WrongPassword,
                        Verdict::Unchecked(reason) => return Answered::Unchecked { reason },
                    },
                    None if needed => return Answered::WrongPassword,
                    None => {}
                }
                Decision::Allow { choice }
            }
        };
        let open = self.lock().take_if(|open| open.request.id == answer.prompt);
        match open.map(|open| open.decided.send(decision)) {
            Some(Ok(())) => Answered::Taken,
            _ => Answered::Over,
        }
    }

    fn known(&self, id: u64) -> Option<(Arc<Request>, Instant, Arc<dyn Verifier>)> {
        let open = self.lock();
        let open = open.as_ref().filter(|open| open.request.id == id)?;
        Some((open.request.clone(), open.since, open.verifier.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        // No code that could panic runs under the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Discards what was typed in this terminal before a prompt appeared, so that it answers nothing.
pub fn discard_typed_input() {
    // Without a terminal there is nothing to discard.
    let _ = tcflush(std::io::stdin(), FlushArg::TCIFLUSH);
}
