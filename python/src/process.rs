//! The tokio runtime, and what a fork does to it.
//!
//! Threads do not survive a fork, and connections must not be shared by two processes. So a child makes a runtime of its
//! own, and what the parent had is neither used nor dropped there: dropping could wait for a lock that a vanished thread
//! held.

use std::{
    mem,
    num::NonZero,
    process,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use pyo3::{PyResult, Python};
use tokio::runtime::{Builder, Runtime};

/// Waiting for the network takes no threads, and decryption no more than this.
const MAX_WORKERS: usize = 4;

// Locked only by threads that are attached to Python, as is the one that forks: the child never inherits it locked.
static RUNTIME: Mutex<Option<OwnedByProcess<&'static Runtime>>> = Mutex::new(None);

/// The runtime of this process.
pub(crate) fn runtime(_attached: Python<'_>) -> PyResult<&'static Runtime> {
    kept(&RUNTIME, || {
        let workers = thread::available_parallelism().map_or(1, NonZero::get).min(MAX_WORKERS);
        let runtime = Builder::new_multi_thread().worker_threads(workers).thread_name("opwire").enable_all().build()?;
        // Never shut down: Python may exit while calls are under way.
        Ok(Box::leak(Box::new(runtime)))
    })
}

/// What the slot holds for this process, made if there is nothing.
pub(crate) fn kept<T: Clone, E>(
    slot: &Mutex<Option<OwnedByProcess<T>>>,
    make: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let mut slot = lock(slot);
    if let Some(value) = slot.as_ref().and_then(OwnedByProcess::get) {
        return Ok(value);
    }
    let value = make()?;
    *slot = Some(OwnedByProcess::new(value.clone()));
    Ok(value)
}

/// Locks; a panic elsewhere does not make the data unusable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that only the process that made it may use or drop.
pub(crate) struct OwnedByProcess<T> {
    process: u32,
    value: Option<T>,
}

impl<T: Clone> OwnedByProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { process: process::id(), value: Some(value) }
    }

    /// The value, unless it belongs to a parent of this process.
    pub(crate) fn get(&self) -> Option<T> {
        if self.process == process::id() { self.value.clone() } else { None }
    }
}

impl<T> Drop for OwnedByProcess<T> {
    fn drop(&mut self) {
        if self.process != process::id() {
            mem::forget(self.value.take());
        }
    }
}
