//! Keeps programs from asking so often that a prompt would be approved unread.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use op_core::Error;

use super::{clock::Clock, denied, limits::Limits};

const MINUTE: Duration = Duration::from_secs(60);

/// The prompts of the last minute, and the programs that were denied.
pub(crate) struct Storms {
    clock: Arc<dyn Clock>,
    limits: Limits,
    past: Mutex<Past>,
}

#[derive(Default)]
struct Past {
    /// The prompts of the last minute, oldest first: when, and the kind of program.
    prompts: VecDeque<(Duration, String)>,
    /// Until when a kind of program is refused.
    denied: HashMap<String, Duration>,
}

impl Storms {
    pub(crate) fn new(clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self { clock, limits, past: Mutex::default() }
    }

    /// Refuses a program that was denied a moment ago.
    pub(crate) fn check_silence(&self, kind: &str) -> Result<(), Error> {
        let now = self.clock.now();
        match self.current().denied.get(kind) {
            Some(until) => {
                let seconds = until.saturating_sub(now).as_secs() + 1;
                Err(denied(&format!(
                    "it was denied a moment ago, and is refused without a prompt for {seconds} seconds"
                )))
            }
            None => Ok(()),
        }
    }

    /// Notes that a program gets a prompt. Refuses it after too many.
    pub(crate) fn note_prompt(&self, kind: &str) -> Result<(), Error> {
        self.check_silence(kind)?;
        let now = self.clock.now();
        let mut past = self.current();
        let of_kind = past.prompts.iter().filter(|(_, other)| other == kind).count();
        if of_kind >= self.limits.prompts_a_minute || past.prompts.len() >= self.limits.prompts_of_all {
            return Err(denied("it has asked too often within a minute"));
        }
        past.prompts.push_back((now, kind.to_owned()));
        Ok(())
    }

    /// Notes that the person denied a program.
    pub(crate) fn note_denial(&self, kind: &str) {
        let until = self.clock.now() + self.limits.silence;
        self.current().denied.insert(kind.to_owned(), until);
    }

    /// Forgets the denials, because the person wants to be asked again.
    pub(crate) fn forget(&self) {
        *self.current() = Past::default();
    }

    fn current(&self) -> MutexGuard<'_, Past> {
        let now = self.clock.now();
        // No code that could panic runs under the lock.
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.denied.retain(|_, until| now < *until);
        past.prompts.retain(|(at, _)| now < *at + MINUTE);
        past
    }
}
