//! `opwire._core`: the extension module of the Python package. It takes and returns JSON; the package has the types.

mod attach;
mod call;
mod client;
mod failure;
mod process;
mod transport;

use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex},
};

use op_core::Core;
use op_host::{HostOptions, NativeHost};
use pyo3::prelude::*;

use crate::process::OwnedByProcess;

/// Runs a method that needs neither client nor network, such as `GeneratePassword`.
///
/// Raises `CoreError` when it fails.
#[pyfunction]
fn invoke_offline(py: Python<'_>, name: &str, parameters: &str) -> PyResult<String> {
    let invocation = client::invocation(None, name, parameters);
    let result = panic::catch_unwind(AssertUnwindSafe(|| {
        let core = offline_core(py)?;
        py.detach(|| core.invoke_sync(&invocation))
    }));
    result.unwrap_or_else(|_| Err(failure::panicked())).map_err(failure::to_python)
}

// Kept, because creating a host reads the system's certificates, which takes longer than any of these methods. Locked
// only while attached to Python; see `process`.
static OFFLINE: Mutex<Option<OwnedByProcess<Arc<Core>>>> = Mutex::new(None);

fn offline_core(_attached: Python<'_>) -> op_core::Result<Arc<Core>> {
    process::kept(&OFFLINE, || {
        let host = NativeHost::new(&HostOptions::default()).map_err(failure::host)?;
        Ok(Arc::new(Core::new(Arc::new(host))))
    })
}

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    use super::attach;
    #[pymodule_export]
    use super::{
        call::Task,
        client::{Client, agent_absence},
        failure::CoreError,
        invoke_offline,
        transport::Reply,
    };

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python gives it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        op_host::report_panics_by_location();
        attach::watch(module.py())
    }

    #[pymodule_export]
    const REQUEST_LIBRARY_VERSION: &str = op_host::REQWEST_VERSION;
}
