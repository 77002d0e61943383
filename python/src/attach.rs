//! Calls into Python from the core's threads, and the shutdown of Python.
//!
//! A thread that is attached while Python shuts down is stopped at any point, or aborts the process. So the shutdown
//! waits for attached threads, and no other threads attach.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use pyo3::{prelude::*, types::IntoPyDict};

/// How many threads of the core are in Python, or wait to enter it.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// Whether Python has begun to shut down.
static ENDING: AtomicBool = AtomicBool::new(false);

/// Runs `f` attached to Python, unless Python is shutting down.
pub(crate) fn attached<T>(f: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    let _inside = Inside::enter();
    if is_ending() { None } else { Python::try_attach(f) }
}

/// Whether Python has begun to shut down, so that outcomes cannot reach event loops any more.
pub(crate) fn is_ending() -> bool {
    ENDING.load(Ordering::SeqCst)
}

struct Inside;

impl Inside {
    fn enter() -> Self {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Registers functions that Python calls when it shuts down and when it forks.
pub(crate) fn watch(py: Python<'_>) -> PyResult<()> {
    py.import("atexit")?.call_method1("register", (wrap_pyfunction!(end, py)?,))?;
    let os = py.import("os")?;
    if os.hasattr("register_at_fork")? {
        let in_child = [("after_in_child", wrap_pyfunction!(forked, py)?)].into_py_dict(py)?;
        os.call_method("register_at_fork", (), Some(&in_child))?;
    }
    Ok(())
}

#[pyfunction]
fn end(py: Python<'_>) {
    ENDING.store(true, Ordering::SeqCst);
    py.detach(|| {
        while INSIDE.load(Ordering::SeqCst) > 0 {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Resets the count in a forked child, which has none of the parent's other threads.
#[pyfunction]
fn forked() {
    INSIDE.store(0, Ordering::SeqCst);
}
