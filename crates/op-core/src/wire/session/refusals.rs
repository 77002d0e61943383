//! The server's refusals of the credentials. While one stands, no request is spent on asking again: sign-ins count
//! against the account's daily limit, and programs repeat what failed.

use std::sync::Mutex;

use crate::{
    error::{Error, ErrorKind},
    lock::lock,
};

/// How long the first refusal stands, in milliseconds; each further one stands twice as long.
const FIRST_MS: u64 = 5_000;
const LONGEST_MS: u64 = 600_000;

/// The refusals since the last sign-in that succeeded.
#[derive(Default)]
pub(super) struct Refusals(Mutex<Option<Refusal>>);

struct Refusal {
    error: Error,
    at: u64,
    stands_for: u64,
}

impl Refusals {
    /// The refusal that still stands at this time.
    pub(super) fn standing(&self, now: u64) -> Option<Error> {
        let last = lock(&self.0);
        let last = last.as_ref()?;
        // A clock that was set back must not prolong it.
        let age = now.checked_sub(last.at)?;
        (age < last.stands_for).then(|| last.error.clone())
    }

    /// Notes what came of a sign-in. Failures other than a refusal say nothing of the credentials.
    pub(super) fn note(&self, failure: Option<&Error>, now: u64) {
        let mut last = lock(&self.0);
        match failure {
            None => *last = None,
            Some(error) if is_refusal(error) => {
                let stands_for = last.as_ref().map_or(FIRST_MS, |last| (2 * last.stands_for).min(LONGEST_MS));
                *last = Some(Refusal { error: error.clone(), at: now, stands_for });
            }
            Some(_) => {}
        }
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Auth | ErrorKind::UserNotConfirmed | ErrorKind::UserSuspended)
        && !error.retryable()
}
