use op_protocol::rest::ItemState;
use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result};

/// Put an item away. Secret references do not find it, and lists leave it out unless they are asked for it.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsArchive {
    /// The id of the vault.
    pub vault_id: String,
    /// The id of the item.
    pub item_id: String,
}

impl ClientMethod for ItemsArchive {
    const SDK_NAME: &'static str = "items.archive";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        client.move_item(&self.vault_id, &self.item_id, ItemState::Archived).await
    }
}
