//! The work that grows with the content: AES-256-GCM and base64url.
//!
//! A crate of its own, because generic code is compiled with the crate that names its types: the modules are compiled for
//! size, and this for speed.

pub mod aead;
pub mod b64;
