use op_protocol::{
    id::{ItemId, VaultId},
    rest::ItemState,
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items};

/// Delete an item permanently.
///
/// # Errors
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not delete items in the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsDelete {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The id of the item.
    pub item_id: ItemId,
}

impl ClientMethod for ItemsDelete {
    const SDK_NAME: &'static str = "items.delete";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        items::states::set_state(client, &self.vault_id, &self.item_id, ItemState::Deleted).await
    }
}
