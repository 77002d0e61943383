//! Counting requests against limits in fixed windows.
//!
//! A request counts in memory; what was counted is added to the store once a second and the store's total read
//! back. So a read costs no write transaction, several processes over one store see each other's counts a second or
//! two later (and may together exceed a limit by what arrives in that time), and a restart forgets nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::limits::Limit;
use crate::store::counters::Increment;
use crate::store::{Result, Store};

/// After so many seconds without news a count is read again: another process may have counted meanwhile.
const STALE: i64 = 2;

/// Counts of the windows that this process has met.
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
    /// When the store said so, Unix seconds.
    told_at: i64,
    /// Counted here and not yet in the store.
    pending: u32,
}

impl Window {
    fn count(&self) -> u32 {
        self.stored.saturating_add(self.pending)
    }
}

/// How a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) used: u32,
    pub(crate) limit: u32,
    /// Seconds until the window ends; at least 1.
    pub(crate) resets_in: u32,
}

impl Standing {
    pub(crate) fn exhausted(&self) -> bool {
        self.used >= self.limit
    }
}

impl Quota {
    /// Counts one request of `subject`; gives the standing before it. An exhausted limit is not counted further.
    pub(crate) async fn take(&self, store: &Store, limit: Limit, subject: &str, now: i64) -> Result<Standing> {
        self.visit(store, limit, subject, now, 1).await
    }

    /// The standing of `subject`, counting nothing.
    pub(crate) async fn standing(&self, store: &Store, limit: Limit, subject: &str, now: i64) -> Result<Standing> {
        self.visit(store, limit, subject, now, 0).await
    }

    async fn visit(&self, store: &Store, limit: Limit, subject: &str, now: i64, by: u32) -> Result<Standing> {
        let period = i64::try_from(limit.period.as_secs()).unwrap_or(i64::MAX);
        let ends_at = (now / period + 1) * period;
        let name = format!("{}:{subject}", limit.name);
        let is_news = |window: &Window| window.ends_at == ends_at && now - window.told_at < STALE;
        let known = self.windows().get(&name).is_some_and(is_news);
        let told = if known { None } else { Some(store.counter(&name, ends_at).await?) };

        let mut windows = self.windows();
        let unmet = Window { ends_at, stored: 0, told_at: now, pending: 0 };
        let window = windows.entry(name).or_insert(unmet);
        if window.ends_at != ends_at {
            *window = unmet;
        }
        if let Some(stored) = told {
            // What is being told to the store counts as stored already, and may be missing in the answer.
            window.stored = window.stored.max(stored);
            window.told_at = now;
        }
        let standing = Standing {
            used: window.count(),
            limit: limit.most,
            resets_in: u32::try_from(ends_at - now).unwrap_or(1).max(1),
        };
        if !standing.exhausted() {
            window.pending += by;
        }
        Ok(standing)
    }

    /// Brings the store up to date with this process and this process with the store; forgets windows that are over.
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
                    window.told_at = now;
                }
                // Not stored: it counts again at the next flush.
                _ => {
                    window.stored = window.stored.saturating_sub(increment.by);
                    window.pending += increment.by;
                }
            }
        }
        totals.map(drop)
    }

    /// Moves what is pending to `stored`, where it keeps counting while the store is being told.
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
        // In one order everywhere: two servers that add the same ones then never wait for each other in a circle.
        increments.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        increments
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<String, Window>> {
        // The map is consistent between any two statements, so a panicking holder left nothing half done.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
