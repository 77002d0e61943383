//! The server over real sockets, spoken to with the client's half of the protocol.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

mod access;
mod atomic;
mod audit;
mod files;
mod folder;
mod groups;
mod items;
mod limits;
mod links;
mod log;
mod page;
mod people;
mod policy;
mod postgres;
mod quotas;
mod recovery;
mod rotation;
mod service_accounts;
mod share_codes;
mod share_ends;
mod share_opens;
mod share_policies;
mod shares;
mod sign_in;
mod storage;
mod support;
mod team;
mod transport;
mod vaults;
