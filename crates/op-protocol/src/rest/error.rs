//! Error responses.

use serde::{Deserialize, Serialize};

/// The codes of errors that clients distinguish from others with the same status. Other errors have their status as
/// code.
pub mod error_code {
    /// The person who signs in has not been confirmed by an administrator yet.
    pub const USER_NOT_CONFIRMED: u32 = 40_301;
    /// The person who signs in is suspended.
    pub const USER_SUSPENDED: u32 = 40_302;
    /// The code for a share is not the one that was sent last; more tries are left.
    pub const SHARE_WRONG_CODE: u32 = 40_310;
    /// The code for a share was tried too often, or is too old: a new one is needed.
    pub const SHARE_CODE_EXPIRED: u32 = 40_311;
    /// The ticket has proved no e-mail address that the share is for.
    pub const SHARE_NEEDS_EMAIL: u32 = 40_312;
    /// The password of a share is missing or wrong.
    pub const SHARE_WRONG_PASSWORD: u32 = 40_313;
    /// The share has expired.
    pub const SHARE_EXPIRED: u32 = 41_001;
    /// The share was viewed as often as it may be.
    pub const SHARE_SPENT: u32 = 41_002;
    /// The share was revoked.
    pub const SHARE_REVOKED: u32 = 41_003;
    /// A recipient ended the share.
    pub const SHARE_ENDED: u32 = 41_004;
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
