//! The opwire client engine: sign-in, sessions, keys, caches and one file an operation, without I/O of its own.
//!
//! A binding makes a [`Core`] over its [`Host`] and passes JSON through [`Core::init_client`], [`Core::invoke`] and
//! [`Core::release_client`].

pub mod admin;
mod attachments;
mod client;
mod config;
#[cfg(feature = "contract")]
pub mod contract;
mod core;
mod env;
mod error;
pub mod host;
mod ids;
mod items;
mod lock;
pub mod methods;
mod password;
mod people;
mod plaintext;
mod references;
pub mod spelling;
pub mod types;
mod vaults;
mod wire;

pub use crate::core::Core;
pub use attachments::{Bytes, Message};
pub use client::Client;
pub use config::{CacheOptions, Identity, Options, SDK_VERSION};
pub use env::{TemplatePart, is_variable_name, read_variables, split_template};
pub use error::{Error, ErrorKind, Result};
pub use host::{Crypto, Host};

pub use wire::session::Credentials;
