//! Fetching and opening item records.

use std::collections::HashMap;

use futures_util::future::{join, try_join_all};
use op_protocol::{
    envelope::Envelope,
    jwk::SymmetricKey,
    rest::{
        BatchRequest, BatchResponse, ItemRecord, ItemResponse, ListedItem, OverviewsResponse,
        routes::{self, Resource},
    },
};
use zeroize::Zeroizing;

use crate::{
    client::{Client, change::without_details, titles::ItemTitles},
    error::{Error, ErrorKind, Result},
    host::BoxFuture,
    ids,
    plaintext::{Plaintext, decode, is_active},
    types::{self, Item, ItemOverview},
    wire::{api, opener::Opener},
};

/// The largest number of items in one request.
const MAX_BATCH: usize = 500;
/// HTTP's "content too large".
const TOO_LARGE: u16 = 413;

/// Item records of one vault.
pub(crate) struct ItemRecords {
    /// One for each requested id; `None` for an item that does not exist.
    pub(crate) records: Vec<Option<ItemRecord>>,
    /// The content version of the vault. Unknown if the only item does not exist, or if the version changed between two
    /// responses.
    pub(crate) content_version: Option<u32>,
}

/// Returns the overviews of a vault's items, including archived ones.
pub(crate) async fn overviews(client: &Client, vault_id: &str) -> Result<Vec<ItemOverview>> {
    let response = client.api.get_text(routes::ITEM_OVERVIEWS.at([vault_id]));
    let (response, key) = join(response, client.keychain.vault_key_by_id(vault_id)).await;
    // Both fail if the vault does not exist; the same failure must be returned each time.
    let (response, mut key) = (response?, key?);
    let OverviewsResponse { content_version, items, .. } = api::decode(&response)?;
    let items: Vec<ListedItem<'_>> = items.unwrap_or_default();
    if let Some(item) = items.iter().find(|item| item.enc_overview.kid != key.kid()) {
        key = current_key(client, vault_id, &item.enc_overview.kid, key).await?;
    }
    let opener = Opener::new(client.api.connection.host.crypto(), &key);
    let mut overviews = Vec::with_capacity(items.len());
    for item in items {
        let plaintext =
            opener.open(&item.enc_overview).await.map_err(|_| undecryptable("item overview when listing items"))?;
        overviews.push(decode::overview(&(&item).into(), item.trashed, &plaintext, vault_id)?);
    }
    let active = overviews.iter().filter(|overview| overview.state == types::ItemState::Active);
    let titles = active.map(|overview| (overview.id.as_str(), overview.title.as_str()));
    client.titles.saw_items(vault_id, ItemTitles::new(content_version, titles));
    Ok(overviews)
}

/// Returns one active item.
pub(crate) async fn item(client: &Client, vault_id: &str, item_id: &str) -> Result<Item> {
    let (record, key) = active_record(client, vault_id, item_id).await?;
    open_item(client, vault_id, &record, key).await
}

/// Returns the record of one active item, and its vault's key.
pub(crate) async fn active_record(
    client: &Client,
    vault_id: &str,
    item_id: &str,
) -> Result<(ItemRecord, SymmetricKey)> {
    let (ItemResponse { item: record, .. }, key) = item_and_key(client, vault_id, item_id).await?;
    if is_active(&record) { Ok((record, key)) } else { Err(ids::not_active(item_id)) }
}

/// Returns one item with its vault's content version, and the vault's key.
pub(crate) async fn item_and_key(
    client: &Client,
    vault_id: &str,
    item_id: &str,
) -> Result<(ItemResponse, SymmetricKey)> {
    let response = record(client, vault_id, item_id);
    let (response, key) = join(response, client.keychain.vault_key_by_id(vault_id)).await;
    // If the vault does not exist, both fail, and the error has to name the vault.
    let key = key?;
    let response = response?;
    let key = current_key(client, vault_id, &response.item.enc_overview.kid, key).await?;
    if response.item.enc_overview.kid == key.kid() {
        return Ok((response, key));
    }
    // The key was changed between the two responses: the item was read as it was under the old one.
    Ok((record(client, vault_id, item_id).await?, key))
}

