use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, types::Item};

/// Change an item: get it, edit it, and put it back.
///
/// What was not edited stays as it is stored, what the SDK does not show included. An item that was changed by others
/// since it was read is refused, and nothing is lost.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsPut {
    /// The item as it shall be. Its id, vault, category, version, files and times are not the caller's to change.
    pub item: Item,
}

impl ClientMethod for ItemsPut {
    const SDK_NAME: &'static str = "items.put";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let edit = client.begin_edit(&self.item).await?;
        client.finish_edit(&self.item.vault_id, &edit).await
    }
}
