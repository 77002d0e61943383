//! What an operator decides.

use std::path::PathBuf;
use std::time::Duration;

use crate::RateLimits;

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the databases and the setup token; made if missing, readable by its owner only.
    pub data_dir: PathBuf,
    /// How often things may be done.
    pub limits: RateLimits,
    /// How long a session lasts after its sign-in. A client whose session ended signs in again by itself.
    pub session_ttl: Duration,
    /// Who may create accounts.
    pub registration: Registration,
    /// Web pages that may call the server from a browser.
    pub origins: Origins,
}

impl Config {
    /// The defaults over a data folder.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            limits: RateLimits::default(),
            session_ttl: Duration::from_secs(8 * 60 * 60),
            registration: Registration::SetupToken,
            origins: Origins::Any,
        }
    }
}

/// Who may create accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Whoever presents the setup token, which the server writes into its data folder.
    SetupToken,
    /// Nobody.
    Closed,
}

/// Web pages that may call the server from a browser. Never with cookies or other ambient credentials: a request
/// stands on its signature, so any page may be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Every page.
    Any,
    /// Pages of these origins, each as `https://host[:port]`.
    List(Vec<String>),
}
