//! op-core for JavaScript.
//!
//! Nothing here is a promise: JavaScript starts a call with [`Core::invoke`], the core asks the host object for
//! operations, JavaScript reports each one's end (`httpDone`, ...), and the host's `settle` gets the call's result.
//! So every entry into the module is a plain call, and the caller of that call meets a panic as an exception, which a
//! promise made in here would have thrown at the event loop, where nobody can catch it.
#![cfg(target_family = "wasm")]

mod calls;
mod host;
mod operations;

use std::rc::Rc;

use js_sys::Uint8Array;
use op_core::{
    Message,
    host::{HttpResponse, TransportError, TransportErrorKind},
    spelling::Spelling,
};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use calls::Calls;
use host::{BrowserHost, JsHost};
use operations::{Event, Operations};

/// One client engine. It lives in an instance of this module that it does not share, see the loader in packages/sdk.
#[wasm_bindgen]
pub struct Core {
    core: Rc<op_core::Core>,
    operations: Rc<Operations>,
    calls: Calls,
}

#[wasm_bindgen]
impl Core {
    /// An engine that reaches the world through `host`.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[expect(
        clippy::arc_with_non_send_sync,
        reason = "the core takes an Arc on every platform; this one has one thread"
    )]
    pub fn new(host: JsHost) -> Self {
        let host = Rc::new(host);
        report_panics_to(Rc::clone(&host));
        let operations = Rc::new(Operations::new(Rc::clone(&host)));
        let core = op_core::Core::new(std::sync::Arc::new(BrowserHost::new(Rc::clone(&host), Rc::clone(&operations))));
        Self { core: Rc::new(core), operations, calls: Calls::new(host) }
    }

    /// Starts the call `call`, a number that the caller chose, which signs a client in.
    #[wasm_bindgen(js_name = initClient)]
    pub fn init_client(&self, call: u32, config: String) {
        let (core, config) = (Rc::clone(&self.core), Zeroizing::new(config));
        self.calls.start(call, async move { core.init_client(&config).await.map(Message::from) });
    }

    /// Starts the call `call`, a number that the caller chose, which runs a method. The invocation refers to the attachments.
    pub fn invoke(&self, call: u32, invocation: String, attachments: Vec<Uint8Array>) {
        let attachments = attachments.iter().map(|bytes| bytes.to_vec().into()).collect();
        let invocation = Message { text: invocation.into(), attachments };
        let core = Rc::clone(&self.core);
        self.calls.start(call, async move { core.exchange(invocation).await });
    }

    /// Drops a call and cancels what it waits for. It will not be settled.
    pub fn cancel(&self, call: u32) {
        self.calls.cancel(call);
    }

    /// Runs a method that needs neither client nor network.
    ///
    /// # Errors
    /// The core's error as JSON text.
    #[wasm_bindgen(js_name = invokeSync)]
    pub fn invoke_sync(&self, invocation: &str) -> Result<String, String> {
        self.core.invoke_sync(invocation).map_err(|error| error.spelled(Spelling::JavaScript).to_json())
    }

    /// Forgets a client and its keys.
    ///
    /// # Errors
    /// The core's error as JSON text.
    #[wasm_bindgen(js_name = releaseClient)]
    pub fn release_client(&self, id: &str) -> Result<(), String> {
        self.core.release_client(id).map_err(|error| error.spelled(Spelling::JavaScript).to_json())
    }

    /// The response to an `http` operation; `headers` alternates names and values.
    #[wasm_bindgen(js_name = httpDone)]
    pub fn http_done(&self, operation: u32, status: u16, headers: Vec<String>, body: Vec<u8>) {
        let mut headers = headers.into_iter();
        let headers = std::iter::from_fn(|| Some((headers.next()?, headers.next()?))).collect();
        self.resume(operation, Event::Http(Ok(HttpResponse { status, headers, body })));
    }

    /// The failure of an `http` operation; `kind` is one of `TransportErrorKind`'s names, `proxy` is empty for none. The
    /// core's error carries the operation's number as its cause.
    #[wasm_bindgen(js_name = httpFailed)]
    pub fn http_failed(&self, operation: u32, kind: &str, message: String, proxy: Option<String>) {
        let kind = TransportErrorKind::from_name(kind);
        let error = TransportError { kind, message, proxy, cause: Some(operation.into()) };
        self.resume(operation, Event::Http(Err(error)));
    }

    /// The end of a `sleep` operation.
    #[wasm_bindgen(js_name = sleepDone)]
    pub fn sleep_done(&self, operation: u32) {
        self.resume(operation, Event::Slept);
    }

    /// The result of an operation of cryptography; undefined where the platform refused.
    #[wasm_bindgen(js_name = cryptoDone)]
    pub fn crypto_done(&self, operation: u32, result: Option<Vec<u8>>) {
        self.resume(operation, Event::Crypto(result));
    }

    fn resume(&self, operation: u32, event: Event) {
        self.operations.finish(operation, event);
        self.calls.run();
    }
}

/// The exception that ends a panicking instance says only "unreachable". The place is told apart from the message,
/// which may quote a secret.
fn report_panics_to(host: Rc<JsHost>) {
    struct OneThread(Rc<JsHost>);
    #[expect(unsafe_code, reason = "a panic hook must be Send and Sync")]
    // SAFETY: the module is built without threads, so no other thread can exist.
    unsafe impl Send for OneThread {}
    #[expect(unsafe_code, reason = "a panic hook must be Send and Sync")]
    // SAFETY: as above.
    unsafe impl Sync for OneThread {}
    impl OneThread {
        fn report(&self, info: &std::panic::PanicHookInfo<'_>) {
            self.0.panicked(&info.location().map(ToString::to_string).unwrap_or_default());
        }
    }
    let host = OneThread(host);
    std::panic::set_hook(Box::new(move |info| host.report(info)));
}
