//! The invoke surface: text in, text out, the same for every language.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::{
    attachments::{Bytes, Form, Incoming, Message},
    client::Client,
    config::ClientConfig,
    error::{Error, ErrorKind, Result},
    host::Host,
    json_path,
    methods::{self, Method},
};

/// The core of one program or one client object: a host, and the clients that were made on it.
///
/// Every method takes and gives the JSON of the public SDKs; failures are [`Error`]s, which bindings pass on as
/// [`Error::to_json`].
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
    /// A core that reaches the world through `host`.
    #[must_use]
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self { host, clients: Mutex::default() }
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
    /// Bytes are lists of numbers, as the public SDKs have them; [`Core::exchange`] spares that.
    ///
    /// # Errors
    /// The invocation is malformed, or the method failed.
    pub async fn invoke(&self, invocation: &str) -> Result<String> {
        self.run(invocation, Vec::new(), Form::Numbers).await.map(|result| result.text)
    }

    /// [`Core::invoke`] with bytes beside the JSON, in which `{"attachment": n}` stands for the n-th of them.
    ///
    /// # Errors
    /// The invocation is malformed, or the method failed.
    pub async fn exchange(&self, invocation: Message) -> Result<Message> {
        let text = Zeroizing::new(invocation.text);
        self.run(&text, invocation.attachments, Form::Attached).await
    }

    async fn run(&self, invocation: &str, attachments: Vec<Bytes>, form: Form) -> Result<Message> {
        let call = Call::parse(invocation)?;
        match call.method {
            Method::Offline(run) => {
                run(self.host.as_ref(), call.parameters).map_err(|e| call.malformed(&e))?.map(Message::from)
            }
            Method::Client(decode) => {
                let prepared = {
                    let _incoming = Incoming::new(attachments);
                    decode(call.parameters).map_err(|e| call.malformed(&e))?
                };
                let client = self.client(call.client_id()?)?;
                prepared.run_on(&client, form).await
            }
        }
    }

    /// Runs a method that needs neither client nor network, such as `GeneratePassword`.
    ///
    /// # Errors
    /// The invocation is malformed, names a method that waits for the network, or the method failed.
    pub fn invoke_sync(&self, invocation: &str) -> Result<String> {
        let call = Call::parse(invocation)?;
        match call.method {
            Method::Offline(run) => run(self.host.as_ref(), call.parameters).map_err(|e| call.malformed(&e))?,
            Method::Client(_) => Err(call
                .invalid(&format!("`{}` waits for the network: call it with `invoke`, not `invoke_sync`", call.name))),
        }
    }

    /// Forgets a client and its keys. Calls under way on it end as they would have.
    ///
    /// # Errors
    /// No client has this id.
    pub fn release_client(&self, client_id: &str) -> Result<()> {
        let id: u64 = serde_json::from_slice(client_id.as_bytes())
            .map_err(|error| Error::new(ErrorKind::InvalidInvocation, error).with_field("clientId"))?;
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
        // The lock is never held while something that could panic runs, so a poisoned map is still whole.
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The outermost object. Its name is part of a recorded error message.
#[derive(Deserialize)]
struct InvokeParameters<'a> {
    #[serde(borrow)]
    invocation: &'a RawValue,
}

#[derive(Deserialize)]
struct Invocation<'a> {
    #[serde(borrow, default, rename = "clientId")]
    client_id: Option<&'a RawValue>,
    #[serde(borrow)]
    parameters: MethodParameters<'a>,
}

#[derive(Deserialize)]
struct MethodParameters<'a> {
    name: String,
    #[serde(borrow)]
    parameters: &'a RawValue,
}

/// A parsed invocation of a known method.
struct Call<'a> {
    text: &'a str,
    invocation: &'a RawValue,
    client_id: Option<&'a RawValue>,
    name: String,
    method: Method,
    parameters: &'a RawValue,
}

impl<'a> Call<'a> {
    fn parse(text: &'a str) -> Result<Self> {
        let InvokeParameters { invocation } =
            serde_json::from_slice(text.as_bytes()).map_err(|error| Error::new(ErrorKind::InvalidInvocation, error))?;
        let invalid = |reason: &str| invalid_invocation(text, invocation, reason);
        let parsed: Invocation<'a> = serde_json::from_slice(invocation.get().as_bytes()).map_err(|error| {
            let path = json_path::at_error(invocation.get(), &error);
            let reason = json_path::describe(&path, &error);
            invalid(&reason).with_field(path)
        })?;
        let MethodParameters { name, parameters } = parsed.parameters;
        let method = methods::find(&name).ok_or_else(|| {
            let known: Vec<_> = methods::names().collect();
            invalid(&format!("unknown method `{name}`, expected one of {}", known.join(", ")))
                .with_field("parameters.name")
        })?;
        Ok(Self { text, invocation, client_id: parsed.client_id, name, method, parameters })
    }

    fn client_id(&self) -> Result<u64> {
        let raw = self.client_id.map_or("null", RawValue::get);
        serde_json::from_slice(raw.as_bytes()).map_err(|_| {
            self.invalid(&format!("`clientId` of `{}` must be the number that init_client returned", self.name))
                .with_field("clientId")
        })
    }

    fn malformed(&self, error: &serde_json::Error) -> Error {
        let path = json_path::at_error(self.parameters.get(), error);
        let reason = format!("in the parameters of `{}`: {}", self.name, json_path::describe(&path, error));
        self.invalid(&reason).with_field(path)
    }

    fn invalid(&self, reason: &str) -> Error {
        invalid_invocation(self.text, self.invocation, reason)
    }
}

/// The public SDKs' text for any invocation that they cannot read, followed by what is wrong.
fn invalid_invocation(text: &str, invocation: &RawValue, reason: &str) -> Error {
    let (line, column) = json_path::position_after(text, invocation.get());
    Error::new(
        ErrorKind::InvalidInvocation,
        format_args!(
            "data did not match any variant of untagged enum Invocation at line {line} column {column}: {reason}"
        ),
    )
}
