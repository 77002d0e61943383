//! op-core for JavaScript.
//!
//! The module returns no promises. JavaScript starts a call with [`Core::invoke`], the core asks the host object for
//! operations, JavaScript reports the end of each (`httpDone`, ...), and the host's `settle` receives the result. So
//! every entry into the module is a plain call, whose caller gets a panic as an exception. In a promise created by the
//! module, the panic would be thrown in the event loop, where nobody can catch it.
//! docs/decisions/0015 and 0072 say more.
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

/// One client engine. It has an instance of this module to itself; see the loader in packages/sdk.
#[wasm_bindgen]
pub struct Core {
    core: Rc<op_core::Core>,
    operations: Rc<Operations>,
    calls: Calls,
}

#[wasm_bindgen]
impl Core {
    /// Returns an engine that reaches the network and the clock through `host`.
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

    /// Starts a call that signs a client in. `call` is a number that the caller chooses.
    #[wasm_bindgen(js_name = initClient)]
    pub fn init_client(&self, call: u32, config: String) {
        let (core, config) = (Rc::clone(&self.core), Zeroizing::new(config));
        self.calls.start(call, async move { core.init_client(&config).await.map(Message::from) });
    }

    /// Starts a call that runs a method. `call` is a number that the caller chooses. The invocation refers to the
    /// attachments.
    pub fn invoke(&self, call: u32, invocation: String, attachments: Vec<Uint8Array>) {
        let attachments = attachments.iter().map(|bytes| bytes.to_vec().into()).collect();
        let invocation = Message { text: invocation.into(), attachments };
        let core = Rc::clone(&self.core);
        self.calls.start(call, async move { core.exchange(invocation).await });
    }

    /// Cancels a call and the operations that it waits for. It will not be settled.
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

    /// Releases a client and its keys.
    ///
    /// # Errors
    /// The core's error as JSON text.
    #[wasm_bindgen(js_name = releaseClient)]
    pub fn release_client(&self, id: &str) -> Result<(), String> {
        self.core.release_client(id).map_err(|error| error.spelled(Spelling::JavaScript).to_json())
    }

    /// Reports the response to an `http` operation; `headers` alternates names and values.
    #[wasm_bindgen(js_name = httpDone)]
    pub fn http_done(&self, operation: u32, status: u16, headers: Vec<String>, body: Vec<u8>) {
        let mut headers = headers.into_iter();
        let headers = std::iter::from_fn(|| Some((headers.next()?, headers.next()?))).collect();
        self.resume(operation, Event::Http(Ok(HttpResponse { status, headers, body })));
    }

    /// Reports the failure of an `http` operation; `kind` is one of `TransportErrorKind`'s names, and `proxy` is empty
    /// if there is none. The core's error has the operation's number as its cause.
    #[wasm_bindgen(js_name = httpFailed)]
    pub fn http_failed(&self, operation: u32, kind: &str, message: String, proxy: Option<String>) {
        let kind = TransportErrorKind::from_name(kind);
        let error = TransportError { kind, message, proxy, cause: Some(operation.into()) };
        self.resume(operation, Event::Http(Err(error)));
    }

    /// Reports the end of a `sleep` operation.
    #[wasm_bindgen(js_name = sleepDone)]
    pub fn sleep_done(&self, operation: u32) {
        self.resume(operation, Event::Slept);
    }

    /// Reports the result of a cryptographic operation; undefined if the platform refused it.
    #[wasm_bindgen(js_name = cryptoDone)]
    pub fn crypto_done(&self, operation: u32, result: Option<Vec<u8>>) {
        self.resume(operation, Event::Crypto(result));
    }

    fn resume(&self, operation: u32, event: Event) {
        self.operations.finish(operation, event);
        self.calls.run();
    }
}

/// Reports the location of a panic to the host, because the exception that ends the instance says only "unreachable".
/// The message is left out, because it may quote a secret.
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
