//! What a refusal says.

use serde::{Deserialize, Serialize};

/// Body of an error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// A number for the kind of error.
    pub error_code: u32,
    /// What went wrong, for people.
    pub error_message: String,
    /// Names the request in the server's log.
    pub request_id: String,
}
