//! Tests of servers that run as processes: several over one database, and servers that are killed at any moment.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "helpers of tests, which fail by panicking; some are used by the tests of op-server only"
)]

mod backup;
mod crash;
mod gate;
#[path = "../../../op-server/tests/server/links.rs"]
mod links;
mod logging;
mod server;
mod sharing;
mod signals;
mod start;
#[path = "../../../op-server/tests/server/support.rs"]
mod support;
#[path = "../../../op-server/tests/server/team.rs"]
mod team;
mod writes;
