//! What a refusal says.

use serde::{Deserialize, Serialize};

/// The codes of refusals that clients tell from others of their status; elsewhere the code is the status.
pub mod error_code {
    /// A person signs in whom no administrator has confirmed yet.
    pub const USER_NOT_CONFIRMED: u32 = 40_301;
    /// A person signs in who is suspended.
    pub const USER_SUSPENDED: u32 = 40_302;
}

/// Body of an error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// A number for the kind of error.
    #[serde(default)]
    pub error_code: u32,
    /// What went wrong, for people.
    pub error_message: String,
    /// Names the request in the server's log.
    #[serde(default)]
    pub request_id: String,
}
