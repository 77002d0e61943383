use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    items::{self, files},
    plaintext,
    types::{FileCreateParams, Item},
};

/// Attach a file to an item. Returns the item as stored.
///
/// Other edits in the item are stored as well, as {method items.put} does.
///
/// # Errors
/// - {error ItemOutdated} if the item has changed since it was read.
/// - {error ItemNotActive} if the item is archived or deleted.
/// - {error InvalidConfiguration} if the item already has a field of this id.
/// - {error FileTooBig} if the file is larger than the server accepts.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsFilesAttach {
    /// The item as it was read.
    pub item: Item,
    /// The file, and the ids of its section and field. A section that the item does not have is created.
    pub file_params: FileCreateParams,
}

impl ClientMethod for ItemsFilesAttach {
    const SDK_NAME: &'static str = "items.files.attach";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let Self { item, file_params: params } = &self;
        let mut edit = items::edits::begin(client, item).await?;
        plaintext::file_fields::check_free(&edit.details, &params.field_id)?;
        let file = files::upload(client, params.into()).await?;
        plaintext::file_fields::add(&mut edit.details, &params.section_id, &params.field_id, &file);
        items::edits::finish(client, &edit).await
    }
}
