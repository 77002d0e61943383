//! Why a server could not be opened.

use std::io;

use crate::store::StoreError;

/// Why a server could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder or the setup token in it could not be made or read.
    #[error("data folder {path}: {cause}")]
    Folder {
        /// What was to be made or read.
        path: String,
        /// What the system said.
        cause: io::Error,
    },
    /// Something in the data folder cannot be used.
    #[error("{path} {problem}")]
    Unusable {
        /// Where it is.
        path: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The databases could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file storage cannot be used.
    #[error("file storage: {0}")]
    Files(#[from] object_store::Error),
    /// The system has no random numbers.
    #[error("no random numbers from the system: {0}")]
    Random(getrandom::Error),
}
