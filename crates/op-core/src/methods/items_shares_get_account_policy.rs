use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    types::{ItemShareAccountPolicy, Unread},
};

/// Return the account's policy for sharing an item. This version cannot share items yet, and always fails with {error
/// NotAvailable}.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesGetAccountPolicy {
    /// The id of the item's vault.
    pub vault_id: String,
    /// The id of the item.
    pub item_id: String,
}

impl ClientMethod for ItemsSharesGetAccountPolicy {
    const SDK_NAME: &'static str = "items.shares.getAccountPolicy";
    type Output = Unread<ItemShareAccountPolicy>;

    async fn run(self, _: &Client) -> Result<Self::Output> {
        Err(Error::new(ErrorKind::NotAvailable, "sharing items"))
    }
}
