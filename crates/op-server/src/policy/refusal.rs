//! Why a request is refused.

/// A refusal that the caller is told of. Whatever the request would have changed stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The caller lacks this.
    #[error("this needs {0}")]
    Forbidden(&'static str),
    /// There is no such object, or the caller may not know of it.
    #[error("no such {0}")]
    NotFound(String),
    /// The request builds on what is not so any more.
    #[error("{0}")]
    Conflict(String),
    /// Nobody can do this.
    #[error("{0}")]
    Impossible(String),
}

impl Refusal {
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound(what.into())
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict(message.into())
    }

    pub(crate) fn impossible(message: impl Into<String>) -> Self {
        Self::Impossible(message.into())
    }
}
