//! The client of a program: one connection to the agent, which asks the person and makes the calls.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use op_core::{Error, ErrorKind, Message};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{BufReader, BufWriter},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Mutex as AsyncMutex, mpsc, oneshot},
};

use crate::{
    path::{self, unavailable},
    wire::{self, AnswerHeader, Kind, RequestHeader},
};

/// A client of a person's account, by the agent. Calls may run concurrently.
pub struct AgentClient {
    config: String,
    socket: PathBuf,
    signed_in: AsyncMutex<Option<Arc<Connection>>>,
}

impl AgentClient {
    /// Asks the person for approval, unless they have approved the program before. `config` is described in
    /// docs/agent.md.
    ///
    /// # Errors
    /// No agent listens, the person did not approve, or the configuration is invalid.
    pub async fn sign_in(config: String) -> Result<Self, Error> {
        let socket = path::socket().ok_or_else(path::homeless)?;
        Self::sign_in_at(socket, config).await
    }

    /// Does the same as [`AgentClient::sign_in`] by the agent with this socket.
    ///
    /// # Errors
    /// As there.
    pub async fn sign_in_at(socket: PathBuf, config: String) -> Result<Self, Error> {
        let client = Self { config, socket, signed_in: AsyncMutex::default() };
        client.connection(None).await?;
        Ok(client)
    }

    /// Makes a call. The invocation has the `clientId` 0. If what was approved has ended, asks the person again, once.
    /// Dropping the future cancels the call.
    ///
    /// # Errors
    /// The failure of the call, or of the sign-in.
    pub async fn exchange(&self, invocation: Message) -> Result<Message, Error> {
        let connection = self.connection(None).await?;
        match connection.request(Kind::Invoke, invocation.clone()).await {
            Err(error) if error.kind() == ErrorKind::DesktopSessionExpired => {
                let connection = self.connection(Some(&connection)).await?;
                connection.request(Kind::Invoke, invocation).await
            }
            outcome => outcome,
        }
    }

    /// Returns the connection that is signed in. Signs in if there is none, if it broke, or if what was approved by
    /// `ended` has ended. Calls that wait for it share one sign-in.
    async fn connection(&self, ended: Option<&Arc<Connection>>) -> Result<Arc<Connection>, Error> {
        let mut signed_in = self.signed_in.lock().await;
        let usable = |connection: &&Arc<Connection>| {
            !connection.is_closed() && ended.is_none_or(|ended| !Arc::ptr_eq(ended, connection))
        };
        if let Some(connection) = signed_in.as_ref().filter(usable) {
            return Ok(connection.clone());
        }
        let connection = Connection::open(&self.socket).await?;
        connection.request(Kind::SignIn, self.config.clone().into()).await?;
        *signed_in = Some(connection.clone());
        Ok(connection)
    }
}

/// Returns the failure of a sign-in if no agent listens. Whatever else hinders one, a sign-in reports.
#[must_use]
pub fn absence() -> Option<Error> {
    let Some(socket) = path::socket() else { return Some(path::homeless()) };
    let error = std::os::unix::net::UnixStream::connect(&socket).err()?;
    path::is_absence(&error).then(|| path::unreachable(&socket, &error))
}

/// The agent, for its own commands.
pub struct AgentControl(Arc<Connection>);

impl AgentControl {
    /// Connects to the agent.
    ///
    /// # Errors
    /// No agent listens.
    pub async fn connect() -> Result<Self, Error> {
        let socket = path::socket().ok_or_else(path::homeless)?;
        Self::connect_to(&socket).await
    }

    /// Connects to the agent with this socket.
    ///
    /// # Errors
    /// No agent listens.
    pub async fn connect_to(socket: &Path) -> Result<Self, Error> {
        Ok(Self(Connection::open(socket).await?))
    }

