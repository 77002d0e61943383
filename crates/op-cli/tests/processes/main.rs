//! Servers as processes of their own: several over one database, and killed at any moment.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "helpers of tests, which fail by panicking; some serve the server's own tests only"
)]

mod backup;
mod crash;
mod gate;
mod server;
mod sharing;
#[path = "../../../op-server/tests/server/support.rs"]
mod support;
#[path = "../../../op-server/tests/server/team.rs"]
mod team;
mod writes;
