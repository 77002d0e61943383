//! The opwire client engine: sign-in, sessions, keys, caches and one file for each method, without I/O of its own.
//!
//! - A **[`Core`]** is created by a binding with its [`Host`]. JSON passes through [`Core::init_client`],
//!   [`Core::invoke`] and [`Core::release_client`]. The core does no I/O: the host sends requests, and provides the
//!   time, randomness and the platform's cryptography.
//! - A **[`Client`]** is one signed-in account (`client/`). It owns its session and keys, the writer that sends changes
//!   of items, and the titles that it has seen. `impl Client` is in one file; what clients do is free functions over
//!   `&Client`.
//! - A **method** is a file in `methods/`: a struct of parameters with the documentation that all languages get, and
//!   the function that does the work. `build.rs` lists the files.
//! - The **wire** (`wire/`) returns the response to a request: it takes a route from [`op_protocol::rest::routes`] and
//!   the session, signs, seals, sends, retries and opens.
//!
//! A call passes them in this order: `core.rs` reads the invocation and finds the client; `methods/` decodes the
//! parameters and checks them; `references/`, `vaults/`, `items/` and `people/` do the work, with the client's keys
//! (`client/keychain.rs`); `wire/` fetches and writes records; `plaintext/` turns their plaintext into the SDK's
//! `types/`, and back.
//!
//! A file uses its own floor and those below it. ARCHITECTURE.md lists the floors, and a test of xtask holds the order.

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
#[cfg(not(target_family = "wasm"))]
pub mod remote;
pub mod shares;
pub mod spelling;
pub mod types;
mod vaults;
mod wire;

pub use crate::core::Core;
pub use attachments::{Bytes, Message};
pub use client::Client;
pub use config::{CacheOptions, Identity, Options, SDK_VERSION};
#[cfg(not(target_family = "wasm"))]
pub use config::{DesktopConfig, Scope};
pub use env::{TemplatePart, is_variable_name, read_variables, split_template};
pub use error::{Error, ErrorKind, Result};
pub use host::{Crypto, Host};
pub use ids::parse_id;

pub use wire::session::Credentials;
