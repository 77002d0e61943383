//! One instance of the module: a core, its running calls, and the entries that advance them.

use std::sync::Arc;

use op_core::{Core, Error, ErrorKind, Message, spelling::Spelling};

use crate::{
    executor::{CallId, Executor},
    host::{Imports, ModuleHost},
    ops::{Event, OpId, Ops},
    step::Step,
};

/// The kinds of calls to the core. Their numbers are part of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// [`Core::init_client`]
    InitClient = 1,
    /// [`Core::exchange`]
    Invoke = 2,
    /// [`Core::invoke_sync`]
    InvokeSync = 3,
    /// [`Core::release_client`]
    ReleaseClient = 4,
}

impl CallKind {
    /// Returns the kind with this number.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::InitClient, Self::Invoke, Self::InvokeSync, Self::ReleaseClient]
            .into_iter()
            .find(|kind| *kind as u32 == number)
    }
}

/// A core and its executor.
pub struct Module {
    core: Arc<Core>,
    ops: Ops,
    executor: Executor,
}

impl Module {
    /// Returns a module that reaches its host through `imports` and through the steps that it returns.
    pub fn new(imports: impl Imports) -> Self {
        let ops = Ops::default();
        let core = Arc::new(Core::new(Arc::new(ModuleHost::new(ops.clone(), imports))));
        Self { core, ops, executor: Executor::default() }
    }

    /// Starts a call. `input` is the input of the core's function.
    pub fn start(&mut self, kind: Option<CallKind>, input: op_core::Result<Message>) -> Step {
        let core = Arc::clone(&self.core);
        let call = self.executor.spawn(async move {
            let result = async { run(&core, kind, input?).await };
            result.await.map_err(|error| error.spelled(Spelling::Go).to_json())
        });
        Step { started: Some(call), ..self.step() }
    }

    /// Continues after the host performed an operation.
    pub fn resume(&mut self, op: OpId, event: Event) -> Step {
        self.ops.complete(op, event);
        self.step()
    }

    /// Cancels a call, which then never appears among the finished ones.
    pub fn cancel(&mut self, call: CallId) -> Step {
        self.executor.cancel(call);
        self.step()
    }

    fn step(&mut self) -> Step {
        let finished = self.executor.run();
        Step { started: None, requests: self.ops.take_requests(), finished, unwanted: self.ops.take_unwanted() }
    }
}

async fn run(core: &Core, kind: Option<CallKind>, input: Message) -> op_core::Result<Message> {
    if kind == Some(CallKind::Invoke) {
        return core.exchange(input).await;
    }
    let text = &input.text;
    match kind {
        Some(CallKind::InitClient) => core.init_client(text).await.map(Message::from),
        Some(CallKind::InvokeSync) => core.invoke_sync(text).map(Message::from),
        Some(CallKind::ReleaseClient) => core.release_client(text).map(|()| Message::default()),
        _ => Err(Error::new(ErrorKind::Internal, "unknown kind of call from the host")),
    }
}
