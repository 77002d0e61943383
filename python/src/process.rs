//! The tokio runtime, and forks.
//!
//! Threads do not survive a fork, and two processes must not share connections. So a child process creates its own
//! runtime, and neither uses nor drops what the parent had: dropping could wait for a lock of a thread that does not
//! exist there.

use std::{
    mem,
    num::NonZero,
    process,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

use pyo3::{PyResult, Python};
use tokio::runtime::{Builder, Runtime};

/// The largest number of threads. Waiting for the network takes none, and decryption needs no more.
const MAX_WORKERS: usize = 4;

// Locked only by threads that are attached to Python. The thread that forks is attached too, so that the child never
// inherits it locked.
static RUNTIME: Mutex<Option<OwnedByProcess<&'static Runtime>>> = Mutex::new(None);

/// Returns the runtime of this process.
pub(crate) fn runtime(_attached: Python<'_>) -> PyResult<&'static Runtime> {
    kept(&RUNTIME, || {
        let workers = thread::available_parallelism().map_or(1, NonZero::get).min(MAX_WORKERS);
        let runtime = Builder::new_multi_thread().worker_threads(workers).thread_name("opwire").enable_all().build()?;
        // Never shut down, because Python may exit while calls are in progress.
        Ok(Box::leak(Box::new(runtime)))
    })
}

/// Returns this process's value in the slot. Creates it if there is none.
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

/// Locks a mutex, even if it is poisoned.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that only the process that created it may use or drop.
pub(crate) struct OwnedByProcess<T> {
    process: u32,
    value: Option<T>,
}

impl<T: Clone> OwnedByProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { process: process::id(), value: Some(value) }
    }

    /// Returns the value, unless it belongs to a parent of this process.
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
