use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    ids,
    moves,
    types::{ItemMoveOptions, ItemsMoveResponse},
};

/// Move an item to another vault: copy it with all that it holds, read the copy back and compare it, then archive the
/// original.
///
/// The copy has an id of its own. If anything fails before the copy is proved, there is an error and the original is as it
/// was; if the original cannot be archived then, the result says why, and the item is in both vaults.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsMove {
    /// The id of the vault that holds the item.
    pub vault_id: String,
    /// The id of the item.
    pub item_id: String,
    /// The id of the vault to move it to.
    pub to_vault_id: String,
    /// How to move it.
    pub options: Option<ItemMoveOptions>,
}

impl ClientMethod for ItemsMove {
    const SDK_NAME: &'static str = "items.move";
    const ADDED: bool = true;
    type Output = ItemsMoveResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("vault_id", &self.vault_id)?;
        ids::check("item_id", &self.item_id)?;
        ids::check("to_vault_id", &self.to_vault_id)?;
        let options = self.options.unwrap_or_default();
        moves::move_item(client, &self.vault_id, &self.item_id, &self.to_vault_id, options).await
    }
}
