//! Writing items, and changing their state.

use std::sync::Arc;

use op_protocol::{
    id::{ItemId, VaultId},
    item::FileAttributes,
    rest::{ItemResponse, ItemState},
};

use crate::{
    client::{
        Client,
        change::{ItemChange, no_answer, only},
    },
    error::{ErrorKind, Result},
    items::read,
    plaintext::decode,
    types::Item,
};

/// Changes the content of one item, and returns the item as it is then. `content_version` is the vault's, if it was
/// read just now.
pub(crate) async fn write_item(
    client: &Client,
    vault_id: &VaultId,
    content_version: Option<u32>,
    change: ItemChange,
) -> Result<Item> {
    let changes = Arc::new(vec![change]);
    let version = only(client.items.write(vault_id, content_version, &changes).await?)?;
    let change = changes.first().ok_or_else(no_answer)?;
    change.item(vault_id, version, client.now_seconds())
}

/// Sets the state of an item, whatever it was. A deleted item keeps no files.
pub(crate) async fn set_state(client: &Client, vault_id: &VaultId, item_id: &ItemId, state: ItemState) -> Result<()> {
    let (stored, files) = item_with_files(client, vault_id, item_id, state).await?;
    set_stored_state(client, vault_id, stored, state, files).await
}

/// Returns a stored item, and the files that it keeps in the new state.
async fn item_with_files(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    state: ItemState,
) -> Result<(ItemResponse, Vec<FileAttributes>)> {
    if state == ItemState::Deleted {
        return Ok((read::record(client, vault_id, item_id).await?, Vec::new()));
    }
    let (stored, key) = read::item_and_key(client, vault_id, item_id).await?;
    let plaintext = read::open_record(client, &stored.item, &key).await?;
    let files = decode::files(&(&stored.item).into(), &plaintext)?;
    Ok((stored, files))
}

/// Sets the state of an item that was read just now, unless its content was changed since. It keeps these files.
pub(crate) async fn set_stored_state(
    client: &Client,
    vault_id: &VaultId,
    mut stored: ItemResponse,
    state: ItemState,
    mut files: Vec<FileAttributes>,
) -> Result<()> {
    loop {
        let ItemResponse { content_version, item } = stored;
        let (id, version, sealed_by) =
            (ItemId::from_server(&item.uuid), item.item_version, item.enc_overview.kid.clone());
        let changes = Arc::new(vec![ItemChange::to_state(item, state)?.with_files(files.into_iter())]);
        match client.items.write(vault_id, Some(content_version), &changes).await.and_then(only) {
            Err(error) if error.kind() == ErrorKind::Conflict => {
                (stored, files) = item_with_files(client, vault_id, &id, state).await?;
                // A retry helps only if the item is the same under another key: the vault's key was rotated.
                if stored.item.item_version != version || stored.item.enc_overview.kid == sealed_by {
                    return Err(error);
                }
            }
            result => return result.map(drop),
        }
    }
}
