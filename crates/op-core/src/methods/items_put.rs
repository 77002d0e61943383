use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items, types::Item};

/// Store the edits of an item. Returns the item as stored. If the edits are malformed, the error names every problem.
///
/// Get an item, edit it, and put it back. What was not edited stays as it is stored, including what the SDK does not
/// show. If others have changed the item since it was read, the call fails and no change is lost.
///
/// # Errors
/// - {error ItemOutdated} if the item has changed since it was read.
/// - {error ItemNotActive} if the item is archived or deleted.
/// - {error InvalidConfiguration} if the item is malformed.
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not edit items in the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsPut {
    /// The item with its edits. Its id, vault, category, version, files and times cannot be edited.
    pub item: Item,
}

impl ClientMethod for ItemsPut {
    const SDK_NAME: &'static str = "items.put";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let edit = items::edits::begin(client, &self.item).await?;
        items::edits::finish(client, &edit).await
    }
}
