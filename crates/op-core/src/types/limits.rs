use serde::{Deserialize, Serialize};

/// The state of the account server's rate limits, as reported with its latest responses. A limit is missing if the
/// server has not reported it, as hosted servers do not, or if its window is over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct RateLimits {
    /// The limit on reads by this service account.
    pub reads: Option<RateLimit>,
    /// The limit on writes by this service account.
    pub writes: Option<RateLimit>,
    /// The limit on all requests by all service accounts of the account.
    pub account: Option<RateLimit>,
}

/// The state of one rate limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// The number of requests that the server accepts in a window.
    pub limit: u32,
    /// The number of requests that are left in this window.
    pub remaining: u32,
    /// When the window ends.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub resets_at: String,
}
