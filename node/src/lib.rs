//! op-core for Node, as a native addon.

use std::{
    any::Any,
    collections::HashMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{AbortHandle, Abortable, Aborted},
};
use napi::{
    Env, Error, Result, Status,
    bindgen_prelude::{PromiseRaw, Uint8Array, Uint8ArraySlice},
};
use napi_derive::napi;
use op_core::{ErrorKind, Message, spelling::Spelling};
use op_host::{HostOptions, NativeHost};
use zeroize::Zeroizing;

#[napi_derive::module_init]
fn init() {
    op_host::report_panics_by_location();
}

/// Returns the version of the addon, which must equal that of the package that loads it.
#[napi]
#[must_use]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// Returns the version of reqwest, for the account's list of devices.
#[napi]
#[must_use]
pub fn request_library_version() -> &'static str {
    op_host::REQWEST_VERSION
}

/// One client engine. Failures are errors whose message is the JSON text of the core's error.
#[napi]
pub struct Core {
    core: Arc<op_core::Core>,
    calls: Arc<Calls>,
}

#[napi]
impl Core {
    /// Returns an engine with its own connection pool.
    ///
    /// # Errors
    /// The proxy or the certificates named in the environment are invalid.
    #[napi(constructor)]
    pub fn new() -> Result<Self> {
        let host = NativeHost::new(&HostOptions { extra_ca_pem: node_extra_certificates(), ..HostOptions::default() })
            .map_err(|error| thrown(&op_core::Error::new(ErrorKind::InvalidConfiguration, error)))?;
        Ok(Self { core: Arc::new(op_core::Core::new(Arc::new(host))), calls: Arc::default() })
    }

    /// Signs a client in and returns its id. `call` is a number that the caller chooses, for [`Core::cancel`].
    ///
    /// # Errors
    /// Node cannot create a promise.
    #[napi]
    pub fn init_client<'env>(&self, env: &'env Env, call: u32, config: String) -> Result<PromiseRaw<'env, String>> {
        let (core, config) = (Arc::clone(&self.core), Zeroizing::new(config));
        env.spawn_future(self.calls.run(call, async move { core.init_client(&config).await }))
    }

    /// Runs a method and returns its result. `call` is a number that the caller chooses, for [`Core::cancel`]. The
    /// invocation refers to the attachments.
    ///
    /// # Errors
    /// Node cannot create a promise.
    #[napi]
    pub fn invoke<'env>(
        &self,
        env: &'env Env,
        call: u32,
        invocation: String,
        attachments: Vec<Uint8ArraySlice<'env>>,
    ) -> Result<PromiseRaw<'env, Reply>> {
        // Copied now, because the program may change its arrays later.
        let attachments = attachments.iter().map(|bytes| bytes.to_vec().into()).collect();
        let invocation = Message { text: invocation.into(), attachments };
        let core = Arc::clone(&self.core);
        env.spawn_future(self.calls.run(call, async move { core.exchange(invocation).await.map(Reply::from) }))
    }

    /// Cancels a call, with the requests that it waits for.
    #[napi]
    pub fn cancel(&self, call: u32) {
        self.calls.cancel(call);
    }

    /// Runs a method that needs neither client nor network.
    ///
    /// # Errors
    /// The core's error.
    #[napi]
    pub fn invoke_sync(&self, invocation: String) -> Result<String> {
        finish(std::panic::catch_unwind(AssertUnwindSafe(|| self.core.invoke_sync(&invocation))))
    }

    /// Releases a client and its keys.
    ///
    /// # Errors
    /// No client has this id.
    #[napi]
    pub fn release_client(&self, id: String) -> Result<()> {
        finish(std::panic::catch_unwind(AssertUnwindSafe(|| self.core.release_client(&id))))
    }
}

/// The result of a method: JSON text, and the bytes that it refers to.
#[napi(object, object_from_js = false)]
pub struct Reply {
    /// The JSON text; empty if the method returns nothing.
    pub text: String,
    /// The bytes, in the order of their numbers.
    pub attachments: Vec<Uint8Array>,
}

impl From<Message> for Reply {
    fn from(Message { mut text, attachments }: Message) -> Self {
        Self {
            text: std::mem::take(&mut *text),
            attachments: attachments.into_iter().map(|bytes| bytes.into_vec().into()).collect(),
        }
    }
}

/// Returns the certificates that Node trusts in addition to the system's. An unreadable file is ignored, as Node does.
fn node_extra_certificates() -> Option<Vec<u8>> {
    std::fs::read(std::env::var_os("NODE_EXTRA_CA_CERTS")?).ok()
}

/// The running calls, by number.
#[derive(Default)]
struct Calls(Mutex<HashMap<u32, AbortHandle>>);

impl Calls {
    /// Registers the call before it runs, so that no cancellation can come too early.
    fn run<T, C>(self: &Arc<Self>, id: u32, call: C) -> impl Future<Output = Result<T>> + use<T, C>
    where
        C: Future<Output = op_core::Result<T>>,
    {
        let (handle, registration) = AbortHandle::new_pair();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, handle);
        let calls = Arc::clone(self);
        async move {
            let outcome = Abortable::new(AssertUnwindSafe(call).catch_unwind(), registration).await;
            calls.remove(id);
            match outcome {
                Ok(outcome) => finish(outcome),
                Err(Aborted) => Err(thrown(&op_core::Error::new(ErrorKind::Internal, "the call was cancelled"))),
            }
        }
    }

    fn cancel(&self, id: u32) {
        if let Some(handle) = self.remove(id) {
            handle.abort();
        }
    }

    fn remove(&self, id: u32) -> Option<AbortHandle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}

/// Converts a panic into an error, because it must not unwind into Node. The message may quote a secret, and is
/// dropped.
fn finish<T>(outcome: std::result::Result<op_core::Result<T>, Box<dyn Any + Send>>) -> Result<T> {
    outcome
        .unwrap_or_else(|_| Err(op_core::Error::new(ErrorKind::Internal, "the engine panicked")))
        .map_err(|error| thrown(&error))
}

fn thrown(error: &op_core::Error) -> Error {
    Error::new(Status::GenericFailure, error.clone().spelled(Spelling::JavaScript).to_json())
}
