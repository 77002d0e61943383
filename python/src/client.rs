//! A client: the core with a host, signed in.

use std::sync::{Arc, Mutex};

use op_core::{Bytes, Core, Error, ErrorKind, Host, Message};
use op_host::{HostOptions, NativeHost};
use pyo3::{prelude::*, types::PyBytes};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use crate::{
    call::{self, Reply, Task},
    failure,
    process::{OwnedByProcess, lock},
    transport::PythonTransport,
};

/// A client, which may be used from any thread and any event loop.
///
/// A child process of `os.fork` can keep using it, and signs in again.
#[pyclass(frozen, module = "opwire._core")]
pub(crate) struct Client {
    config: Arc<Zeroizing<String>>,
    options: HostOptions,
    transport: Option<Arc<Py<PyAny>>>,
    /// The session; `None` once the client is closed. Locked only while attached to Python; see [`crate::process`].
    session: Mutex<Option<OwnedByProcess<Arc<Session>>>>,
}

/// A core of this process, and its only client.
struct Session {
    core: Core,
    config: Arc<Zeroizing<String>>,
    client_id: OnceCell<String>,
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (config, *, proxy=None, ca_pem=None, transport=None))]
    fn new(
        config: String,
        proxy: Option<String>,
        ca_pem: Option<Vec<u8>>,
        transport: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let client = Self {
            config: Arc::new(Zeroizing::new(config)),
            options: HostOptions { proxy, extra_ca_pem: ca_pem, ..HostOptions::default() },
            transport: transport.map(Arc::new),
            session: Mutex::new(None),
        };
        *lock(&client.session) = Some(client.open()?);
        Ok(client)
    }

    /// Signs in, unless the client is signed in. `on_done(result, error)` is called on a thread of the core.
    fn connect(&self, py: Python<'_>, event_loop: Py<PyAny>, on_done: Py<PyAny>) -> PyResult<Task> {
        let session = self.session()?;
        call::start(py, async move { session.signed_in().await }, event_loop, on_done)
    }

    /// Runs a method, whose parameters refer to the attachments. `on_done(result, error)` is called on a thread of the
    /// core; a result is a text, and the bytes that it refers to.
    fn invoke(
        &self,
        py: Python<'_>,
        name: &str,
        parameters: &str,
        attachments: Vec<Bound<'_, PyBytes>>,
        event_loop: Py<PyAny>,
        on_done: Py<PyAny>,
    ) -> PyResult<Task> {
        call::start(py, self.session()?.invoke(name, parameters, &attachments), event_loop, on_done)
    }

    /// Signs in, unless the client is signed in, and waits for it.
    fn connect_blocking(&self, py: Python<'_>) -> PyResult<Reply> {
        let session = self.session()?;
        call::wait(py, async move { session.signed_in().await })
    }

    /// Runs a method, and waits for its result.
    fn invoke_blocking(
        &self,
        py: Python<'_>,
        name: &str,
        parameters: &str,
        attachments: Vec<Bound<'_, PyBytes>>,
    ) -> PyResult<Reply> {
        call::wait(py, self.session()?.invoke(name, parameters, &attachments))
    }

    /// Forgets the keys once the calls in progress have ended. New calls fail.
    fn close(&self) {
        // Dropped after it is unlocked, because dropping a transport may run Python code.
        let session = lock(&self.session).take();
        drop(session);
    }
}

impl Client {
    fn session(&self) -> PyResult<Arc<Session>> {
        let mut slot = lock(&self.session);
        let owned = slot.as_ref().ok_or_else(closed)?;
        if let Some(session) = owned.get() {
            return Ok(session);
        }
        let ours = self.open()?;
        let session = ours.get().ok_or_else(closed)?;
        *slot = Some(ours);
        Ok(session)
    }

    fn open(&self) -> PyResult<OwnedByProcess<Arc<Session>>> {
        let native = NativeHost::new(&self.options).map_err(|error| failure::to_python(failure::host(error)))?;
        let host: Arc<dyn Host> = match &self.transport {
            Some(transport) => Arc::new(PythonTransport::new(native, Arc::clone(transport))),
            None => Arc::new(native),
        };
        let session = Session { core: Core::new(host), config: Arc::clone(&self.config), client_id: OnceCell::new() };
        Ok(OwnedByProcess::new(Arc::new(session)))
    }
}

impl Session {
    /// Returns the client's id. Calls that need it at the same time share one sign-in.
    async fn connect(&self) -> Result<&String, Error> {
        self.client_id.get_or_try_init(|| self.core.init_client(&self.config)).await
    }

    async fn signed_in(&self) -> Result<Message, Error> {
        self.connect().await.map(|id| Message::from(id.clone()))
    }

    fn invoke(
        self: Arc<Self>,
        name: &str,
        parameters: &str,
        attachments: &[Bound<'_, PyBytes>],
    ) -> impl Future<Output = Result<Message, Error>> + use<> {
        let (name, parameters) = (name.to_owned(), Zeroizing::new(parameters.to_owned()));
        let attachments: Vec<Bytes> = attachments.iter().map(|bytes| bytes.as_bytes().to_vec().into()).collect();
        async move {
            let client_id = self.connect().await?;
            let text = invocation(Some(client_id), &name, &parameters);
            self.core.exchange(Message { text: text.into(), attachments }).await
        }
    }
}

/// Returns the invocation for the core. `parameters` is JSON.
pub(crate) fn invocation(client_id: Option<&str>, name: &str, parameters: &str) -> String {
    let client = client_id.map(|id| format!("\"clientId\":{id},")).unwrap_or_default();
    let name = serde_json::Value::from(name);
    format!("{{\"invocation\":{{{client}\"parameters\":{{\"name\":{name},\"parameters\":{parameters}}}}}}}")
}

fn closed() -> PyErr {
    failure::to_python(Error::new(ErrorKind::ClientClosed, ""))
}
