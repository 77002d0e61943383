//! The server over real sockets, spoken to with the client's half of the protocol.

mod access;
mod items;
mod limits;
mod log;
mod sign_in;
mod support;
mod transport;
