//! The account server: accounts, sign-in, vaults and items, all ciphertext to it.
//!
//! [`app`] makes the routes over an open [`State`]; [`serve()`] puts them on a listener. The server holds verifiers,
//! public keys and ciphertext. Processes keep nothing that another one over the same database needs, but for at
//! most a second of request counts.

mod api;
mod backup;
mod config;
mod files;
mod policy;
mod quota;
mod serve;
mod state;
mod store;
mod system;

pub use api::{ROUTES, app};
pub use backup::{BackupError, Copied, backup, restore};
pub use config::{
    Config, FileStorage, InvalidFileStorage, InvalidOrigin, InvalidPostgresUrl, Origin, Origins, PostgresUrl,
    Registration,
};
pub use policy::limits::RateLimits;
pub use serve::{ServeError, TlsPaths, serve};
pub use state::{OpenError, SETUP_TOKEN_FILE, State};
pub use store::StoreError;
