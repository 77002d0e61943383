//! The opwire client engine: sign-in, sessions, keys, caches and one file an operation, without I/O of its own.
//!
//! A binding makes a [`Core`] over its [`Host`] and passes JSON through [`Core::init_client`], [`Core::invoke`] and
//! [`Core::release_client`].

mod core;
mod error;
pub mod host;
pub mod types;

pub use crate::core::Core;
pub use error::{Error, ErrorKind, Result};
pub use host::{Crypto, Host};
