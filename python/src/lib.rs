//! `opwire._core`: what the Python package is built on. Texts of JSON go in and out; the package gives them types.

mod attach;
mod call;
mod client;
mod failure;
mod process;
mod transport;

use std::{panic, sync::Arc};

use op_core::Core;
use op_host::{HostOptions, NativeHost};
use pyo3::prelude::*;

/// Runs a method that needs neither client nor network, such as `GeneratePassword`.
///
/// Raises `CoreError` when it fails.
#[pyfunction]
fn invoke_offline(py: Python<'_>, name: &str, parameters: &str) -> PyResult<String> {
    let invocation = client::invocation(None, name, parameters);
    let result = py.detach(|| {
        panic::catch_unwind(|| offline_core()?.invoke_sync(&invocation)).unwrap_or_else(|_| Err(failure::panicked()))
    });
    result.map_err(failure::to_python)
}

fn offline_core() -> op_core::Result<Core> {
    let host = NativeHost::new(&HostOptions::default()).map_err(failure::host)?;
    Ok(Core::new(Arc::new(host)))
}

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    use super::attach;
    #[pymodule_export]
    use super::{call::Task, client::Client, failure::CoreError, invoke_offline, transport::Reply};

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python gives it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        attach::watch(module.py())
    }

    /// The version of reqwest, for the account's device list.
    #[pymodule_export]
    const REQUEST_LIBRARY_VERSION: &str = "0.13.5";
}
