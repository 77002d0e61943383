//! A client: the core with a host, or a connection to a person's agent, signed in.

use std::sync::{Arc, Mutex};

#[cfg(unix)]
use op_agent::client::AgentClient;
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
    source: Source,
    /// The session; `None` once the client is closed. Locked only while attached to Python; see [`crate::process`].
    session: Mutex<Option<OwnedByProcess<Arc<Session>>>>,
}

/// What makes the calls of a client.
enum Source {
    /// A core, with the network of this machine or the caller's transport.
    Core { options: HostOptions, transport: Option<Arc<Py<PyAny>>> },
    /// A person's agent.
    #[cfg(unix)]
    Agent,
}

/// A client of this process.
struct Session {
    config: Arc<Zeroizing<String>>,
    caller: Caller,
}

enum Caller {
    Core {
        core: Core,
        client_id: OnceCell<String>,
    },
    #[cfg(unix)]
    Agent(OnceCell<AgentClient>),
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
        let options = HostOptions { proxy, extra_ca_pem: ca_pem, ..HostOptions::default() };
        Self::opened(config, Source::Core { options, transport: transport.map(Arc::new) })
    }

    /// Returns a client whose calls a person's agent makes. It does not sign in yet.
    #[staticmethod]
    fn by_agent(config: String) -> PyResult<Self> {
        #[cfg(unix)]
        return Self::opened(config, Source::Agent);
        #[cfg(not(unix))]
        {
            drop(config);
            Err(failure::to_python(Error::new(ErrorKind::NotAvailable, "desktop authorization on this system")))
        }
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
    fn opened(config: String, source: Source) -> PyResult<Self> {
        let client = Self { config: Arc::new(Zeroizing::new(config)), source, session: Mutex::new(None) };
        *lock(&client.session) = Some(client.open()?);
        Ok(client)
    }

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
        let caller = match &self.source {
            Source::Core { options, transport } => {
                let core = Core::new(host(options, transport.as_ref())?);
                Caller::Core { core, client_id: OnceCell::new() }
            }
            #[cfg(unix)]
            Source::Agent => Caller::Agent(OnceCell::new()),
        };
        Ok(OwnedByProcess::new(Arc::new(Session { config: Arc::clone(&self.config), caller })))
    }
}

fn host(options: &HostOptions, transport: Option<&Arc<Py<PyAny>>>) -> PyResult<Arc<dyn Host>> {
    let native = NativeHost::new(options).map_err(|error| failure::to_python(failure::host(error)))?;
    Ok(match transport {
        Some(transport) => Arc::new(PythonTransport::new(native, Arc::clone(transport))),
        None => Arc::new(native),
    })
}

impl Session {
    async fn signed_in(&self) -> Result<Message, Error> {
        match &self.caller {
            Caller::Core { core, client_id } => self.client_id(core, client_id).await.map(|_| ()),
            #[cfg(unix)]
            Caller::Agent(client) => self.agent(client).await.map(|_| ()),
        }?;
        Ok(Message::default())
    }

    /// Returns the client's id. Calls that need it at the same time share one sign-in.
    async fn client_id<'a>(&self, core: &Core, id: &'a OnceCell<String>) -> Result<&'a String, Error> {
        id.get_or_try_init(|| core.init_client(&self.config)).await
    }

    #[cfg(unix)]
    async fn agent<'a>(&self, client: &'a OnceCell<AgentClient>) -> Result<&'a AgentClient, Error> {
        client.get_or_try_init(|| AgentClient::sign_in(self.config.to_string())).await
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
            let message = |client_id: &str| {
                let text = invocation(Some(client_id), &name, &parameters);
                Message { text: text.into(), attachments }
            };
            match &self.caller {
                Caller::Core { core, client_id } => {
                    let client_id = self.client_id(core, client_id).await?;
                    core.exchange(message(client_id)).await
                }
                // A connection to the agent has one client.
                #[cfg(unix)]
                Caller::Agent(client) => self.agent(client).await?.exchange(message("0")).await,
            }
        }
    }
}

/// Returns the failure, as JSON, of a sign-in by a person's agent if no agent listens.
#[pyfunction]
pub(crate) fn agent_absence(py: Python<'_>) -> Option<String> {
    #[cfg(unix)]
    let absence = py.detach(op_agent::client::absence);
    #[cfg(not(unix))]
    let absence = Some(Error::new(ErrorKind::AgentUnavailable, "it does not run on this system"));
    absence.map(failure::to_json)
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
