//! Running the core's futures for Python: for `asyncio`, and for callers that block. docs/decisions/0017 says why there
//! is no library for it.

use std::{panic::AssertUnwindSafe, sync::mpsc, time::Duration};

use futures_util::FutureExt as _;
use op_core::{Error, ErrorKind, Message};
use pyo3::{prelude::*, types::PyBytes};
use tokio::task::AbortHandle;

use crate::{
    attach, failure,
    process::{self, OwnedByProcess},
    transport,
};

/// How often a waiting thread checks for Ctrl-C.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(50);

/// A call in progress.
#[pyclass(frozen, module = "opwire._core")]
pub(crate) struct Task(OwnedByProcess<AbortHandle>);

#[pymethods]
impl Task {
    /// Cancels the call and its requests. Does nothing if the call has ended.
    fn cancel(&self) {
        if let Some(handle) = self.0.get() {
            handle.abort();
        }
    }
}

/// A result for Python: JSON text, and the bytes that it refers to.
pub(crate) type Reply = (String, Vec<Py<PyBytes>>);

/// Starts `future`, and passes its outcome to `on_done(result, error)`. One of them is `None`; an error is JSON.
///
/// The caller's transport, if there is one, may use `event_loop`.
pub(crate) fn start(
    py: Python<'_>,
    future: impl Future<Output = Result<Message, Error>> + Send + 'static,
    event_loop: Py<PyAny>,
    on_done: Py<PyAny>,
) -> PyResult<Task> {
    if attach::is_ending() {
        return Err(failure::to_python(Error::new(ErrorKind::Internal, "Python is shutting down")));
    }
    let task = process::runtime(py)?.spawn(async move {
        let outcome = transport::on_event_loop(event_loop, caught(future)).await;
        attach::attached(|py| {
            let arguments = match outcome {
                Ok(result) => (Some(reply(py, result)), None),
                Err(error) => (None, Some(failure::to_json(error))),
            };
            if let Err(error) = on_done.call1(py, arguments) {
                error.write_unraisable(py, Some(on_done.bind(py)));
            }
        });
    });
    Ok(Task(OwnedByProcess::new(task.abort_handle())))
}

/// Waits for `future`, without blocking other Python threads. Ctrl-C cancels the call.
pub(crate) fn wait(
    py: Python<'_>,
    future: impl Future<Output = Result<Message, Error>> + Send + 'static,
) -> PyResult<Reply> {
    let (sender, mut receiver) = mpsc::sync_channel(1);
    let task = process::runtime(py)?.spawn(async move { sender.send(caught(future).await) });
    loop {
        let receiver = &mut receiver;
        match py.detach(move || receiver.recv_timeout(SIGNAL_INTERVAL)) {
            Ok(outcome) => return outcome.map(|result| reply(py, result)).map_err(failure::to_python),
            Err(mpsc::RecvTimeoutError::Timeout) => py.check_signals().inspect_err(|_| task.abort())?,
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(failure::to_python(failure::panicked())),
        }
    }
}

async fn caught(future: impl Future<Output = Result<Message, Error>>) -> Result<Message, Error> {
    AssertUnwindSafe(future).catch_unwind().await.unwrap_or_else(|_| Err(failure::panicked()))
}

fn reply(py: Python<'_>, Message { mut text, attachments }: Message) -> Reply {
    (std::mem::take(&mut *text), attachments.iter().map(|bytes| PyBytes::new(py, bytes).unbind()).collect())
}
