use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, ids, items::cached, types::Item};

/// Return an item.
///
/// # Errors
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsGet {
    /// The id of the vault.
    pub vault_id: String,
    /// The id of the item.
    pub item_id: String,
}

impl ClientMethod for ItemsGet {
    const SDK_NAME: &'static str = "items.get";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("vault_id", &self.vault_id)?;
        ids::check("item_id", &self.item_id)?;
        cached::cached_item(client, &self.vault_id, &self.item_id).await
    }
}
