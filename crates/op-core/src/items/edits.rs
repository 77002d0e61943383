//! Editing a stored item: it is read, changed and written back. docs/decisions/0024 says why.

use op_protocol::{
    id::{ItemId, VaultId},
    item::{Details, Overview},
    rest::ItemRecord,
};

use crate::{
    client::{Client, change::ItemChange},
    error::{Error, ErrorKind, Result},
    ids,
    items::{read, states},
    plaintext::{Plaintext, edited_item::edited_item, is_active},
    types::Item,
};

/// A stored item with the changes of a caller.
pub(crate) struct ItemEdit {
    vault_id: VaultId,
    record: ItemRecord,
    content_version: u32,
    now_seconds: u64,
    pub(crate) overview: Overview,
    pub(crate) details: Details,
}

/// Reads the stored item that `edited` was made from, and applies the changes to it.
pub(crate) async fn begin(client: &Client, edited: &Item) -> Result<ItemEdit> {
    let vault_id: VaultId = ids::parse_id("item.vaultId", &edited.vault_id)?;
    let item_id: ItemId = ids::parse_id("item.id", &edited.id)?;
    let (stored, key) = read::item_and_key(client, &vault_id, &item_id).await?;
    let record = stored.item;
    if !is_active(&record) {
        return Err(ids::not_active(&item_id));
    }
    if record.item_version != edited.version {
        return Err(Error::new(ErrorKind::ItemOutdated, "").with_field("item.version"));
    }
    let now_seconds = client.now_seconds();
    let plaintext = read::open_record(client, &record, &key).await?;
    let (overview, details) = edited_item(&(&record).into(), &plaintext, edited, now_seconds)?;
    Ok(ItemEdit { vault_id, record, content_version: stored.content_version, now_seconds, overview, details })
}

/// Stores the item, and returns it as it is then.
pub(crate) async fn finish(client: &Client, edit: &ItemEdit) -> Result<Item> {
    let change = ItemChange::edit(&edit.record, Plaintext::new(&edit.overview, &edit.details), edit.now_seconds)
        .with_files(edit.details.files());
    states::write_item(client, &edit.vault_id, Some(edit.content_version), change).await
}
