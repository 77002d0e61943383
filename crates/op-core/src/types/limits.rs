use serde::{Deserialize, Serialize};

/// How the limits of the account server stand, as it last said. A limit is missing while the server has not said it, as
/// hosted servers do not, and once its window is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct RateLimits {
    /// Of reads by this service account.
    pub reads: Option<RateLimit>,
    /// Of writes by this service account.
    pub writes: Option<RateLimit>,
    /// Of all requests by all service accounts of the account.
    pub account: Option<RateLimit>,
}

/// How a limit stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// How many requests the server takes in a window.
    pub limit: u32,
    /// How many it takes before the window ends.
    pub remaining: u32,
    /// When the window ends.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub resets_at: String,
}
