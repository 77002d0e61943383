//! Work that several callers wait for at once, done once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::future::{FutureExt, Shared, WeakShared};

use crate::host::BoxFuture;

/// The work under way, by key. When its last waiter goes away, the work is dropped, and what it waits for with it.
pub(crate) struct SingleFlight<K, V: Clone + 'static> {
    running: Mutex<HashMap<K, WeakShared<BoxFuture<'static, V>>>>,
}

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
    V: Clone + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
{
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { running: Mutex::default() })
    }

    /// Joins the work of this key, or begins it.
    pub(crate) fn run(
        self: &Arc<Self>,
        key: K,
        begin: impl FnOnce() -> BoxFuture<'static, V>,
    ) -> Shared<BoxFuture<'static, V>> {
        let mut running = self.lock();
        if let Some(shared) = running.get(&key).and_then(WeakShared::upgrade) {
            return shared;
        }
        let work = begin();
        let entry = Entry { flight: self.clone(), key: key.clone() };
        let boxed: BoxFuture<'static, V> = Box::pin(async move {
            let _entry = entry;
            work.await
        });
        let shared = boxed.shared();
        if let Some(weak) = shared.downgrade() {
            running.insert(key, weak);
        }
        shared
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, WeakShared<BoxFuture<'static, V>>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the work off the list when it ends, or is dropped before its end.
struct Entry<K: Clone + Eq + Hash, V: Clone + 'static>
where
    K: crate::host::MaybeSend + crate::host::MaybeSync + 'static,
    V: crate::host::MaybeSend + crate::host::MaybeSync,
{
    flight: Arc<SingleFlight<K, V>>,
    key: K,
}

impl<K, V> Drop for Entry<K, V>
where
    K: Clone + Eq + Hash + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
    V: Clone + crate::host::MaybeSend + crate::host::MaybeSync + 'static,
{
    fn drop(&mut self) {
        self.flight.lock().remove(&self.key);
    }
}
