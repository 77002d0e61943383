//! The running calls, and the loop that advances them.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::{
    FutureExt, StreamExt,
    future::{AbortHandle, Abortable, Aborted, LocalBoxFuture},
    stream::FuturesUnordered,
};
use js_sys::Uint8Array;

use op_core::{Message, Result, spelling::Spelling};

use crate::host::JsHost;

type Outcome = (u32, Result<Result<Message>, Aborted>);

/// All calls of one engine. They advance only in [`Calls::run`], which each entry into the module calls last.
pub(crate) struct Calls {
    host: Rc<JsHost>,
    futures: RefCell<FuturesUnordered<LocalBoxFuture<'static, Outcome>>>,
    handles: RefCell<HashMap<u32, AbortHandle>>,
    woken: Arc<Woken>,
}

impl Calls {
    pub(crate) fn new(host: Rc<JsHost>) -> Self {
        Self { host, futures: RefCell::default(), handles: RefCell::default(), woken: Arc::default() }
    }

    /// Adds the call `id` and runs it until it waits.
    pub(crate) fn start(&self, id: u32, call: impl Future<Output = Result<Message>> + 'static) {
        let (handle, registration) = AbortHandle::new_pair();
        self.handles.borrow_mut().insert(id, handle);
        self.futures
            .borrow_mut()
            .push(Abortable::new(call, registration).map(move |result| (id, result)).boxed_local());
        self.run();
    }

    /// Cancels the call `id`. Does nothing if it has ended.
    pub(crate) fn cancel(&self, id: u32) {
        let handle = self.handles.borrow_mut().remove(&id);
        if let Some(handle) = handle {
            handle.abort();
            self.run();
        }
    }

    /// Advances every call that can advance, and settles those that ended.
    pub(crate) fn run(&self) {
        let waker = Waker::from(Arc::clone(&self.woken));
        let mut context = Context::from_waker(&waker);
        loop {
            let outcome = self.futures.borrow_mut().poll_next_unpin(&mut context);
            match outcome {
                Poll::Ready(Some((id, outcome))) => self.settle(id, outcome),
                Poll::Ready(None) => break,
                // The stream also yields for fairness, and has then woken itself.
                Poll::Pending if self.woken.take() => {}
                Poll::Pending => break,
            }
        }
    }

    fn settle(&self, id: u32, outcome: Result<Result<Message>, Aborted>) {
        self.handles.borrow_mut().remove(&id);
        match outcome {
            Ok(Ok(Message { text, attachments })) => {
                let attachments = attachments.iter().map(|bytes| Uint8Array::from(&**bytes)).collect();
                self.host.settle(id, true, &text, attachments);
            }
            Ok(Err(error)) => self.host.settle(id, false, &error.spelled(Spelling::JavaScript).to_json(), Vec::new()),
            Err(Aborted) => {}
        }
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Woken {
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
