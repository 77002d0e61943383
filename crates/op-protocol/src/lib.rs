//! The account-server protocol, once, for client and server.
//!
//! Ids, keys and envelopes, SRP (both sides), request signing, service account tokens, item plaintext formats and the
//! bodies of the REST calls. Nothing here does I/O, reads a clock or draws randomness: callers pass those in.

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
pub mod srp;
pub mod token;
