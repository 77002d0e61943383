use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items, plaintext, types::Item};

/// Delete a file that is attached to an item, by the ids of its section and field. Returns the item as stored.
///
/// Other edits in the item are stored as well, as {method items.put} does.
///
/// # Errors
/// - {error ItemOutdated} if the item has changed since it was read.
/// - {error ItemNotActive} if the item is archived or deleted.
/// - {error InvalidConfiguration} if the item has no such file.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsFilesDelete {
    /// The item as it was read.
    pub item: Item,
    /// The id of the section that contains the file.
    pub section_id: String,
    /// The id of the field that holds the file.
    pub field_id: String,
}

impl ClientMethod for ItemsFilesDelete {
    const SDK_NAME: &'static str = "items.files.delete";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let mut edit = items::edits::begin(client, &self.item).await?;
        plaintext::file_fields::remove(&mut edit.details, &self.section_id, &self.field_id)?;
        items::edits::finish(client, &edit).await
    }
}
