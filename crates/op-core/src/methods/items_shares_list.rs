use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    ids,
    items::shares,
    types::{ItemShare, ItemShareListParams},
};

/// List the shares of items, also those that have ended in the last 90 days: all that the client may see, or those of one
/// vault or item. Clients see the shares that they created, and those of vaults that they manage.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesList {
    /// Which shares to list.
    pub params: Option<ItemShareListParams>,
}

impl ClientMethod for ItemsSharesList {
    const SDK_NAME: &'static str = "items.shares.list";
    const ADDED: bool = true;
    type Output = Vec<ItemShare>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let ItemShareListParams { vault_id, item_id } = self.params.unwrap_or_default();
        let vault_id = vault_id.map(|id| ids::parse_id("params.vaultId", &id)).transpose()?;
        let item_id = item_id.map(|id| ids::parse_id("params.itemId", &id)).transpose()?;
        shares::records::list(client, vault_id.as_ref(), item_id.as_ref()).await
    }
}
