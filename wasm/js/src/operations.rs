//! The host's running operations, for which the core's futures wait.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use op_core::host::{HttpResponse, TransportError};

use crate::host::JsHost;

/// The outcome of an operation.
pub(crate) enum Event {
    Http(Result<HttpResponse, TransportError>),
    Slept,
    Crypto(Option<Vec<u8>>),
}

enum State {
    Waiting(Option<Waker>),
    Ended(Event),
}

/// The operations of one engine, by the number that identifies each to the host.
pub(crate) struct Operations {
    host: Rc<JsHost>,
    next: Cell<u32>,
    states: RefCell<HashMap<u32, State>>,
}

impl Operations {
    pub(crate) fn new(host: Rc<JsHost>) -> Self {
        Self { host, next: Cell::new(0), states: RefCell::default() }
    }

    /// Creates an operation. `begin` passes it to the host with its number.
    pub(crate) fn start(self: &Rc<Self>, begin: impl FnOnce(&JsHost, u32)) -> Operation {
        let id = self.next.get();
        self.next.set(id.wrapping_add(1));
        self.states.borrow_mut().insert(id, State::Waiting(None));
        begin(&self.host, id);
        Operation { id, all: Rc::clone(self) }
    }

    /// Ends the operation `id`. Does nothing if its future has been dropped.
    pub(crate) fn finish(&self, id: u32, event: Event) {
        let mut states = self.states.borrow_mut();
        let Some(state) = states.get_mut(&id) else { return };
        if let State::Waiting(Some(waker)) = std::mem::replace(state, State::Ended(event)) {
            waker.wake();
        }
    }
}

/// One operation. Dropping it before its end cancels it.
pub(crate) struct Operation {
    id: u32,
    all: Rc<Operations>,
}

impl Future for Operation {
    type Output = Event;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Event> {
        let mut states = self.all.states.borrow_mut();
        match states.remove(&self.id) {
            Some(State::Ended(event)) => Poll::Ready(event),
            _ => {
                states.insert(self.id, State::Waiting(Some(context.waker().clone())));
                Poll::Pending
            }
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if let Some(State::Waiting(_)) = self.all.states.borrow_mut().remove(&self.id) {
            self.all.host.cancel(self.id);
        }
    }
}
