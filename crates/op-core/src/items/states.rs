//! Writing items, and changing their state.

use std::sync::Arc;

use op_protocol::{
    item::FileAttributes,
    rest::{ItemResponse, ItemState},
};

use crate::{
    client::{
        Client,
        change::{ItemChange, no_answer, only},
    },
    error::{ErrorKind, Result},
    ids,
    items::read,
    plaintext::decode,
    types::Item,
};

/// Changes the content of one item, and returns the item as it is then. `content_version` is the vault's, if it was
/// read just now.
pub(crate) async fn write_item(
    client: &Client,
    vault_id: &str,
    content_version: Option<u32>,
    change: ItemChange,
) -> Result<Item> {
    let changes = Arc::new(vec![change]);
    let version = only(client.items.write(vault_id, content_version, &changes).await?)?;
    let change = changes.first().ok_or_else(no_answer)?;
    change.item(vault_id, version, client.now_seconds())
}

/// Sets the state of an item, whatever it was. A deleted item keeps no files.
pub(crate) async fn set_state(client: &Client, vault_id: &str, item_id: &str, state: ItemState) -> Result<()> {
    ids::check("vault_id", vault_id)?;
    ids::check("item_id", item_id)?;
    let mut refused = None;
    loop {
        let (stored, files) = item_with_files(client, vault_id, item_id, state).await?;
        let (version, sealed_by) = (stored.item.item_version, stored.item.enc_overview.kid.clone());
        // A retry helps only if the item is the same under another key: the vault's key was rotated in the meantime.
        if let Some((error, version_then, sealed_by_then)) = refused
            && (version != version_then || sealed_by == sealed_by_then)
        {
            return Err(error);
        }
        match set_stored_state(client, vault_id, stored, state, files).await {
            Err(error) if error.kind() == ErrorKind::Conflict => refused = Some((error, version, sealed_by)),
            result => return result,
        }
    }
}

/// Returns a stored item, and the files that it keeps in the new state.
async fn item_with_files(
    client: &Client,
    vault_id: &str,
    item_id: &str,
    state: ItemState,
) -> Result<(ItemResponse, Vec<FileAttributes>)> {
    if state == ItemState::Deleted {
        return Ok((read::record(client, vault_id, item_id).await?, Vec::new()));
    }
    let (stored, key) = read::item_and_key(client, vault_id, item_id).await?;
    let plaintext = read::open_record(client, vault_id, &stored.item, key).await?;
    let files = decode::files(&(&stored.item).into(), &plaintext)?;
    Ok((stored, files))
}

/// Sets the state of an item that was read just now, unless it was changed since. It keeps these files.
pub(crate) async fn set_stored_state(
    client: &Client,
    vault_id: &str,
    stored: ItemResponse,
    state: ItemState,
    files: Vec<FileAttributes>,
) -> Result<()> {
    let changes = Arc::new(vec![ItemChange::to_state(stored.item, state)?.with_files(files.into_iter())]);
    only(client.items.write(vault_id, Some(stored.content_version), &changes).await?).map(drop)
}
