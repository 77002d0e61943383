//! Who makes the calls of a command: this process, or the person's agent.

use std::sync::Arc;

use op_core::{Client, Result, methods::ClientMethod};

#[cfg(unix)]
use op_agent::client::AgentClient;

/// An account that a command uses by methods of the SDKs.
pub(crate) enum Account {
    /// This process has the keys.
    Own(Arc<Client>),
    /// The agent has them.
    #[cfg(unix)]
    Agent(AgentClient),
}

/// What makes calls.
pub(crate) trait Caller {
    /// Makes a call.
    async fn call<M: ClientMethod>(&self, method: M) -> Result<M::Output>;
}

impl Caller for Arc<Client> {
    async fn call<M: ClientMethod>(&self, method: M) -> Result<M::Output> {
        method.run(self).await
    }
}

impl Caller for Account {
    async fn call<M: ClientMethod>(&self, method: M) -> Result<M::Output> {
        match self {
            Self::Own(client) => method.run(client).await,
            #[cfg(unix)]
            Self::Agent(agent) => {
                op_core::remote::output::<M>(agent.exchange(op_core::remote::invocation(&method)?).await?)
            }
        }
    }
}
