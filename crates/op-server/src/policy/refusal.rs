//! Why a request is refused.

/// A refusal that the caller is shown. Nothing that the request would have changed is changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The caller lacks this.
    #[error("this needs {0}")]
    Forbidden(&'static str),
    /// There is no such object, or the caller may not know about it.
    #[error("no such {0}")]
    NotFound(String),
    /// The request builds on something that has changed.
    #[error("{0}")]
    Conflict(String),
    /// There are as many as there may be.
    #[error("there are {most} {what}, and more are not possible: {remedy}")]
    TooMany {
        /// How many there may be.
        most: u32,
        /// Of what.
        what: &'static str,
        /// What the caller can do.
        remedy: &'static str,
    },
    /// Nobody may do this.
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
