//! Sharing work: callers that need the same work at the same time wait for one execution of it.
//! docs/decisions/0006 says what is shared.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::future::{FutureExt, Shared, WeakShared};

use crate::{host::BoxFuture, lock::lock};

/// The work in progress, by key. When the last waiter is dropped, the work is dropped too, which cancels its requests.
pub(crate) struct SingleFlight<K, V: Clone + 'static> {
    running: Mutex<Running<K, V>>,
    /// Counts the work that was begun, to distinguish work with the same key.
    begun: AtomicU64,
}

type Running<K, V> = HashMap<K, (u64, WeakShared<BoxFuture<'static, V>>)>;

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
    V: Clone + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
{
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { running: Mutex::default(), begun: AtomicU64::default() })
    }

    /// Joins the work with this key, or begins it.
    pub(crate) fn run(
        self: &Arc<Self>,
        key: K,
        begin: impl FnOnce() -> BoxFuture<'static, V>,
    ) -> Shared<BoxFuture<'static, V>> {
        let mut running = self.lock();
        if let Some(shared) = running.get(&key).and_then(|(_, work)| work.upgrade()) {
            return shared;
        }
        let work = begin();
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let registration = Registration { flight: self.clone(), key: key.clone(), number };
        let boxed: BoxFuture<'static, V> = Box::pin(async move {
            let _registration = registration;
            work.await
        });
        let shared = boxed.shared();
        if let Some(weak) = shared.downgrade() {
            running.insert(key, (number, weak));
        }
        shared
    }

    fn lock(&self) -> MutexGuard<'_, Running<K, V>> {
        lock(&self.running)
    }
}

/// Removes the work from the map when it ends or is dropped, unless other work has taken its key.
struct Registration<K: Clone + Eq + Hash, V: Clone + 'static>
where
    K: crate::host::MaybeSend + crate::host::MaybeSync + 'static,
    V: crate::host::MaybeSend + crate::host::MaybeSync,
{
    flight: Arc<SingleFlight<K, V>>,
    key: K,
    number: u64,
}

impl<K, V> Drop for Registration<K, V>
where
    K: Clone + Eq + Hash + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
    V: Clone + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
{
    fn drop(&mut self) {
        let mut running = self.flight.lock();
        if running.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            running.remove(&self.key);
        }
    }
}
