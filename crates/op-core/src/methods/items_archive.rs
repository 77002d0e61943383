use op_protocol::{
    id::{ItemId, VaultId},
    rest::ItemState,
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items};

/// Archive an item. Secret references no longer find it, and lists leave it out unless they are asked for archived
/// items.
///
/// # Errors
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not archive items in the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsArchive {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The id of the item.
    pub item_id: ItemId,
}

impl ClientMethod for ItemsArchive {
    const SDK_NAME: &'static str = "items.archive";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        items::states::set_state(client, &self.vault_id, &self.item_id, ItemState::Archived).await
    }
}
