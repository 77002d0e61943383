//! Passing failures to Python, as the core's JSON, from which the package creates its exceptions.

use op_core::{Error, ErrorKind, spelling::Spelling};
use op_host::HostError;
use pyo3::{PyErr, create_exception, exceptions::PyException};

create_exception!(opwire._core, CoreError, PyException, "A failure; its only argument is the core's JSON for it.");

pub(crate) fn to_python(error: Error) -> PyErr {
    CoreError::new_err(to_json(error))
}

/// Returns the JSON from which the package creates an exception.
pub(crate) fn to_json(error: Error) -> String {
    error.spelled(Spelling::Python).to_json()
}

/// Returns the failure for a panic, which must not end the program.
pub(crate) fn panicked() -> Error {
    Error::new(ErrorKind::Internal, "opwire panicked; please report what was called")
}

pub(crate) fn host(error: HostError) -> Error {
    let field = match error {
        HostError::Proxy => "proxy",
        HostError::Certificates => "ca_certs",
        HostError::CertificateFiles | HostError::Tls(_) => "tls",
    };
    Error::new(ErrorKind::InvalidConfiguration, error).with_field(field)
}
