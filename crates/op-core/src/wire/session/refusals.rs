//! Backoff after refused credentials. While a refusal is in force, no sign-in is attempted, because programs retry
//! failed calls, and each sign-in counts against the account's daily limit. docs/decisions/0020 says why.

use std::sync::Mutex;

use crate::{
    error::{Error, ErrorKind},
    lock::lock,
};

/// How long the first refusal is in force, in milliseconds; each further refusal lasts twice as long.
const FIRST_MS: u64 = 5_000;
const LONGEST_MS: u64 = 600_000;

/// The refusals since the last sign-in that succeeded.
#[derive(Default)]
pub(super) struct Refusals(Mutex<Option<Refusal>>);

struct Refusal {
    error: Error,
    at_ms: u64,
    lasts_ms: u64,
}

impl Refusals {
    /// Returns the refusal that is in force at this time.
    pub(super) fn in_force(&self, now_ms: u64) -> Option<Error> {
        let last = lock(&self.0);
        let last = last.as_ref()?;
        // A clock that was set back must not prolong the refusal.
        let age = now_ms.checked_sub(last.at_ms)?;
        (age < last.lasts_ms).then(|| last.error.clone())
    }

    /// Records the outcome of a sign-in. Failures other than a refusal say nothing about the credentials.
    pub(super) fn note(&self, failure: Option<&Error>, now_ms: u64) {
        let mut last = lock(&self.0);
        match failure {
            None => *last = None,
            Some(error) if is_refusal(error) => {
                let lasts_ms = last.as_ref().map_or(FIRST_MS, |last| (2 * last.lasts_ms).min(LONGEST_MS));
                *last = Some(Refusal { error: error.clone(), at_ms: now_ms, lasts_ms });
            }
            Some(_) => {}
        }
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Auth | ErrorKind::UserNotConfirmed | ErrorKind::UserSuspended)
        && !error.retryable()
}
