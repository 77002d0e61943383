use op_protocol::id::{ItemId, VaultId};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    items::moves,
    types::{ItemMoveOptions, ItemsMoveResponse},
};

/// Move an item to another vault. The item is copied, the copy is read back and compared, and then the original is
/// archived.
///
/// The copy has its own id. If anything fails before the copy is verified, the call fails and the original is
/// unchanged. If the original cannot be archived afterwards, the result has the reason, and the item is in both vaults.
///
/// # Errors
/// - {error NotFound} if a vault or the item does not exist or is not visible to the client.
/// - {error ItemNotActive} if the item is archived or deleted.
/// - {error BadInput} if the item is in this vault already.
/// - {error PermissionDenied} if the client may not create items in the other vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsMove {
    /// The id of the vault that holds the item.
    pub vault_id: VaultId,
    /// The id of the item.
    pub item_id: ItemId,
    /// The id of the vault to move the item to.
    pub to_vault_id: VaultId,
    /// What to do with the original.
    pub options: Option<ItemMoveOptions>,
}

impl ClientMethod for ItemsMove {
    const SDK_NAME: &'static str = "items.move";
    const ADDED: bool = true;
    type Output = ItemsMoveResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let options = self.options.unwrap_or_default();
        moves::move_item(client, &self.vault_id, &self.item_id, &self.to_vault_id, options).await
    }
}
