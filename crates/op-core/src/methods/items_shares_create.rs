use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    types::{Item, ItemShareAccountPolicy, ItemShareParams, Unread},
};

/// Create a link to an item. This version cannot share items yet, and always fails with {error NotAvailable}.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesCreate {
    /// The item as it was read.
    pub item: Unread<Item>,
    /// The account's policy.
    pub policy: Unread<ItemShareAccountPolicy>,
    /// How to share the item.
    pub params: Unread<ItemShareParams>,
}

impl ClientMethod for ItemsSharesCreate {
    const SDK_NAME: &'static str = "items.shares.create";
    type Output = String;

    async fn run(self, _: &Client) -> Result<Self::Output> {
        Err(Error::new(ErrorKind::NotAvailable, "sharing items"))
    }
}
