//! Work that several callers wait for at once, done once.

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

/// The work under way, by key. When its last waiter goes away, the work is dropped, and what it waits for with it.
pub(crate) struct SingleFlight<K, V: Clone + 'static> {
    running: Mutex<Running<K, V>>,
    /// How much work was begun, to tell one from the next.
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

    /// Joins the work of this key, or begins it.
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
        let entry = Entry { flight: self.clone(), key: key.clone(), number };
        let boxed: BoxFuture<'static, V> = Box::pin(async move {
            let _entry = entry;
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

/// Takes the work off the list when it ends, or is dropped before its end. By then other work may stand under its key.
struct Entry<K: Clone + Eq + Hash, V: Clone + 'static>
where
    K: crate::host::MaybeSend + crate::host::MaybeSync + 'static,
    V: crate::host::MaybeSend + crate::host::MaybeSync,
{
    flight: Arc<SingleFlight<K, V>>,
    key: K,
    number: u64,
}

impl<K, V> Drop for Entry<K, V>
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
