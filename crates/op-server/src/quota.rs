//! Counting requests against limits in fixed windows.
//!
//! Requests are counted in memory; once a second the counts are added to the store and its totals are read back. So a
//! read needs no write transaction, and a restart forgets nothing. Several processes over one store see each other's
//! counts a second or two later, and may together exceed a limit by what arrives in that time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::policy::limits::Limit;
use crate::store::counters::Increment;
use crate::store::{Result, Store};

/// Seconds after which a count is read again, as another process may have counted meanwhile.
const STALE_AFTER: i64 = 2;

/// The counts of all windows in which this process has counted.
#[derive(Default)]
pub(crate) struct Quota {
    windows: Mutex<HashMap<String, Window>>,
}

#[derive(Clone, Copy)]
struct Window {
    /// Unix seconds; names the window.
    ends_at: i64,
    /// The store's total, as far as this process knows it.
    stored: u32,
    /// When the store was read, Unix seconds.
    read_at: i64,
    /// Counted here and not yet in the store.
    pending: u32,
}

impl Window {
    fn count(&self) -> u32 {
        self.stored.saturating_add(self.pending)
    }
}

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) used: u32,
    pub(crate) limit: u32,
    /// Seconds until the window ends; at least 1.
    pub(crate) resets_in: u32,
}

impl Usage {
    pub(crate) fn exhausted(&self) -> bool {
        self.used >= self.limit
    }
}

impl Quota {
    /// Counts one request of `subject` and returns the usage before it. An exhausted limit is not counted further.
    pub(crate) async fn take(&self, store: &Store, limit: Limit, subject: &str, now: i64) -> Result<Usage> {
        self.visit(store, limit, subject, now, 1).await
    }

    /// Returns the usage of `subject` without counting.
    pub(crate) async fn usage(&self, store: &Store, limit: Limit, subject: &str, now: i64) -> Result<Usage> {
        self.visit(store, limit, subject, now, 0).await
    }

    async fn visit(&self, store: &Store, limit: Limit, subject: &str, now: i64, by: u32) -> Result<Usage> {
        let period = i64::try_from(limit.period.as_secs()).unwrap_or(i64::MAX);
        let ends_at = (now / period + 1) * period;
        let name = format!("{}:{subject}", limit.name);
        let is_fresh = |window: &Window| window.ends_at == ends_at && now - window.read_at < STALE_AFTER;
        let fresh = self.windows().get(&name).is_some_and(is_fresh);
        let read = if fresh { None } else { Some(store.counter(&name, ends_at).await?) };

        let mut windows = self.windows();
        let new = Window { ends_at, stored: 0, read_at: now, pending: 0 };
        let window = windows.entry(name).or_insert(new);
        if window.ends_at != ends_at {
            *window = new;
        }
        if let Some(stored) = read {
            // What is being written to the store counts as stored already, and may be missing in what was read.
            window.stored = window.stored.max(stored);
            window.read_at = now;
        }
        let usage = Usage {
            used: window.count(),
            limit: limit.most,
            resets_in: u32::try_from(ends_at - now).unwrap_or(1).max(1),
        };
        if !usage.exhausted() {
            window.pending += by;
        }
        Ok(usage)
    }

    /// Writes what is pending to the store, reads the totals back, and forgets windows that are over.
    pub(crate) async fn flush(&self, store: &Store, now: i64) -> Result<()> {
        let increments = self.take_pending(now);
        if increments.is_empty() {
            return Ok(());
        }
        let totals = store.add_to_counters(&increments).await;
        let mut windows = self.windows();
        for (index, increment) in increments.iter().enumerate() {
            let Some(window) = windows.get_mut(&increment.name).filter(|w| w.ends_at == increment.ends_at) else {
                continue;
            };
            match totals.as_ref().map(|totals| totals.get(index)) {
                Ok(Some(total)) => {
                    window.stored = *total;
                    window.read_at = now;
                }
                // It was not stored, and is pending again until the next flush.
                _ => {
                    window.stored = window.stored.saturating_sub(increment.by);
                    window.pending += increment.by;
                }
            }
        }
        totals.map(drop)
    }

    /// Moves what is pending to `stored`, where it keeps counting while it is being written.
    fn take_pending(&self, now: i64) -> Vec<Increment> {
        let mut windows = self.windows();
        let mut increments = Vec::new();
        windows.retain(|name, window| {
            if window.pending > 0 {
                increments.push(Increment { name: name.clone(), ends_at: window.ends_at, by: window.pending });
                window.stored += window.pending;
                window.pending = 0;
            }
            window.ends_at > now
        });
        // All servers use one order, so that two that add to the same counters do not deadlock.
        increments.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        increments
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        // The map is consistent between any two statements, so a panicking holder left nothing half done.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
