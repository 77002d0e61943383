//! A signed-in client of the account, and what is asked of every result.

use std::{
    cell::RefCell,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use op_core::{Core, Error, ErrorKind};
use serde_json::{Value, json};

use crate::account::{ACCOUNT, SECRET, Scene, Server};

/// Inputs after which a client is replaced, so that what it remembers stays small.
const INPUTS_OF_A_CLIENT: u32 = 256;
/// More turns than any future takes whose host answers at once.
const MOST_TURNS: u32 = 1000;
/// Longer than a client stays away from a server that refused it.
const LATER_MILLIS: u64 = 3_600_000;

/// Runs a future over a host that never waits.
pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..MOST_TURNS {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("the call waits although nothing is under way");
}

/// A core whose client 0 is signed in.
pub(crate) struct Client {
    pub(crate) core: Core,
    pub(crate) server: Arc<Server>,
    inputs: u32,
}

impl Client {
    pub(crate) fn sign_in() -> Self {
        let server = Server::new(Scene::default());
        let core = Core::new(server.clone());
        let id = finish(core.init_client(&config(&ACCOUNT.token.encode()).to_string()));
        assert_eq!(id.unwrap(), "0");
        Self { core, server, inputs: 0 }
    }

    /// Calls a method of the client.
    pub(crate) fn call(&self, name: &str, parameters: &Value) -> Result<Value, Error> {
        let call = json!({"invocation": {"clientId": 0, "parameters": {"name": name, "parameters": parameters}}});
        checked(finish(self.core.invoke(&call.to_string())))
    }

    pub(crate) fn item(&self) -> Result<Value, Error> {
        self.call("ItemsGet", &json!({"vault_id": ACCOUNT.vault_id, "item_id": ACCOUNT.item_id}))
    }

    pub(crate) fn resolve(&self, reference: &str) -> Result<Value, Error> {
        self.call("SecretsResolve", &json!({"secret_reference": reference}))
    }

    /// An honest server, some time later, gets on with this client.
    pub(crate) fn assert_usable(&self) {
        let mut later = Scene::default();
        later.now_millis += LATER_MILLIS;
        self.server.plays(later);
        assert_eq!(self.resolve(&ACCOUNT.reference()).unwrap(), SECRET, "the client is of no use any more");
    }
}

/// Lends a client, which one input leaves to the next as programs do with theirs.
pub(crate) fn with_client(scene: Scene, run: impl FnOnce(&Client)) {
    thread_local!(static CLIENT: RefCell<Option<Client>> = const { RefCell::new(None) });
    // Taken out: a client during whose work a target panicked is not used again.
    let mut client = CLIENT.take().unwrap_or_else(Client::sign_in);
    client.server.plays(scene);
    run(&client);
    client.inputs += 1;
    if client.inputs < INPUTS_OF_A_CLIENT {
        CLIENT.set(Some(client));
    }
}

/// The configuration that a language package sends.
pub(crate) fn config(token: &str) -> Value {
    op_testkit::account::config(token)
}

/// The result, which is JSON or nothing; or the error, which says something.
pub(crate) fn checked(result: Result<String, Error>) -> Result<Value, Error> {
    match result {
        Ok(text) if text.is_empty() => Ok(Value::Null),
        Ok(text) => Ok(serde_json::from_str(&text).expect("results are JSON")),
        Err(error) => {
            check_error(&error);
            Err(error)
        }
    }
}

/// An error has a name and a message, crosses a language boundary, and is no fault of opwire.
pub(crate) fn check_error(error: &Error) {
    let json: Value = serde_json::from_str(&error.to_json()).expect("errors are JSON");
    assert_eq!(json["name"], error.kind().name());
    assert_eq!(json["message"], error.message());
    assert!(error.message().len() > 5, "the error says nothing: {error:?}");
    assert!(
        error.kind() != ErrorKind::Internal || error.message().to_lowercase().contains("invalid client id"),
        "the caller or the server was wrong, and opwire blames itself: {error:?}"
    );
}

/// An error of which nothing was supposed to be public.
pub(crate) fn assert_silent(error: &Error) {
    assert!(!error.to_json().contains(SECRET), "the error holds a secret: {error:?}");
    assert!(!format!("{error:?}").contains(SECRET), "the error's debug form holds a secret");
}
