//! The server over real sockets, spoken to with the client's half of the protocol.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

mod access;
mod items;
mod limits;
mod log;
mod postgres;
mod sign_in;
mod storage;
mod support;
mod transport;