/// Returns items by their ids, in the order of the ids.
pub(crate) async fn records(client: &Client, vault_id: &str, item_ids: Vec<String>) -> Result<ItemRecords> {
    if let [item_id] = item_ids.as_slice() {
        return match record(client, vault_id, item_id).await {
            Ok(ItemResponse { content_version, item }) => {
                Ok(ItemRecords { records: vec![Some(item)], content_version: Some(content_version) })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(ItemRecords { records: vec![None], content_version: None })
            }
            Err(error) => Err(error),
        };
    }
    let parts = item_ids.chunks(MAX_BATCH).map(|part| batches(client, vault_id, part));
    let parts: Vec<BatchResponse> = try_join_all(parts).await?.into_iter().flatten().collect();
    // Responses of different versions are not one consistent view.
    let mut versions = parts.iter().map(|part| part.content_version);
    let content_version = versions.next().filter(|first| versions.all(|version| version == *first));
    Ok(ItemRecords { records: parts.into_iter().flat_map(|part| part.items).collect(), content_version })
}

/// Fetches items by one request, or by several if the server says that the response would be too large.
fn batches<'a>(
    client: &'a Client,
    vault_id: &'a str,
    item_ids: &'a [String],
) -> BoxFuture<'a, Result<Vec<BatchResponse>>> {
    Box::pin(async move {
        match batch(client, vault_id, item_ids).await {
            Err(error) if error.status() == Some(TOO_LARGE) && item_ids.len() > 1 => {
                let (first, second) = item_ids.split_at(item_ids.len() / 2);
                let mut parts = batches(client, vault_id, first).await?;
                parts.extend(batches(client, vault_id, second).await?);
                Ok(parts)
            }
            result => Ok(vec![result?]),
        }
    })
}

async fn batch(client: &Client, vault_id: &str, item_ids: &[String]) -> Result<BatchResponse> {
    let request = BatchRequest { item_uuids: item_ids.to_vec() };
    let target = routes::ITEM_BATCH.at([vault_id]);
    let response: BatchResponse = client.api.query(&target, &request).await?;
    if response.items.len() != item_ids.len() {
        return Err(Error::new(ErrorKind::InvalidResponse, "the server left out items of a batch"));
    }
    for (id, item) in item_ids.iter().zip(&response.items) {
        item.iter().try_for_each(|item| ids::check_answer(Resource::Item, id, item))?;
    }
    Ok(response)
}

/// Returns items by their ids, without those that do not exist.
pub(crate) async fn all_records(
    client: &Client,
    vault_id: &str,
    item_ids: Vec<String>,
) -> Result<HashMap<String, ItemRecord>> {
    let records = records(client, vault_id, item_ids).await?.records.into_iter().flatten();
    Ok(records.map(|record| (record.uuid.clone(), record)).collect())
}

/// Opens a record with a key of its vault.
pub(crate) async fn open_item(client: &Client, vault_id: &str, record: &ItemRecord, key: SymmetricKey) -> Result<Item> {
    let plaintext = open_record(client, vault_id, record, key).await?;
    decode::item(&record.into(), &plaintext, vault_id, client.now_seconds())
}

/// Returns the plaintext of a record, opened with a key of its vault.
pub(crate) async fn open_record(
    client: &Client,
    vault_id: &str,
    record: &ItemRecord,
    mut key: SymmetricKey,
) -> Result<Plaintext> {
    let details = record.enc_details.as_ref().ok_or_else(without_details)?;
    key = current_key(client, vault_id, &details.kid, key).await?;
    let opener = Opener::new(client.api.connection.host.crypto(), &key);
    Ok(Plaintext {
        overview: open(&opener, &record.enc_overview, "item overview").await?,
        details: open(&opener, details, "item details").await?,
    })
}

pub(crate) async fn record(client: &Client, vault_id: &str, item_id: &str) -> Result<ItemResponse> {
    client.api.get_one(routes::ITEM.at([vault_id, item_id])).await
}

/// Returns the key that an envelope names: the known one or, if the vault's key was rotated since, the new one.
async fn current_key(client: &Client, vault_id: &str, named: &str, known: SymmetricKey) -> Result<SymmetricKey> {
    if named == known.kid() {
        return Ok(known);
    }
    // The client may have fetched the new key for another item already.
    let key = client.keychain.vault_key_by_id(vault_id).await?;
    if named == key.kid() { Ok(key) } else { client.keychain.rotated_vault_key(vault_id).await }
}

async fn open(opener: &Opener<'_>, envelope: &Envelope, what: &str) -> Result<Zeroizing<Vec<u8>>> {
    opener.open(&envelope.borrowed()).await.map_err(|_| undecryptable(what))
}

fn undecryptable(what: &str) -> Error {
    Error::new(ErrorKind::Decryption, what)
}
