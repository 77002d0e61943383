//! Error responses.

use serde::{Deserialize, Serialize};

/// The codes of errors that clients distinguish from others with the same status. Other errors have their status as
/// code.
pub mod error_code {
    /// The person who signs in has not been confirmed by an administrator yet.
    pub const USER_NOT_CONFIRMED: u32 = 40_301;
    /// The person who signs in is suspended.
    pub const USER_SUSPENDED: u32 = 40_302;
}

/// The body of an error response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The code of the error.
    #[serde(default)]
    pub error_code: u32,
    /// The message, which says what went wrong.
    pub error_message: String,
    /// The id of the request in the server's log.
    #[serde(default)]
    pub request_id: String,
}
