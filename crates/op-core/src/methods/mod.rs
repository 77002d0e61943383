//! The method table. Each method has its own file; the build script lists them.

use op_protocol::json::{self, DecodeError, PassedOver, Tree};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    attachments::{Form, Message, Outgoing},
    client::Client,
    error::{Error, ErrorKind, Result},
    host::{BoxFuture, Host, MaybeSend},
};

/// A method that a signed-in client performs. The implementing struct is its parameter object.
pub trait ClientMethod: DeserializeOwned + Serialize + MaybeSend {
    /// The group and name in the language packages, such as `items.list`.
    const SDK_NAME: &'static str;
    /// Whether opwire added it; the public SDKs have all others.
    const ADDED: bool = false;
    /// What it returns.
    type Output: Serialize + DeserializeOwned + MaybeSend + 'static;
    /// Performs it.
    fn run(self, client: &Client) -> impl Future<Output = Result<Self::Output>> + MaybeSend;
}

/// A method that needs neither client nor network.
pub trait OfflineMethod: DeserializeOwned {
    /// The group and name in the language packages, such as `secrets.generatePassword`.
    const SDK_NAME: &'static str;
    /// Whether opwire added it; the public SDKs have all others.
    const ADDED: bool = false;
    /// What it returns.
    type Output: Serialize;
    /// Performs it.
    ///
    /// # Errors
    /// As the method documents.
    fn run(self, host: &dyn Host) -> Result<Self::Output>;
}

/// A client method with decoded parameters.
pub(crate) trait ClientCall: MaybeSend {
    fn run_on<'a>(self: Box<Self>, client: &'a Client) -> BoxFuture<'a, Result<Box<dyn Output>>>;
}

impl<M: ClientMethod + 'static> ClientCall for M {
    fn run_on<'a>(self: Box<Self>, client: &'a Client) -> BoxFuture<'a, Result<Box<dyn Output>>> {
        Box::pin(async move { Ok(Box::new(self.run(client).await?) as Box<dyn Output>) })
    }
}

/// The result of a method, of any type, so that the code that handles it is compiled once, not once for each method.
pub(crate) trait Output: MaybeSend {
    fn encode(&self) -> Result<String>;
}

impl<T: Serialize + MaybeSend> Output for T {
    fn encode(&self) -> Result<String> {
        encode(self)
    }
}

impl dyn Output {
    /// Returns the result as a message, with bytes in this form.
    pub(crate) fn message(&self, form: Form) -> Result<Message> {
        let outgoing = Outgoing::new(form);
        let text = self.encode()?;
        Ok(Message { text: text.into(), attachments: outgoing.finish() })
    }
}

/// Members that callers may pass although a type does not have them, so that a new item can be made from an item that
/// was read.
pub static PASSED_OVER: PassedOver = PassedOver(&[("ItemCreateParams", &["id", "version", "createdAt", "updatedAt"])]);

pub(crate) type ClientEntry = fn(Tree<'_>) -> Result<Box<dyn ClientCall>, DecodeError>;
type OfflineEntry = fn(&dyn Host, Tree<'_>) -> Result<Result<String>, DecodeError>;

include!(concat!(env!("OUT_DIR"), "/methods.rs"));

/// A row of the method table.
pub(crate) enum Method {
    Client(ClientEntry),
    Offline(OfflineEntry),
}

/// Returns the method with this name.
pub(crate) fn find(name: &str) -> Option<Method> {
    fn row<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
        table.iter().find(|(known, _)| *known == name).map(|(_, entry)| *entry)
    }
    row(CLIENT, name).map(Method::Client).or_else(|| row(OFFLINE, name).map(Method::Offline))
}

/// Returns the names of all methods.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CLIENT.iter().map(|(name, _)| *name).chain(OFFLINE.iter().map(|(name, _)| *name))
}

fn client_entry<M: ClientMethod + 'static>(parameters: Tree<'_>) -> Result<Box<dyn ClientCall>, DecodeError> {
    let method: M = json::from_tree_strictly(parameters, &PASSED_OVER)?;
    Ok(Box::new(method))
}

fn offline_entry<M: OfflineMethod>(host: &dyn Host, parameters: Tree<'_>) -> Result<Result<String>, DecodeError> {
    let method: M = json::from_tree_strictly(parameters, &PASSED_OVER)?;
    Ok(method.run(host).and_then(|output| encode(&output)))
}

/// Returns a result as JSON; an empty text for a method that returns nothing, like the public SDKs.
fn encode(output: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(output)
        .map_err(|error| Error::new(ErrorKind::Internal, format_args!("a result could not be encoded: {error}")))?;
    Ok(if text == "null" { String::new() } else { text })
}
