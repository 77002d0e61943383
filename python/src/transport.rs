//! HTTP by a transport of the Python program.
//!
//! The package's `transport.py` runs the transport, in a thread or on an event loop, and reports through [`Reply`].

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use op_core::host::{
    BoxFuture, Crypto, Host, HttpRequest, HttpResponse, MAX_RESPONSE_BYTES, TransportError, TransportErrorKind,
};
use op_host::NativeHost;
use pyo3::{prelude::*, types::PyBytes};
use tokio::{sync::oneshot, task_local, time};

use crate::{attach::attached, process::lock};

type Answer = Result<HttpResponse, TransportError>;

task_local! {
    /// The event loop of the current call.
    static EVENT_LOOP: Py<PyAny>;
}

/// Polls `future` as a call on `event_loop`.
pub(crate) async fn on_event_loop<T>(event_loop: Py<PyAny>, future: impl Future<Output = T>) -> T {
    EVENT_LOOP.scope(event_loop, future).await
}

/// The native host, with the program's HTTP transport.
pub(crate) struct PythonTransport {
    native: NativeHost,
    /// `dispatch(method, url, headers, body, timeout, event_loop | None, reply) -> cancel`
    dispatch: Arc<Py<PyAny>>,
}

impl PythonTransport {
    pub(crate) fn new(native: NativeHost, dispatch: Arc<Py<PyAny>>) -> Self {
        Self { native, dispatch }
    }

    async fn send(&self, request: HttpRequest) -> Answer {
        let timeout = request.timeout;
        let (sender, answer) = oneshot::channel();
        let _cancel = self.dispatch(request, Reply(Mutex::new(Some(sender))))?;
        match time::timeout(timeout, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(error(TransportErrorKind::Interrupted, "the HTTP transport ended without a response")),
            Err(_) => Err(error(TransportErrorKind::Timeout, "the HTTP transport did not respond in time")),
        }
    }

    fn dispatch(&self, request: HttpRequest, reply: Reply) -> Result<CancelOnDrop, TransportError> {
        let started = attached(|py| {
            let event_loop = EVENT_LOOP.try_with(|event_loop| event_loop.clone_ref(py)).ok();
            let arguments = (
                request.method.as_str(),
                request.url,
                request.headers,
                PyBytes::new(py, &request.body),
                request.timeout.as_secs_f64(),
                event_loop,
                reply,
            );
            self.dispatch.call1(py, arguments).map_err(|failure| error(TransportErrorKind::Other, failure.to_string()))
        });
        started.unwrap_or_else(|| Err(error(TransportErrorKind::Other, "Python is shutting down"))).map(CancelOnDrop)
    }
}

impl Host for PythonTransport {
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Answer> {
        Box::pin(self.send(request))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.native.sleep(duration)
    }

    fn now_millis(&self) -> u64 {
        self.native.now_millis()
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        self.native.fill_random(buffer);
    }

    fn crypto(&self) -> &dyn Crypto {
        self.native.crypto()
    }
}

/// Cancels the request in the transport. Does nothing if the transport has responded.
struct CancelOnDrop(Py<PyAny>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        attached(|py| {
            if let Err(error) = self.0.call0(py) {
                error.write_unraisable(py, Some(self.0.bind(py)));
            }
        });
    }
}

/// Takes the transport's report. Only the first one counts; a late one is dropped.
#[pyclass(frozen, module = "opwire._core")]
pub(crate) struct Reply(Mutex<Option<oneshot::Sender<Answer>>>);

#[pymethods]
impl Reply {
    /// Reports a response, whatever its status.
    fn response(&self, status: u16, headers: Vec<(String, String)>, body: Vec<u8>) {
        let too_large = body.len() > MAX_RESPONSE_BYTES as usize;
        self.send(if too_large {
            Err(TransportError::too_large())
        } else {
            Ok(HttpResponse { status, headers, body })
        });
    }

    /// Reports a failure. `kind` is a name of a `TransportErrorKind`; the core's error has `cause`.
    fn failure(&self, kind: &str, message: &str, cause: u64) {
        let failure = error(TransportErrorKind::from_name(kind), message);
        self.send(Err(TransportError { cause: Some(cause), ..failure }));
    }
}

impl Reply {
    fn send(&self, answer: Answer) {
        if let Some(sender) = lock(&self.0).take() {
            // Sending fails if the request was cancelled in the meantime.
            let _ = sender.send(answer);
        }
    }
}

fn error(kind: TransportErrorKind, message: impl Into<String>) -> TransportError {
    TransportError::new(kind, message)
}
