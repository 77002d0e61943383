//! The invoke surface: text in, text out, the same for every language.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use op_protocol::{
    id::new_id,
    json::{self, DecodeError, Object, Tree},
};

use crate::{
    attachments::{Bytes, Form, Incoming, Message},
    client::Client,
    config::ClientConfig,
    error::{Error, ErrorKind, Result},
    host::Host,
    ids,
    lock::lock,
    methods::{self, ClientEntry, Method},
};

/// The core of one program or one client object: a host, and the clients on it.
///
/// Every method takes and returns the JSON of the public SDKs. Failures are [`Error`]s, which bindings pass on as
/// [`Error::to_json`]. docs/decisions/0005 says why each client object has its own core.
pub struct Core {
    host: Arc<dyn Host>,
    clients: Mutex<Clients>,
}

#[derive(Default)]
struct Clients {
    next_id: u64,
    by_id: HashMap<u64, Arc<Client>>,
}

impl Core {
    /// Returns a core that uses `host`.
    #[must_use]
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self { host, clients: Mutex::default() }
    }

    /// Returns a core whose client 0 is `client`, for a program that calls by another one.
    #[must_use]
    pub fn with_client(host: Arc<dyn Host>, client: Arc<Client>) -> Self {
        let clients = Clients { next_id: 1, by_id: HashMap::from([(0, client)]) };
        Self { host, clients: Mutex::new(clients) }
    }

    /// Signs a client in and returns its id, in decimal.
    ///
    /// # Errors
    /// The configuration is malformed, or sign-in failed.
    pub async fn init_client(&self, config: &str) -> Result<String> {
        let config = ClientConfig::parse(config)?;
        // Taken before sign-in: a failed sign-in uses up its id, as in the public SDKs.
        let id = {
            let mut clients = self.clients();
            let id = clients.next_id;
            clients.next_id += 1;
            id
        };
        let client = Client::connect(self.host.clone(), config).await?;
        self.clients().by_id.insert(id, Arc::new(client));
        Ok(id.to_string())
    }

    /// Runs one method, for instance
    /// `{"invocation":{"clientId":0,"parameters":{"name":"VaultsList","parameters":{}}}}`, and returns its result.
    ///
    /// Bytes are lists of numbers, like those of the public SDKs, or base64; [`Core::exchange`] attaches them instead.
    ///
    /// # Errors
    /// The invocation is malformed, or the method failed.
    pub async fn invoke(&self, invocation: &str) -> Result<String> {
        self.run(invocation, Vec::new(), Form::Public).await.map(|mut result| std::mem::take(&mut *result.text))
    }

    /// Runs one method like [`Core::invoke`], with bytes beside the JSON: `{"attachment": n}` refers to the n-th of
    /// them.
    ///
    /// # Errors
    /// The invocation is malformed, or the method failed.
    pub async fn exchange(&self, invocation: Message) -> Result<Message> {
        self.run(&invocation.text, invocation.attachments, Form::Attached).await
    }

    async fn run(&self, invocation: &str, attachments: Vec<Bytes>, form: Form) -> Result<Message> {
        let Call { text, method, client_id, parameters } = Call::parse(invocation)?;
        match method {
            Method::Offline(run) => {
                run(self.host.as_ref(), parameters).map_err(|e| text.malformed(&e))?.map(Message::from)
            }
            Method::Client(decode) => {
                let prepared = {
                    let _incoming = Incoming::new(attachments, form);
                    decode(parameters).map_err(|e| text.undecodable(&e, decode))?
                };
                let client = self.client(text.client_id(client_id)?)?;
                prepared.run_on(&client).await?.message(form)
            }
        }
    }

    /// Runs a method that needs neither client nor network, such as `GeneratePassword`.
    ///
    /// # Errors
    /// The invocation is malformed, names a method that waits for the network, or the method failed.
    pub fn invoke_sync(&self, invocation: &str) -> Result<String> {
        let Call { text, method, parameters, .. } = Call::parse(invocation)?;
        match method {
            Method::Offline(run) => run(self.host.as_ref(), parameters).map_err(|e| text.malformed(&e))?,
            Method::Client(_) => {
                let reason = "waits for the network: call it with `invoke`, not `invoke_sync`";
                Err(text.invalid(&format!("`{}` {reason}", text.method)))
            }
        }
    }

    /// Forgets a client and its keys. Calls that are in progress still complete.
    ///
    /// # Errors
    /// No client has this id.
    pub fn release_client(&self, client_id: &str) -> Result<()> {
        let id = read_id(client_id).map_err(|error| error.with_field("clientId"))?;
        match self.clients().by_id.remove(&id) {
            Some(_) => Ok(()),
            None => {
                Err(Error::new(ErrorKind::Internal, "internal error: Could not drop SDK client. Invalid client ID")
                    .with_field("clientId"))
            }
        }
    }

    fn client(&self, id: u64) -> Result<Arc<Client>> {
        self.clients()
            .by_id
            .get(&id)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::Internal, "invalid client id").with_field("clientId"))
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, Clients> {
        // The lock is never held while code runs that could panic, so a poisoned map is still consistent.
        lock(&self.clients)
    }
}

