//! Desktop authorization: the agent that keeps a person's keys, asks them about each program and makes the calls; and
//! the client by which programs reach it. docs/decisions/0074 says what holds, docs/agent.md describes the socket.
//!
//! Programs and the agent share [`wire`], the frames, and [`control`], what the agent's own commands send. A program
//! has only the [`client`], or the library of the public SDKs, whose requests [`desktop`] describes. The rest is the
//! agent: a call passes it in this order.
//!
//! - `socket` and `serve` take connections, `peer` says which program connected.
//! - `accounts` has the keys, `grants` what was approved; `queue` asks what was not, by one of the `prompts`, unless
//!   `storms` refuses it. `logind` ends what was approved when the screen is locked.
//! - `calls` signs programs in and makes their calls, in `sessions`; `public` keeps the clients of public SDKs.
//! - `commands` answers the agent's own commands, and `log` keeps what was decided.

#[cfg(unix)]
pub mod client;
pub mod control;
pub mod desktop;
pub mod folders;
#[cfg(unix)]
pub mod path;
#[cfg(feature = "service")]
pub mod profiles;
pub mod request;
pub mod wire;

#[cfg(all(feature = "service", target_os = "linux"))]
mod service;
#[cfg(all(feature = "service", target_os = "linux"))]
pub use service::*;
