//! Serves connections: each is one client of a program, whose requests run concurrently.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use op_core::{DesktopConfig, Error, ErrorKind, Message, spelling::Spelling};
use tokio::{
    io::{BufReader, BufWriter},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use super::{
    Agent,
    calls::{Form, SignedIn},
    peer::Peer,
    sessions,
};
use crate::{
    desktop,
    wire::{self, AnswerHeader, Kind, RequestHeader},
};

/// How many requests of a connection may be in progress.
const MOST_CALLS: usize = 1000;
/// How many answers may wait for a slow reader.
const WAITING_ANSWERS: usize = 16;

/// A connection, and what its program has signed in to.
struct Connection {
    agent: Arc<Agent>,
    peer: Result<Peer, Error>,
    signed_in: Mutex<Option<SignedIn>>,
    /// How the program's language spells the members that errors name; `None` if its package spells them itself.
    spelling: OnceLock<Option<Spelling>>,
}

/// Serves a connection until it is closed.
pub(crate) async fn serve(agent: Arc<Agent>, stream: UnixStream) {
    let peer = Peer::of(&stream);
    let connection = Arc::new(Connection { agent, peer, signed_in: Mutex::default(), spelling: OnceLock::new() });
    let (reader, writer) = stream.into_split();
    let (answers, waiting) = mpsc::channel(WAITING_ANSWERS);
    let write = tokio::spawn(write_answers(writer, waiting));
    // A frame that cannot be read ends the connection.
    let _ = connection.read_requests(reader, answers).await;
    let _ = write.await;
}

/// The answer of a request, by its number: the result, or the text of the error.
type Answer = (u64, Result<Message, String>);

async fn write_answers(writer: OwnedWriteHalf, mut answers: mpsc::Receiver<Answer>) {
    let mut writer = BufWriter::new(writer);
    while let Some((call, outcome)) = answers.recv().await {
        let (ok, message) = match outcome {
            Ok(message) => (true, message),
            Err(error) => (false, error.into()),
        };
        let header = AnswerHeader { call, ok, lengths: wire::lengths(&message) };
        if wire::write(&mut writer, &header, &message).await.is_err() {
            return;
        }
    }
}

impl Connection {
    async fn read_requests(
        self: &Arc<Self>,
        reader: OwnedReadHalf,
        answers: mpsc::Sender<Answer>,
    ) -> std::io::Result<()> {
        let mut reader = BufReader::new(reader);
        // Dropped when the connection is closed, which cancels the requests and withdraws their prompts.
        let mut running = JoinSet::new();
        let mut by_number: HashMap<u64, AbortHandle> = HashMap::new();
        while let Some((header, message)) = wire::read::<RequestHeader>(&mut reader).await? {
            while running.try_join_next().is_some() {}
            if header.kind == Kind::Cancel {
                if let Some(call) = by_number.remove(&header.call) {
                    call.abort();
                }
                continue;
            }
            by_number.retain(|_, call| !call.is_finished());
            if by_number.len() >= MOST_CALLS || by_number.contains_key(&header.call) {
                let why = "too many requests are in progress, or one has the same number";
                let refused = self.failure(header.kind, Error::new(ErrorKind::InvalidInvocation, why));
                let _ = answers.send((header.call, Err(refused))).await;
                continue;
            }
            let (connection, answers) = (self.clone(), answers.clone());
            let call = running.spawn(async move {
                let outcome = connection.request(header.kind, message).await;
                let outcome = outcome.map_err(|error| connection.failure(header.kind, error));
                let _ = answers.send((header.call, outcome)).await;
            });
            by_number.insert(header.call, call);
        }
        Ok(())
    }

    async fn request(&self, kind: Kind, message: Message) -> Result<Message, Error> {
        let peer = self.peer.as_ref().map_err(Clone::clone)?;
        peer.check_alive()?;
        let outcome = async {
            match kind {
                Kind::SignIn => self.sign_in(peer, &message.text).await.map(|()| Message::default()),
                Kind::Invoke => self.invoke(message).await,
                Kind::Desktop => self.agent.public(peer, &message.text).await,
                kind => self.agent.command(kind, &message).await,
            }
        };
        // A process that inherited the connection keeps it open. It gets no answer, and no prompt goes on.
        tokio::select! {
            outcome = outcome => outcome,
            error = peer.ended() => Err(error),
        }
    }

    async fn sign_in(&self, peer: &Peer, config: &str) -> Result<(), Error> {
        let config = DesktopConfig::parse(config)?;
        self.spelling.get_or_init(|| spelling(&config.identity.programming_language));
        let signed_in = self.agent.sign_in(peer, &config).await?;
        // No code that could panic runs under the lock.
        *self.signed_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(signed_in);
        Ok(())
    }

    async fn invoke(&self, invocation: Message) -> Result<Message, Error> {
        let signed_in = self.signed_in.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.agent.call(&signed_in.ok_or_else(sessions::ended)?, invocation, Form::Attached).await
    }

    /// Returns the text of a failure, for the program that asked.
    fn failure(&self, kind: Kind, error: Error) -> String {
        match kind {
            Kind::Desktop => desktop::failure(&error),
            _ => self.spelled(error).to_json(),
        }
    }

    /// Spells the member that an error names as the program's language does.
    fn spelled(&self, error: Error) -> Error {
        match self.spelling.get() {
            Some(Some(spelling)) => error.spelled(*spelling),
            _ => error,
        }
    }
}

/// Returns the spelling of a language whose package passes errors on as they come.
fn spelling(language: &str) -> Option<Spelling> {
    match language {
        "JS" => Some(Spelling::JavaScript),
        "Go" => Some(Spelling::Go),
        _ => None,
    }
}
