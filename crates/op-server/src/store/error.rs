//! The errors of the store, the same for both databases.

use op_protocol::set::UnknownValue;

use crate::policy::refusal::Refusal;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with this id, or this e-mail address, exists already.
    #[error("already exists")]
    Duplicate,
    /// The user may not do this, or it is not possible.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The session of the request has ended since the request was let in.
    #[error("the session has ended")]
    SignedOut,
    /// A text that PostgreSQL does not accept.
    #[error("a text contains the character NUL")]
    Nul,
    /// SQLite or PostgreSQL failed.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migrating the database: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value is not what this server writes.
    #[error("stored value is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// A stored value is none of those of its column.
    #[error("stored value is damaged: {0}")]
    Unknown(#[from] UnknownValue),
    /// The database belongs to another version of the server.
    #[error(
        "the database belongs to another version of opwire ({0}): use that version's command, or start this version's \
         server on it once to bring it up to date"
    )]
    OtherVersion(String),
    /// A database cannot be opened.
    #[error("{path} {problem}")]
    Unusable {
        /// The file.
        path: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A file is not a whole database of opwire.
    #[error("{path} is damaged, or is not a database of opwire: {cause}; restore a backup to another folder")]
    Broken {
        /// The file.
        path: String,
        /// What is wrong.
        cause: String,
    },
    /// PostgreSQL does not answer.
    #[error("PostgreSQL at {place} cannot be reached: {cause}; check that it runs, and OPWIRE_DATABASE or --database")]
    Unreachable {
        /// Its host and port, or its socket.
        place: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// There is no database where one was expected.
    #[error("there is no database {0}")]
    NoFile(String),
    /// A file of a backup is not a whole database.
    #[error("the database of the backup is damaged: {0}")]
    DamagedFile(String),
    /// The data folder has a name that SQLite cannot be given.
    #[error("the path of the data folder is not valid UTF-8")]
    Path,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(cause) if cause.code().is_some_and(|code| is_about_nul(&code)) => Self::Nul,
            _ => Self::Database(error),
        }
    }
}

impl StoreError {
    /// Whether others held locks or connections for too long. Nothing is stored, and a retry may succeed.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::PoolTimedOut) => true,
            Self::Database(sqlx::Error::Database(cause)) => cause.code().is_some_and(|code| is_about_locks(&code)),
            _ => false,
        }
    }
}

/// PostgreSQL's `lock_not_available`, and SQLite's `SQLITE_BUSY`.
fn is_about_locks(code: &str) -> bool {
    matches!(code, "55P03" | "5")
}

/// PostgreSQL's `character_not_in_repertoire`, and `untranslatable_character` for `\u0000` in JSON.
fn is_about_nul(code: &str) -> bool {
    matches!(code, "22021" | "22P05")
}

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// Converts a number from the databases, which have only `i64`.
pub(super) fn to_u32(number: i64) -> Result<u32> {
    number.try_into().map_err(|cause| StoreError::Database(sqlx::Error::Decode(Box::new(cause))))
}
