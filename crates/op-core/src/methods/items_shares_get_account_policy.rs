use op_protocol::id::{ItemId, VaultId};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items::shares, types::ItemShareAccountPolicy};

/// Return the account's policy for sharing an item: with whom, and for how long.
///
/// # Errors
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not share items of the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesGetAccountPolicy {
    /// The id of the item's vault.
    pub vault_id: VaultId,
    /// The id of the item.
    pub item_id: ItemId,
}

impl ClientMethod for ItemsSharesGetAccountPolicy {
    const SDK_NAME: &'static str = "items.shares.getAccountPolicy";
    type Output = ItemShareAccountPolicy;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        shares::policy::read(client, &self.vault_id, &self.item_id).await
    }
}
