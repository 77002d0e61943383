use op_protocol::id::{ItemId, VaultId};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items::cached, types::Item};

/// Return an item.
///
/// # Errors
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsGet {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The id of the item.
    pub item_id: ItemId,
}

impl ClientMethod for ItemsGet {
    const SDK_NAME: &'static str = "items.get";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        cached::cached_item(client, &self.vault_id, &self.item_id).await
    }
}