/// Reads the id of a client.
fn read_id(text: &str) -> Result<u64> {
    json::from_tree(parse(text)?).map_err(|error| {
        let reason = error.to_string().replace("integer,", &format!("integer `{text}`,"));
        let details = format_args!("{reason} at line 1 column {}", text.len());
        Error::new(ErrorKind::InvalidInvocation, details)
    })
}

fn parse(text: &str) -> Result<Tree<'_>> {
    json::parse(text.as_bytes()).map_err(|error| Error::new(ErrorKind::InvalidInvocation, error))
}

/// A parsed invocation of a known method.
struct Call<'a> {
    text: Text<'a>,
    client_id: Option<Tree<'a>>,
    method: Method,
    parameters: Tree<'a>,
}

impl<'a> Call<'a> {
    fn parse(invocation: &'a str) -> Result<Self> {
        let mut text = Text { whole: invocation, method: String::new() };
        let read = text.outermost(parse(invocation)?).map_err(|reason| text.at_end(&reason))?;
        let (client_id, name, parameters) = take_apart(read).map_err(|error| text.malformed(&error))?;
        let method = methods::find(&name).ok_or_else(|| {
            let known: Vec<_> = methods::names().collect();
            text.invalid(&format!("unknown method `{name}`, expected one of {}", known.join(", ")))
                .with_field("parameters.name")
        })?;
        text.method = name;
        Ok(Self { text, client_id, method, parameters })
    }
}

/// Returns the client's id, the method's name and its parameters.
fn take_apart(invocation: Tree<'_>) -> Result<(Option<Tree<'_>>, String, Tree<'_>), DecodeError> {
    let mut invocation = Object::of(invocation)?;
    let client_id = invocation.tree("clientId").ok();
    let method = invocation.tree("parameters")?;
    Object::of(method)
        .and_then(|mut method| Ok((client_id, method.member("name")?, method.tree("parameters")?)))
        .map_err(|error| error.inside("parameters"))
}

/// The text of an invocation, for its errors.
struct Text<'a> {
    whole: &'a str,
    /// The name of the method; empty until it is known.
    method: String,
}

impl Text<'_> {
    /// Returns the member of the outermost object, or the reason of the public SDKs, which names their type.
    fn outermost<'a>(&self, all: Tree<'a>) -> Result<Tree<'a>, String> {
        let written = self.whole.trim();
        let found = match all {
            Tree::Object(_) => {
                let invocation = Object::of(all).and_then(|mut all| all.tree("invocation"));
                return invocation.map_err(|error| error.to_string());
            }
            Tree::Null => written.to_owned(),
            Tree::Bool(_) => format!("boolean `{written}`"),
            Tree::Number(_) => format!("integer `{written}`"),
            Tree::Text(_) => format!("string {written}"),
            Tree::List(_) => "sequence".to_owned(),
        };
        Err(format!("invalid type: {found}, expected struct InvokeParameters"))
    }

    fn client_id(&self, id: Option<Tree<'_>>) -> Result<u64> {
        json::from_tree(id.unwrap_or_default()).map_err(|_| {
            self.invalid(&format!("`clientId` of `{}` must be the number that init_client returned", self.method))
                .with_field("clientId")
        })
    }

    /// Returns the failure of a call whose parameters cannot be read. If one of them is not an id, the others are read
    /// too: one that is malformed comes first, as in the public SDKs.
    fn undecodable(&self, error: &DecodeError, decode: ClientEntry) -> Error {
        let Some(text) = error.not_an_id() else { return self.malformed(error) };
        let others = Call::parse(self.whole).map(|mut call| {
            if let Tree::Object(members) = &mut call.parameters {
                let faulty = members.iter_mut().filter(|(name, _)| name == error.path());
                faulty.for_each(|(_, value)| *value = Tree::Text(new_id([0; 16]).into()));
            }
            decode(call.parameters)
        });
        match others {
            Ok(Err(malformed)) if malformed.not_an_id().is_none() => self.malformed(&malformed),
            _ => ids::invalid(error.path(), text),
        }
    }

    fn malformed(&self, error: &DecodeError) -> Error {
        let reason = match self.method.as_str() {
            "" => error.to_string(),
            method => format!("in the parameters of `{method}`: {error}"),
        };
        self.invalid(&reason).with_field(error.path())
    }

    /// Returns the error of the public SDKs for any invocation that they cannot read, followed by what is wrong.
    fn invalid(&self, reason: &str) -> Error {
        let error = self.at_end("data did not match any variant of untagged enum Invocation");
        Error::new(ErrorKind::InvalidInvocation, format_args!("{}: {reason}", error.message()))
    }

    fn at_end(&self, reason: &str) -> Error {
        let (line, column) = json::position(self.whole.trim_end().as_bytes());
        Error::new(ErrorKind::InvalidInvocation, format_args!("{reason} at line {line} column {column}"))
    }
}
