//! A signed-in client of the account, and the checks on every result.

use std::{
    cell::RefCell,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use op_core::{Core, Error, ErrorKind};
use serde_json::{Value, json};

use crate::account::{ACCOUNT, SECRET, Scene, Server};

/// The number of inputs after which a client is replaced, so that its caches stay small.
const INPUTS_PER_CLIENT: u32 = 256;
/// More polls than any future needs if its host answers immediately.
const MAX_POLLS: u32 = 1000;
/// Longer than a client waits after a server refused it.
const LATER_MILLIS: u64 = 3_600_000;

/// Runs a future whose host never waits.
pub(crate) fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..MAX_POLLS {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("the call waits, but no operation is running");
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

    pub(crate) fn policy(&self) -> Result<Value, Error> {
        self.call("ItemsSharesGetAccountPolicy", &json!({"vault_id": ACCOUNT.vault_id, "item_id": ACCOUNT.item_id}))
    }

    pub(crate) fn resolve(&self, reference: &str) -> Result<Value, Error> {
        self.call("SecretsResolve", &json!({"secret_reference": reference}))
    }

    /// Asserts that this client works with an honest server some time later.
    pub(crate) fn assert_usable(&self) {
        let mut later = Scene::default();
        later.now_millis += LATER_MILLIS;
        self.server.set_scene(later);
        assert_eq!(self.resolve(&ACCOUNT.reference()).unwrap(), SECRET, "the client no longer works");
    }
}

/// Runs `run` with a client that several inputs share, as calls of a program share theirs.
pub(crate) fn with_client(scene: Scene, run: impl FnOnce(&Client)) {
    thread_local!(static CLIENT: RefCell<Option<Client>> = const { RefCell::new(None) });
    // Taken out of the cell, so that a client is not used again after a panic.
    let mut client = CLIENT.take().unwrap_or_else(Client::sign_in);
    client.server.set_scene(scene);
    run(&client);
    client.inputs += 1;
    if client.inputs < INPUTS_PER_CLIENT {
        CLIENT.set(Some(client));
    }
}

/// Returns the configuration that a language package sends.
pub(crate) fn config(token: &str) -> Value {
    op_testkit::account::config(token)
}

/// Returns the result, which must be JSON or empty, or the error after [`check_error`].
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

/// Checks that an error has a name and a message, survives the language boundary, and does not blame opwire.
pub(crate) fn check_error(error: &Error) {
    let json: Value = serde_json::from_str(&error.to_json()).expect("errors are JSON");
    assert_eq!(json["name"], error.kind().name());
    assert_eq!(json["message"], error.message());
    assert!(error.message().len() > 5, "the error has no message: {error:?}");
    assert!(
        error.kind() != ErrorKind::Internal || error.message().to_lowercase().contains("invalid client id"),
        "the caller or the server made a mistake, but the error blames opwire: {error:?}"
    );
}

/// Asserts that an error contains no secret.
pub(crate) fn assert_no_secret(error: &Error) {
    assert!(!error.to_json().contains(SECRET), "the error contains a secret: {error:?}");
    assert!(!format!("{error:?}").contains(SECRET), "the error's debug form contains a secret");
}
