//! Fetching and opening item records.

use std::sync::Arc;

use futures_util::future::{join, try_join_all};
use op_protocol::{
    envelope::Envelope,
    id::{ItemId, VaultId},
    jwk::SymmetricKey,
    rest::{
        BatchRequest, BatchResponse, ItemRecord, ItemResponse, ListedItem, OverviewsResponse,
        routes::{self, Resource},
    },
};
use zeroize::Zeroizing;

use crate::{
    client::{Client, change::without_details, titles::ItemTitles},
    error::{Error, ErrorKind, Result, if_it_opens},
    host::BoxFuture,
    ids,
    plaintext::{Plaintext, decode, is_active},
    types::{self, Item, ItemOverview},
    wire::{
        api::{self, ResponseText},
        opener::Opener,
    },
};

/// The largest number of items in one request.
const MAX_BATCH: usize = 500;
/// HTTP's "content too large".
const TOO_LARGE: u16 = 413;

/// Content that the server returned, sealed with a vault's key.
pub(crate) trait Sealed {
    /// Whether all of it is sealed with this key.
    fn is_under(&self, key: &SymmetricKey) -> bool;
}

/// Item records of one vault.
pub(crate) struct ItemRecords {
    /// One for each requested id; `None` for an item that does not exist.
    pub(crate) records: Vec<Option<ItemRecord>>,
    /// The content version of the vault. Unknown if the only item does not exist, or if the version changed between two
    /// responses.
    pub(crate) content_version: Option<u32>,
}

impl Sealed for ItemRecord {
    fn is_under(&self, key: &SymmetricKey) -> bool {
        self.enc_overview.kid == key.kid() && self.enc_details.as_ref().is_none_or(|details| details.kid == key.kid())
    }
}

impl Sealed for Arc<ItemRecord> {
    fn is_under(&self, key: &SymmetricKey) -> bool {
        self.as_ref().is_under(key)
    }
}

impl Sealed for ItemResponse {
    fn is_under(&self, key: &SymmetricKey) -> bool {
        self.item.is_under(key)
    }
}

impl Sealed for ItemRecords {
    fn is_under(&self, key: &SymmetricKey) -> bool {
        self.records.iter().flatten().all(|record| record.is_under(key))
    }
}

impl Sealed for OverviewsResponse<ListedItem<'_>> {
    fn is_under(&self, key: &SymmetricKey) -> bool {
        self.items.iter().flatten().all(|item| item.enc_overview.kid == key.kid())
    }
}

/// The text of overviews, which borrow from it.
impl Sealed for ResponseText {
    fn is_under(&self, key: &SymmetricKey) -> bool {
        api::decode::<OverviewsResponse<ListedItem<'_>>>(self).is_ok_and(|overviews| overviews.is_under(key))
    }
}

/// Returns what was `read`, with the key that opens it: the `known` one, or the new one if the vault's key was changed.
/// If what was read is older than the key, it is read `again`, because the server keeps no old key.
pub(crate) async fn with_current_key<T: Sealed + Sync>(
    client: &Client,
    vault_id: &VaultId,
    read: T,
    known: SymmetricKey,
    again: BoxFuture<'_, Result<T>>,
) -> Result<(T, SymmetricKey)> {
    let key = current_key(client, vault_id, &read, known).await?;
    if read.is_under(&key) {
        return Ok((read, key));
    }
    let read = again.await?;
    // The key may have been changed once more.
    let key = current_key(client, vault_id, &read, key).await?;
    Ok((read, key))
}

/// Returns the key that opens what was `read`: the `known` one or, if the vault's key was changed since, the new one.
pub(crate) async fn current_key(
    client: &Client,
    vault_id: &VaultId,
    read: &(dyn Sealed + Sync),
    known: SymmetricKey,
) -> Result<SymmetricKey> {
    if read.is_under(&known) {
        return Ok(known);
    }
    // The client may have fetched the new key for another item already.
    let key = client.keychain.vault_key_by_id(vault_id).await?;
    if read.is_under(&key) { Ok(key) } else { client.keychain.rotated_vault_key(vault_id).await }
}

/// Returns the overviews of a vault's items that open, including archived ones.
pub(crate) async fn overviews(client: &Client, vault_id: &VaultId) -> Result<Vec<ItemOverview>> {
    let mut overviews = all_overviews(client, vault_id).await?;
    overviews.retain(|overview| overview.opens);
    Ok(overviews)
}

/// Returns the overviews of a vault's items, including archived ones, and those that do not open.
pub(crate) async fn all_overviews(client: &Client, vault_id: &VaultId) -> Result<Vec<ItemOverview>> {
    let list = || client.api.get_text(routes::ITEM_OVERVIEWS.at([vault_id.as_str()]));
    let (response, key) = join(list(), client.keychain.vault_key_by_id(vault_id)).await;
    // Both fail if the vault does not exist; the same failure must be returned each time.
    let (response, key) = (response?, key?);
    let overviews: OverviewsResponse<ListedItem<'_>> = api::decode(&response)?;
    if overviews.is_under(&key) {
        return open_overviews(client, vault_id, overviews, &key).await;
    }
    let (response, key) = with_current_key(client, vault_id, response, key, Box::pin(list())).await?;
    open_overviews(client, vault_id, api::decode(&response)?, &key).await
}

