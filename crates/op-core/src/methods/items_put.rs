use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    ids,
    item_changes::ItemChange,
    item_records::is_active,
    items::edit,
    types::Item,
};

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
        let item = &self.item;
        ids::check("item.vaultId", &item.vault_id)?;
        ids::check("item.id", &item.id)?;
        let (stored, key) = client.item_and_key(&item.vault_id, &item.id).await?;
        let record = stored.item;
        if !is_active(&record) {
            return Err(Error::new(ErrorKind::ItemNotActive, ""));
        }
        if record.item_version != item.version {
            return Err(Error::new(ErrorKind::ItemOutdated, "").with_field("item.version"));
        }
        let now = client.now_seconds();
        let plaintext = client.open_record(&item.vault_id, &record, key).await?;
        let edited = edit::edited_item(&(&record).into(), &plaintext, item, now)?;
        let change = ItemChange::edit(&record, edited, now);
        client.write_item(&item.vault_id, Some(stored.content_version), change).await
    }
}
