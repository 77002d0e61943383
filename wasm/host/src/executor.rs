//! A single-threaded executor. Calls are futures, polled only when an event that they wait for has happened.

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

use op_core::Message;

/// The number that identifies a call to the host. Never reused.
pub type CallId = u64;

/// The outcome of a call: its result, or the JSON text of the error.
pub type Outcome = Result<Message, String>;

type Task = Pin<Box<dyn Future<Output = Outcome>>>;

/// The running calls.
#[derive(Default)]
pub struct Executor {
    last: CallId,
    tasks: BTreeMap<CallId, Task>,
    ready: Arc<ReadyQueue>,
}

impl Executor {
    /// Adds a call, which first runs in [`Executor::run`].
    pub fn spawn(&mut self, task: impl Future<Output = Outcome> + 'static) -> CallId {
        self.last += 1;
        self.tasks.insert(self.last, Box::pin(task));
        self.ready.push(self.last);
        self.last
    }

    /// Drops a call, which cancels the operations that only it waits for.
    pub fn cancel(&mut self, call: CallId) {
        self.tasks.remove(&call);
    }

    /// Polls until every call waits for the host. Returns the calls that ended.
    pub fn run(&mut self) -> Vec<(CallId, Outcome)> {
        let mut finished = Vec::new();
        while let Some(call) = self.ready.pop() {
            let Some(task) = self.tasks.get_mut(&call) else { continue };
            let waker = Waker::from(Arc::new(CallWaker { call, ready: Arc::clone(&self.ready) }));
            if let Poll::Ready(outcome) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.tasks.remove(&call);
                finished.push((call, outcome));
            }
        }
        finished
    }
}

#[derive(Default)]
struct ReadyQueue(Mutex<VecDeque<CallId>>);

impl ReadyQueue {
    fn push(&self, call: CallId) {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !queue.contains(&call) {
            queue.push_back(call);
        }
    }

    fn pop(&self) -> Option<CallId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

struct CallWaker {
    call: CallId,
    ready: Arc<ReadyQueue>,
}

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        self.ready.push(self.call);
    }
}
