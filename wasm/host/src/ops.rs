//! Operations: futures inside the module wait for them, and the host performs them.

use std::{
    collections::BTreeMap,
    future::Future,
    mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use op_core::host::{HttpRequest, HttpResponse, TransportError};

/// The number that identifies an operation to the host. Never reused, so that a late result cannot reach another
/// operation.
pub type OpId = u64;

/// An operation for the host to perform.
#[derive(Debug)]
pub enum Request {
    /// Send one HTTP request and read the whole response.
    Http(HttpRequest),
    /// Wait.
    Sleep(Duration),
}

/// The result of a [`Request`].
#[derive(Debug)]
pub enum Event {
    /// The outcome of [`Request::Http`].
    Http(Result<HttpResponse, TransportError>),
    /// [`Request::Sleep`] is over.
    Slept,
}

/// The operations of one module. Clones share them.
#[derive(Clone, Default)]
pub struct Ops(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    last: OpId,
    waiting: BTreeMap<OpId, Waiting>,
    outbox: Vec<(OpId, Request)>,
    unwanted: Vec<OpId>,
}

#[derive(Default)]
struct Waiting {
    event: Option<Event>,
    waker: Option<Waker>,
}

impl Ops {
    /// Returns a future that sends `request` to the host when it is first polled, and ends with the event. Dropping it
    /// earlier cancels the request.
    pub fn perform(&self, request: Request) -> Operation {
        Operation { ops: self.clone(), state: State::Unsent(Some(request)) }
    }

    /// Passes the host's result to the future that waits for `id`. Results of cancelled operations are dropped.
    pub fn complete(&self, id: OpId, event: Event) {
        let waker = {
            let mut table = self.lock();
            let Some(waiting) = table.waiting.get_mut(&id) else { return };
            waiting.event = Some(event);
            waiting.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Returns the requests that were made since the last call.
    pub fn take_requests(&self) -> Vec<(OpId, Request)> {
        mem::take(&mut self.lock().outbox)
    }

    /// Returns the operations that were cancelled since the last call while the host performs them.
    pub fn take_unwanted(&self) -> Vec<OpId> {
        mem::take(&mut self.lock().unwanted)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // No code under the lock can panic between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn send(&mut self, request: Request, waker: &Waker) -> OpId {
        self.last += 1;
        self.waiting.insert(self.last, Waiting { event: None, waker: Some(waker.clone()) });
        self.outbox.push((self.last, request));
        self.last
    }

    fn poll(&mut self, id: OpId, waker: &Waker) -> Poll<Event> {
        let waiting = self.waiting.entry(id).or_default();
        if let Some(event) = waiting.event.take() {
            self.waiting.remove(&id);
            return Poll::Ready(event);
        }
        waiting.waker = Some(waker.clone());
        Poll::Pending
    }

    fn cancel(&mut self, id: OpId) {
        let unsent = self.outbox.len();
        self.outbox.retain(|(sent, _)| *sent != id);
        let answered = self.waiting.remove(&id).is_none_or(|waiting| waiting.event.is_some());
        if self.outbox.len() == unsent && !answered {
            self.unwanted.push(id);
        }
    }
}

/// The future of [`Ops::perform`].
pub struct Operation {
    ops: Ops,
    state: State,
}

enum State {
    Unsent(Option<Request>),
    Sent(OpId),
    Done,
}

impl Future for Operation {
    type Output = Event;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Event> {
        let ops = self.ops.clone();
        let mut table = ops.lock();
        match &mut self.state {
            State::Unsent(request) => {
                if let Some(request) = request.take() {
                    self.state = State::Sent(table.send(request, cx.waker()));
                }
                Poll::Pending
            }
            State::Sent(id) => {
                let event = table.poll(*id, cx.waker());
                if event.is_ready() {
                    self.state = State::Done;
                }
                event
            }
            State::Done => Poll::Pending,
        }
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if let State::Sent(id) = self.state {
            self.ops.lock().cancel(id);
        }
    }
}