    /// Sends a command, one of the types in [`crate::control`], and returns its result.
    ///
    /// # Errors
    /// The agent refuses the command, or the connection broke.
    pub async fn send<T: DeserializeOwned>(&self, kind: Kind, command: &impl Serialize) -> Result<T, Error> {
        let text = serde_json::to_string(command).map_err(|error| Error::new(ErrorKind::Internal, error))?;
        let answer = self.0.request(kind, text.into()).await?;
        let text = if answer.text.is_empty() { "null" } else { &answer.text };
        serde_json::from_str(text).map_err(|error| unavailable(&format!("its answer cannot be read: {error}")))
    }
}

/// A connection to the agent.
struct Connection {
    requests: mpsc::UnboundedSender<(RequestHeader, Message)>,
    waiting: Arc<Waiting>,
    last_call: AtomicU64,
}

/// The calls that wait for their answer.
#[derive(Default)]
struct Waiting {
    calls: Mutex<HashMap<u64, oneshot::Sender<Result<Message, Error>>>>,
    closed: AtomicBool,
}

impl Connection {
    async fn open(socket: &Path) -> Result<Arc<Self>, Error> {
        let stream = connect(socket).await?;
        let (reader, writer) = stream.into_split();
        let (requests, queue) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting::default());
        tokio::spawn(write_requests(writer, queue));
        tokio::spawn(read_answers(reader, waiting.clone()));
        Ok(Arc::new(Self { requests, waiting, last_call: AtomicU64::default() }))
    }

    fn is_closed(&self) -> bool {
        self.waiting.closed.load(Ordering::Acquire)
    }

    async fn request(&self, kind: Kind, message: Message) -> Result<Message, Error> {
        let call = self.last_call.fetch_add(1, Ordering::Relaxed) + 1;
        let (answered, answer) = oneshot::channel();
        self.waiting.lock().insert(call, answered);
        // On drop, so that a cancelled call ends at the agent too.
        let in_progress = InProgress { connection: self, call };
        let sent = self.requests.send((RequestHeader { call, kind, lengths: wire::lengths(&message) }, message));
        let outcome = match sent {
            Ok(()) if !self.is_closed() => answer.await.ok(),
            _ => None,
        };
        let outcome = outcome.unwrap_or_else(|| Err(unavailable("the connection to it broke")));
        drop(in_progress);
        outcome
    }
}

struct InProgress<'a> {
    connection: &'a Connection,
    call: u64,
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        if self.connection.waiting.lock().remove(&self.call).is_some() {
            let cancel = RequestHeader { call: self.call, kind: Kind::Cancel, lengths: Vec::new() };
            let _ = self.connection.requests.send((cancel, Message::default()));
        }
    }
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Result<Message, Error>>>> {
        // No code that could panic runs under the lock.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write_requests(writer: OwnedWriteHalf, mut queue: mpsc::UnboundedReceiver<(RequestHeader, Message)>) {
    let mut writer = BufWriter::new(writer);
    while let Some((header, message)) = queue.recv().await {
        // The reader notices that the connection broke.
        if wire::write(&mut writer, &header, &message).await.is_err() {
            return;
        }
    }
}

async fn read_answers(reader: OwnedReadHalf, waiting: Arc<Waiting>) {
    let mut reader = BufReader::new(reader);
    while let Ok(Some((header, message))) = wire::read::<AnswerHeader>(&mut reader).await {
        let Some(answered) = waiting.lock().remove(&header.call) else { continue };
        let _ = answered.send(if header.ok { Ok(message) } else { Err(failure(&message.text)) });
    }
    // First, so that no call begins to wait that nobody would end.
    waiting.closed.store(true, Ordering::Release);
    waiting.lock().clear();
}

/// Returns the failure that the agent sent as JSON.
fn failure(text: &str) -> Error {
    Error::from_json(text).unwrap_or_else(|| unavailable("its answer cannot be read"))
}

/// Connects to a socket that nobody but this user can have made.
async fn connect(socket: &Path) -> Result<UnixStream, Error> {
    let failed = |error: io::Error| path::unreachable(socket, &error);
    let stream = UnixStream::connect(socket).await.map_err(failed)?;
    path::check_owner(socket, stream.peer_cred().map_err(failed)?.uid())?;
    Ok(stream)
}
