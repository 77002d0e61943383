//! The protocol of account servers, shared by client and server.
//!
//! It has ids, keys and envelopes, SRP (both sides), request signing, service account tokens, the formats of item
//! plaintexts, and the routes and bodies of the REST API. Nothing here does I/O, reads a clock or generates randomness;
//! callers pass these in.

pub mod b64;
pub mod envelope;
pub mod file;
mod hkdf;
pub mod id;
pub mod item;
pub mod json;
pub mod jwk;
pub mod kdf;
pub mod keyset;
pub mod permissions;
pub mod request_mac;
pub mod rest;
pub mod secret_key;
pub mod session;
pub mod set;
pub mod share;
pub mod srp;
pub mod token;
