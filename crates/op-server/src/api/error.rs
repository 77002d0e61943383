//! The answers to refused requests.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::policy::refusal::Refusal;
use crate::store::StoreError;

/// A refusal. Every client reads the status; the code and the message are in the body.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Set where clients must distinguish it from other refusals with the same status.
    pub(crate) code: Option<u32>,
    /// Seconds.
    pub(crate) retry_after: Option<u32>,
}

pub(crate) type Result<T> = std::result::Result<T, ApiError>;

impl ApiError {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), code: None, retry_after: None }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Expired sessions and wrong proofs get the same, so that they cannot be told apart.
    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not signed in, or the session has ended: sign in again")
    }

    pub(crate) fn forbidden(missing: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, format!("this needs {missing}"))
    }

    /// A refusal of the sign-in of a user who has proved who they are.
    pub(crate) fn barred(code: u32, message: &str) -> Self {
        Self { code: Some(code), ..Self::new(StatusCode::FORBIDDEN, message) }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("no such {what}"))
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(crate) fn too_many_requests(retry_after: u32) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            message: format!("rate limit exceeded: retry in {retry_after} s"),
            code: None,
            retry_after: Some(retry_after),
        }
    }

    /// The cause is logged only, as it shows what the server is short of.
    fn busy(cause: &dyn std::error::Error) -> Self {
        tracing::warn!(%cause, "busy");
        let message = "the server is busy: retry in 1 s";
        Self { retry_after: Some(1), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message) }
    }

    /// The cause is logged, and never sent to the client.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error: the log has the cause under this request id")
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate => {
                Self::conflict("an object with this id, or a user with this e-mail address, already exists")
            }
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::SignedOut => Self::unauthorized(),
            StoreError::Nul => Self::bad_request("a text in the request contains the character NUL"),
            busy if busy.is_busy() => Self::busy(&busy),
            other => Self::internal(&other),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::Forbidden(_) => StatusCode::FORBIDDEN,
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::Conflict(_) => StatusCode::CONFLICT,
            // Not 409, as clients retry that.
            Refusal::TooMany { .. } | Refusal::Impossible(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, refusal.to_string())
    }
}

impl IntoResponse for ApiError {
    /// The logging layer, which knows the request id, adds the body.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
