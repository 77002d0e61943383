use op_protocol::id::{ItemId, VaultId};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{attachments::Bytes, client::Client, error::Result, items::files, types::FileAttributes};

/// Return the content of a file: one that is attached to an item, or that of a Document.
///
/// # Errors
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
/// - {error ItemNotActive} if the item is archived or deleted.
/// - {error InvalidConfiguration} if the item has no such file.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsFilesRead {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The id of the item.
    pub item_id: ItemId,
    /// The file, as the item describes it. Only its id is used.
    pub attr: FileAttributes,
}

impl ClientMethod for ItemsFilesRead {
    const SDK_NAME: &'static str = "items.files.read";
    type Output = Bytes;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        files::read(client, &self.vault_id, &self.item_id, &self.attr).await
    }
}
