//! What goes beyond the public SDKs, against the real server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests fail the test")]

mod cache;
mod diff;
mod env;
mod explain;
mod limits;
mod moves;
mod search;
