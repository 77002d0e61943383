use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    types::{ItemShareAccountPolicy, Unread, ValidRecipient},
};

/// Check with whom an item is to be shared against what the account allows. This version cannot share items yet, and says so.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesValidateRecipients {
    /// What the account allows.
    pub policy: Unread<ItemShareAccountPolicy>,
    /// E-mail addresses and domains.
    pub recipients: Vec<String>,
}

impl ClientMethod for ItemsSharesValidateRecipients {
    const SDK_NAME: &'static str = "items.shares.validateRecipients";
    type Output = Unread<Vec<ValidRecipient>>;

    async fn run(self, _: &Client) -> Result<Self::Output> {
        Err(Error::new(ErrorKind::NotAvailable, "sharing items"))
    }
}
