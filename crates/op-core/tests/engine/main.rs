//! The client engine against the real server, over a wire that tests watch and disturb.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

mod answers;
mod cache;
mod cancel;
mod client;
mod diff;
mod env;
mod environments;
mod explain;
mod failures;
mod faults;
mod files;
mod generated;
mod groups;
mod identity;
mod inputs;
mod invoke;
mod items;
mod limits;
mod moves;
mod people;
mod recorded;
mod resolve_failures;
mod rotation;
mod scope;
mod search;
mod secrets;
mod session;
mod shares;
mod support;
mod unopened;
mod vaults;
mod writes;
