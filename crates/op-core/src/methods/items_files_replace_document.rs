use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    items::{self, files},
    plaintext,
    types::{DocumentCreateParams, Item},
};

/// Replace the file of a Document. Returns the item as stored.
///
/// Other edits in the item are stored as well, as {method items.put} does.
///
/// # Errors
/// - {error ItemOutdated} if the item has changed since it was read.
/// - {error ItemNotActive} if the item is archived or deleted.
/// - {error InvalidConfiguration} if the item is not a Document.
/// - {error FileTooBig} if the file is larger than the server accepts.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsFilesReplaceDocument {
    /// The Document as it was read.
    pub item: Item,
    /// The new file.
    pub doc_params: DocumentCreateParams,
}

impl ClientMethod for ItemsFilesReplaceDocument {
    const SDK_NAME: &'static str = "items.files.replaceDocument";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let Self { item, doc_params: params } = &self;
        plaintext::file_fields::check_document(item)?;
        let mut edit = items::edits::begin(client, item).await?;
        let file = files::upload(client, params.into()).await?;
        plaintext::file_fields::replace_document(&mut edit.overview, &mut edit.details, file);
        items::edits::finish(client, &edit).await
    }
}
