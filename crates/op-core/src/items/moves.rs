//! Moving an item to another vault, in an order in which nothing can be lost. docs/decisions/0034 says why.

use futures_util::future::try_join;
use op_protocol::{
    id::{ItemId, VaultId},
    rest::{ItemRecord, ItemState},
};

use crate::{
    client::{Client, change::ItemChange},
    error::{Error, ErrorKind, Result},
    ids,
    items::{files, read, states},
    plaintext::{Plaintext, decode, is_active},
    types::{Item, ItemMoveOptions, ItemsMoveResponse, MovedOriginal},
};

/// Copies an item to another vault, verifies the copy, and then archives or deletes the original.
pub(crate) async fn move_item(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
    to_vault_id: &VaultId,
    options: ItemMoveOptions,
) -> Result<ItemsMoveResponse> {
    if vault_id == to_vault_id {
        return Err(Error::new(ErrorKind::BadInput, "the item is in this vault already").with_field("to_vault_id"));
    }
    // Both vaults must exist before anything is written.
    let original = read::item_and_key(client, vault_id, item_id);
    let ((stored, key), _) = try_join(original, client.keychain.vault_key_by_id(to_vault_id)).await?;
    let record = &stored.item;
    if !is_active(record) {
        return Err(ids::not_active(item_id));
    }
    let mut plaintext = read::open_record(client, record, &key).await?;
    let mut details = decode::details(&record.into(), &plaintext)?;
    let files: Vec<_> = details.files().collect();
    if !files.is_empty() {
        // A file belongs to one item, so the copy gets its own.
        details.replace_files(files::upload_copies(client, vault_id, item_id, &files).await?);
        plaintext.details = details.to_json();
    }
    let item = copy(client, record, plaintext, to_vault_id).await?;

    let (state, original, kept_files) = match options.delete_original {
        Some(true) => (ItemState::Deleted, MovedOriginal::Deleted, Vec::new()),
        _ => (ItemState::Archived, MovedOriginal::Archived, files),
    };
    // Refused if the original was changed since it was read, because the copy would lack the change.
    let removed = states::set_stored_state(client, vault_id, stored, state, kept_files);
    Ok(match removed.await {
        Ok(()) => ItemsMoveResponse { item, original, problem: None },
        Err(error) => {
            let problem = Some(error.message().into());
            ItemsMoveResponse { item, original: MovedOriginal::Kept, problem }
        }
    })
}

/// Writes a copy with a new id, reads it back with its files, and compares it byte by byte.
async fn copy(client: &Client, record: &ItemRecord, plaintext: Plaintext, vault_id: &VaultId) -> Result<Item> {
    let written = Plaintext { overview: plaintext.overview.clone(), details: plaintext.details.clone() };
    let copy_id = ItemId::new(client.api.connection.random());
    let mut change = ItemChange::create(copy_id.clone(), &record.template_uuid, written, client.now_seconds());
    change.created_at.clone_from(&record.created_at);
    change.updated_at.clone_from(&record.updated_at);
    let files: Vec<_> = decode::details(&record.into(), &plaintext)?.files().collect();
    let change = change.with_files(files.iter().cloned());
    let verified = async {
        states::write_item(client, vault_id, None, change).await?;
        let (stored, key) = read::item_and_key(client, vault_id, &copy_id).await?;
        let copied = read::open_record(client, &stored.item, &key).await?;
        if copied.overview != plaintext.overview || copied.details != plaintext.details {
            return Err(Error::new(ErrorKind::InvalidResponse, "the copy of the item is not the same as the item"));
        }
        files::check_files(client, vault_id, &copy_id, files).await?;
        decode::item(&(&stored.item).into(), &copied, vault_id.as_str(), client.now_seconds())
    };
    let verified: Result<Item> = verified.await;
    if verified.is_err() {
        // Even a write that failed may have taken effect. The original is still there, so the copy is deleted; if that
        // fails, the caller has one item more than before.
        let _ = states::set_state(client, vault_id, &copy_id, ItemState::Deleted).await;
    }
    verified
}
