//! The opwire client engine: sign-in, sessions, keys, caches and one file an operation, without I/O of its own.
//!
//! A binding makes a [`Core`] over its [`Host`] and passes JSON through [`Core::init_client`], [`Core::invoke`] and
//! [`Core::release_client`].

mod access;
mod address;
pub mod admin;
mod api;
mod attachments;
mod cache;
mod client;
mod config;
mod conflicts;
#[cfg(feature = "contract")]
pub mod contract;
mod core;
mod env;
mod envelopes;
mod environments;
mod error;
mod explain;
mod files;
mod groups;
pub mod host;
mod ids;
mod item_changes;
mod item_edits;
mod item_records;
mod item_writer;
mod items;
mod keychain;
pub mod methods;
mod moves;
mod near;
mod password;
mod rate_limits;
mod reference;
mod remembered;
mod resolve;
mod search;
mod session;
mod single_flight;
pub mod spelling;
mod timestamp;
mod titles;
mod transport;
pub mod types;
mod users;
mod vault_changes;
mod vaults;

pub use crate::core::Core;
pub use attachments::{Bytes, Message};
pub use cache::CacheOptions;
pub use client::Client;
pub use config::{Identity, Options, SDK_VERSION};
pub use env::{TemplatePart, is_variable_name, read_variables, split_template};
pub use error::{Error, ErrorKind, Result};
pub use host::{Crypto, Host};
pub use session::Credentials;
