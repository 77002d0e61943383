use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    items::shares,
    types::{ItemShareAccountPolicy, ValidRecipient},
};

/// Check recipients against the account's policy. Returns them as {method items.shares.create} takes them.
///
/// # Errors
/// - {error BadInput} if a recipient is neither an e-mail address nor a domain, or the policy does not allow it.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesValidateRecipients {
    /// The account's policy, from {method items.shares.getAccountPolicy}.
    pub policy: ItemShareAccountPolicy,
    /// E-mail addresses and domains, such as `wendy@example.com` and `example.com`.
    pub recipients: Vec<String>,
}

impl ClientMethod for ItemsSharesValidateRecipients {
    const SDK_NAME: &'static str = "items.shares.validateRecipients";
    type Output = Vec<ValidRecipient>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        shares::recipients::validate(client, &self.policy, &self.recipients).await
    }
}
