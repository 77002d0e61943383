//! Items from the client's cache, if it has one; missing and stale items are fetched.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::future::{Either, join, select};
use op_protocol::{
    id::{ItemId, VaultId},
    rest::ItemRecord,
};

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    host::BoxFuture,
    ids,
    items::read,
    plaintext::is_active,
    types::Item,
    wire::cache::{CacheHit, Key, Known},
};

/// How long a call that has a stale entry waits for a fresh one.
const REFRESH_TIMEOUT: Duration = Duration::from_secs(2);

/// Returns one active item.
pub(crate) async fn cached_item(client: &Client, vault_id: &VaultId, item_id: &ItemId) -> Result<Item> {
    let Some(cache) = client.api.cache() else { return read::item(client, vault_id, item_id).await };
    let key = Key::Item { vault_id: vault_id.clone(), item_id: item_id.clone() };
    let record = match cache.get(&key, client.now_millis()) {
        Some(CacheHit { known: Known::Record(record), refresh: false }) => record,
        Some(CacheHit { known: Known::Record(stale), refresh: true }) => {
            match in_time(client, Box::pin(read_item(client, vault_id, item_id))).await {
                Err(error) if error.retryable() => stale,
                result => result?,
            }
        }
        Some(CacheHit { known: Known::Missing, .. }) => return Err(ids::not_found("item", item_id.as_str())),
        _ => read_item(client, vault_id, item_id).await?,
    };
    let known = client.keychain.vault_key_by_id(vault_id).await?;
    let again = Box::pin(read_item(client, vault_id, item_id));
    let (record, key) = read::with_current_key(client, vault_id, record, known, again).await?;
    if !is_active(&record) {
        return Err(ids::not_active(item_id));
    }
    read::open_item(client, vault_id, &record, &key).await
}

/// Fetches an item, and remembers it, or that it does not exist.
async fn read_item(client: &Client, vault_id: &VaultId, item_id: &ItemId) -> Result<Arc<ItemRecord>> {
    let epoch = client.api.epoch();
    let (response, key) =
        join(read::record(client, vault_id, item_id), client.keychain.vault_key_by_id(vault_id)).await;
    // If the vault does not exist, both fail, and the error has to name the vault.
    key?;
    match response {
        Ok(response) => Ok(remember_item(client, vault_id, response.item, epoch)),
        Err(error) => {
            if error.kind() == ErrorKind::NotFound {
                let key = Key::Item { vault_id: vault_id.clone(), item_id: item_id.clone() };
                client.api.remember(key, Known::Missing, epoch);
            }
            Err(error)
        }
    }
}

/// Remembers an item that was read at `epoch`.
pub(crate) fn remember_item(client: &Client, vault_id: &VaultId, record: ItemRecord, epoch: u64) -> Arc<ItemRecord> {
    let key = Key::Item { vault_id: vault_id.clone(), item_id: ItemId::from_server(&record.uuid) };
    let record = Arc::new(record);
    client.api.remember(key, Known::Record(record.clone()), epoch);
    record
}

/// Returns the result of `work`, or a timeout if a stale entry should be returned instead of waiting longer.
pub(crate) async fn in_time<T>(client: &Client, work: BoxFuture<'_, Result<T>>) -> Result<T> {
    match select(work, pin!(client.api.connection.host.sleep(REFRESH_TIMEOUT))).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::new(ErrorKind::Timeout, "")),
    }
}
