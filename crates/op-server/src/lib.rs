//! The account server: accounts, sign-in, vaults and items, all ciphertext to it.
//!
//! [`app`] makes the routes over an open [`State`]; [`serve()`] puts them on a listener. The server holds verifiers,
//! public keys and ciphertext. Except for at most a second of request counts, a process keeps nothing that another one
//! over the same database needs.
//!
//! A request passes `api/` (the route, who is calling, the form of the body), `policy/` (what is allowed, without I/O)
//! and `store/` (the rows; what a change needs is checked in its transaction). Files' content is in `files.rs`.

mod api;
mod backup;
mod config;
mod files;
mod folder;
mod ids;
mod mail;
mod open_error;
mod policy;
mod proxies;
mod quota;
mod serve;
mod state;
mod store;
mod system;
mod tls;

pub use api::{ROUTES, app};
pub use backup::{BackupError, Copied, backup, restore};
pub use config::{
    Config, FileStorage, InvalidFileStorage, InvalidMailAddress, InvalidOrigin, InvalidPostgresUrl, InvalidShareUrl,
    InvalidSmtpUrl, Mail, MailAddress, Origin, Origins, PostgresUrl, Registration, ShareUrl, SmtpUrl,
};
pub use folder::SETUP_TOKEN_FILE;
pub use open_error::OpenError;
pub use policy::limits::RateLimits;
pub use proxies::{InvalidTrustedProxy, TrustedProxy};
pub use serve::{ServeError, TlsPaths, check, serve};
pub use state::State;
pub use store::StoreError;