async fn open_overviews(
    client: &Client,
    vault_id: &VaultId,
    response: OverviewsResponse<ListedItem<'_>>,
    key: &SymmetricKey,
) -> Result<Vec<ItemOverview>> {
    let items = response.items.unwrap_or_default();
    let opener = Opener::new(client.api.connection.host.crypto(), key);
    let mut overviews = Vec::with_capacity(items.len());
    for item in items {
        let (metadata, state) = ((&item).into(), item.trashed);
        let opened = match opener.open(&item.enc_overview).await {
            Ok(plaintext) => if_it_opens(decode::overview(&metadata, state, &plaintext, vault_id.as_str()))?,
            Err(_) => None,
        };
        overviews.extend(opened.or_else(|| decode::closed_overview(&metadata, state, vault_id.as_str())));
    }
    let active = overviews.iter().filter(|overview| overview.opens && overview.state == types::ItemState::Active);
    let titles = active.map(|overview| (overview.id.as_str(), overview.title.as_str()));
    client.titles.saw_items(vault_id, ItemTitles::new(response.content_version, titles));
    Ok(overviews)
}

/// Returns one active item.
pub(crate) async fn item(client: &Client, vault_id: &VaultId, item_id: &ItemId) -> Result<Item> {
    let (record, key) = active_record(client, vault_id, item_id).await?;
    open_item(client, vault_id, &record, &key).await
}

/// Returns the record of one active item, and its vault's key.
pub(crate) async fn active_record(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
) -> Result<(ItemRecord, SymmetricKey)> {
    let (ItemResponse { item: record, .. }, key) = item_and_key(client, vault_id, item_id).await?;
    if is_active(&record) { Ok((record, key)) } else { Err(ids::not_active(item_id)) }
}

/// Returns one item with its vault's content version, and the vault's key.
pub(crate) async fn item_and_key(
    client: &Client,
    vault_id: &VaultId,
    item_id: &ItemId,
) -> Result<(ItemResponse, SymmetricKey)> {
    let response = record(client, vault_id, item_id);
    let (response, key) = join(response, client.keychain.vault_key_by_id(vault_id)).await;
    // If the vault does not exist, both fail, and the error has to name the vault.
    let key = key?;
    with_current_key(client, vault_id, response?, key, Box::pin(record(client, vault_id, item_id))).await
}

/// Returns items by their ids, in the order of the ids.
pub(crate) async fn records(client: &Client, vault_id: &VaultId, item_ids: &[ItemId]) -> Result<ItemRecords> {
    if let [item_id] = item_ids {
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
    vault_id: &'a VaultId,
    item_ids: &'a [ItemId],
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

async fn batch(client: &Client, vault_id: &VaultId, item_ids: &[ItemId]) -> Result<BatchResponse> {
    let request = BatchRequest { item_uuids: item_ids.iter().cloned().map(String::from).collect() };
    let target = routes::ITEM_BATCH.at([vault_id.as_str()]);
    let response: BatchResponse = client.api.query(&target, &request).await?;
    if response.items.len() != item_ids.len() {
        return Err(Error::new(ErrorKind::InvalidResponse, "the server left out items of a batch"));
    }
    for (id, item) in item_ids.iter().zip(&response.items) {
        item.iter().try_for_each(|item| ids::check_answer(Resource::Item, id.as_str(), item))?;
    }
    Ok(response)
}

/// Opens a record with the key that it is sealed with.
pub(crate) async fn open_item(
    client: &Client,
    vault_id: &VaultId,
    record: &ItemRecord,
    key: &SymmetricKey,
) -> Result<Item> {
    let plaintext = open_record(client, record, key).await?;
    decode::item(&record.into(), &plaintext, vault_id.as_str(), client.now_seconds())
}

/// Returns the plaintext of a record, opened with the key that it is sealed with.
pub(crate) async fn open_record(client: &Client, record: &ItemRecord, key: &SymmetricKey) -> Result<Plaintext> {
    let details = record.enc_details.as_ref().ok_or_else(without_details)?;
    let opener = Opener::new(client.api.connection.host.crypto(), key);
    Ok(Plaintext {
        overview: open(&opener, &record.enc_overview, "item overview").await?,
        details: open(&opener, details, "item details").await?,
    })
}

pub(crate) async fn record(client: &Client, vault_id: &VaultId, item_id: &ItemId) -> Result<ItemResponse> {
    client.api.get_one(routes::ITEM.at([vault_id.as_str(), item_id.as_str()])).await
}

async fn open(opener: &Opener<'_>, envelope: &Envelope, what: &str) -> Result<Zeroizing<Vec<u8>>> {
    opener.open(&envelope.borrowed()).await.map_err(|_| undecryptable(what))
}

fn undecryptable(what: &str) -> Error {
    Error::new(ErrorKind::Decryption, what)
}
