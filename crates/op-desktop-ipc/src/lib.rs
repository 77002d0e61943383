//! The library by which programs with the public SDKs reach a person's agent, in place of that of the desktop app: the C
//! interface that Python and Go call, and the same file as an addon of Node. docs/decisions/0076 says why it is so.
//!
//! A call is one connection to the agent ([`exchange`](mod@exchange)). There is no state, so that a process may fork, and no runtime.

#![cfg(target_os = "linux")]

mod c;
pub mod exchange;
mod node;

pub use c::{OPWIRE_DESKTOP_IPC, op_sdk_ipc_free_response, op_sdk_ipc_send_message};
