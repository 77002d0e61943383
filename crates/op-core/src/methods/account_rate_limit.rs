use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, types::RateLimits};

/// Return the rate limits reported with the latest responses. Makes no request.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct AccountRateLimit {}

impl ClientMethod for AccountRateLimit {
    const SDK_NAME: &'static str = "account.rateLimit";
    const ADDED: bool = true;
    type Output = RateLimits;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        Ok(client.api.limits.current(client.now_seconds()))
    }
}
