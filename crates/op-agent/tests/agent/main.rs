//! The agent with real accounts on a real server, and programs in other processes.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

mod approvals;
mod locks;
mod programs;
mod public;
mod scopes;
mod storms;
mod support;
