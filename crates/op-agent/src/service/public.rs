//! Serves programs with the public SDKs. Their library connects anew for each call, so the agent keeps their clients.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64ct::{Base64, Encoding as _};
use op_core::{DesktopConfig, Error, ErrorKind, Message};
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use zeroize::Zeroizing;

use super::{
    Agent,
    calls::{Form, SignedIn},
    peer::Peer,
    proc::ProcessKey,
    sessions,
};
use crate::desktop::{Request, RequestKind};

/// How many clients of a process are kept. JavaScript's SDK hardly ever releases one.
const MOST_CLIENTS: usize = 1000;
/// The longest result, in bytes. As a list of numbers it becomes three times as long, and the public SDKs take messages
/// of up to 50 MiB. A file in it is a list of numbers too: 4 MiB.
const LARGEST_RESULT: usize = 16 << 20;

/// The clients of all processes.
#[derive(Default)]
pub(crate) struct Clients(Mutex<HashMap<ProcessKey, VecDeque<Client>>>);

struct Client {
    id: u64,
    signed_in: SignedIn,
}

impl Clients {
    /// Keeps a client of a process, and returns its id.
    fn add(&self, process: ProcessKey, signed_in: SignedIn) -> Result<u64, Error> {
        // A number that JavaScript reads exactly. At random, so that no client of another account gets the number of one
        // that the program still uses, also after a restart of the agent.
        let random = getrandom::u64().map_err(|error| Error::new(ErrorKind::Internal, error))?;
        let id = random >> 11;
        let mut clients = self.lock();
        let clients = clients.entry(process).or_default();
        if clients.len() == MOST_CLIENTS {
            clients.pop_front();
        }
        clients.push_back(Client { id, signed_in });
        Ok(id)
    }

    fn find(&self, process: ProcessKey, id: u64) -> Option<SignedIn> {
        let clients = self.lock();
        clients.get(&process)?.iter().find(|client| client.id == id).map(|client| client.signed_in.clone())
    }

    fn remove(&self, process: ProcessKey, id: u64) {
        if let Some(clients) = self.lock().get_mut(&process) {
            clients.retain(|client| client.id != id);
        }
    }

    /// Forgets the clients of processes that have ended.
    pub(crate) fn end_of_dead(&self) {
        self.lock().retain(|process, clients| !clients.is_empty() && process.is_alive());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ProcessKey, VecDeque<Client>>> {
        // No code that could panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Agent {
    /// Answers a request of a public SDK.
    pub(crate) async fn public(&self, peer: &Peer, request: &str) -> Result<Message, Error> {
        let Request { kind, account_name, payload } =
            serde_json::from_str(request).map_err(|error| malformed("the request", &error))?;
        let payload = Base64::decode_vec(&payload).map(Zeroizing::new).map_err(|error| malformed("base64", &error))?;
        let payload = std::str::from_utf8(&payload).map_err(|error| malformed("the payload", &error))?;
        match kind {
            RequestKind::InitClient => {
                let signed_in = self.sign_in(peer, &config(account_name, payload)?).await?;
                let id = self.public.add(peer.process()?, signed_in)?;
                Ok(id.to_string().into())
            }
            RequestKind::Invoke => {
                let (id, invocation) = invocation(payload)?;
                let signed_in = self.public.find(peer.process()?, id).ok_or_else(sessions::ended)?;
                let result = self.call(&signed_in, invocation, Form::Public).await?;
                check_size(&result)?;
                Ok(result)
            }
            RequestKind::ReleaseClient => {
                // That of Python releases the client that it had at first, also after it signed in anew.
                if let Ok(id) = payload.parse() {
                    self.public.remove(peer.process()?, id);
                }
                Ok(Message::default())
            }
        }
    }
}

/// Reads the configuration of a client. JavaScript's names the account, and so does Go's, whose request has the account
/// of the first client. Python's leaves it to the request.
fn config(of_request: Option<String>, payload: &str) -> Result<DesktopConfig, Error> {
    let mut config: Map<String, Value> =
        serde_json::from_str(payload).map_err(|error| malformed("the configuration", &error))?;
    // It is empty. Our own packages leave it out.
    config.remove("serviceAccountToken");
    let in_go = config.remove("account_name");
    if !config.contains_key("accountName") {
        let account = in_go.or_else(|| of_request.map(Value::String));
        config.extend(account.map(|account| ("accountName".to_owned(), account)));
    }
    DesktopConfig::parse(&Value::Object(config).to_string())
}

/// Returns the id of the client in an invocation, and the invocation with the id 0 in its place.
fn invocation(payload: &str) -> Result<(u64, Message), Error> {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow)]
        invocation: Inner<'a>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Inner<'a> {
        client_id: u64,
        /// As they are, because they can be long.
        #[serde(borrow)]
        parameters: &'a RawValue,
    }
    let Outer { invocation: Inner { client_id, parameters } } =
        serde_json::from_str(payload).map_err(|error| malformed("the invocation", &error))?;
    let mut text = Zeroizing::new(String::with_capacity(payload.len() + 64));
    text.push_str(r#"{"invocation":{"clientId":0,"parameters":"#);
    text.push_str(parameters.get());
    text.push_str("}}");
    Ok((client_id, Message { text, attachments: Vec::new() }))
}

fn check_size(result: &Message) -> Result<(), Error> {
    let size = result.text.len();
    if size <= LARGEST_RESULT {
        return Ok(());
    }
    Err(Error::new(ErrorKind::FileTooBig, "").with_text(&format!(
        "the result has {size} bytes of JSON, and the public SDKs get at most {LARGEST_RESULT} by an agent, which is a \
         file of about 4 MiB: use the SDK of opwire, or a service account token"
    )))
}

fn malformed(what: &str, error: &impl fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidInvocation, format_args!("not what a public SDK sends: {what}: {error}"))
}
