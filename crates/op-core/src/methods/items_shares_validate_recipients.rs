use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    types::{ItemShareAccountPolicy, Unread, ValidRecipient},
};

/// Check recipients against the account's policy. This version cannot share items yet, and always fails with {error
/// NotAvailable}.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesValidateRecipients {
    /// The account's policy.
    pub policy: Unread<ItemShareAccountPolicy>,
    /// The e-mail addresses and domains of the recipients.
    pub recipients: Vec<String>,
}

impl ClientMethod for ItemsSharesValidateRecipients {
    const SDK_NAME: &'static str = "items.shares.validateRecipients";
    type Output = Unread<Vec<ValidRecipient>>;

    async fn run(self, _: &Client) -> Result<Self::Output> {
        Err(Error::new(ErrorKind::NotAvailable, "sharing items"))
    }
}
