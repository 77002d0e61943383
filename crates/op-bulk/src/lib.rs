//! The work that grows with the size of the content: AES-256-GCM and base64url.
//!
//! It has its own crate so that it is compiled for speed, while the rest of the WebAssembly modules is compiled for
//! size. Generic code is compiled in the crate that instantiates it. docs/decisions/0011 says why.

pub mod aead;
pub mod b64;
