//! Items from the client's cache, where it has one; what is missing there, or stale, from the server.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::future::{Either, join, select};
use op_protocol::rest::ItemRecord;

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    host::BoxFuture,
    ids,
    items::read,
    plaintext::is_active,
    types::Item,
    wire::cache::{Key, Known, Remembered},
};

/// How long a call that has a stale answer waits for a new one.
const PATIENCE: Duration = Duration::from_secs(2);

/// One active item.
pub(crate) async fn remembered_item(client: &Client, vault_id: &str, item_id: &str) -> Result<Item> {
    let Some(cache) = client.api.cache() else { return read::item(client, vault_id, item_id).await };
    let key = Key::Item { vault_id: vault_id.to_owned(), item_id: item_id.to_owned() };
    let record = match cache.get(&key, client.now_millis()) {
        Some(Remembered { known: Known::Record(record), refresh: false }) => record,
        Some(Remembered { known: Known::Record(stale), refresh: true }) => {
            match in_time(client, Box::pin(read_item(client, vault_id, item_id))).await {
                Err(error) if error.retryable() => stale,
                result => result?,
            }
        }
        Some(Remembered { known: Known::Missing, .. }) => return Err(ids::not_found("item", item_id)),
        _ => read_item(client, vault_id, item_id).await?,
    };
    if !is_active(&record) {
        return Err(ids::not_active(item_id));
    }
    read::open_item(client, vault_id, &record, client.keychain.vault_key_by_id(vault_id).await?).await
}

/// Reads an item, and remembers what it is or that it is not there.
async fn read_item(client: &Client, vault_id: &str, item_id: &str) -> Result<Arc<ItemRecord>> {
    let epoch = client.api.epoch();
    let (response, key) =
        join(read::record(client, vault_id, item_id), client.keychain.vault_key_by_id(vault_id)).await;
    // Of a vault that is not there, neither is the item; the vault is what to name.
    key?;
    match response {
        Ok(response) => Ok(remember_item(client, vault_id, response.item, epoch)),
        Err(error) => {
            if error.kind() == ErrorKind::NotFound {
                let key = Key::Item { vault_id: vault_id.to_owned(), item_id: item_id.to_owned() };
                client.api.remember(key, Known::Missing, epoch);
            }
            Err(error)
        }
    }
}

/// Remembers an item that was read when the epoch was `epoch`.
pub(crate) fn remember_item(client: &Client, vault_id: &str, record: ItemRecord, epoch: u64) -> Arc<ItemRecord> {
    let key = Key::Item { vault_id: vault_id.to_owned(), item_id: record.uuid.clone() };
    let record = Arc::new(record);
    client.api.remember(key, Known::Record(record.clone()), epoch);
    record
}

/// What comes of `work`, or that it took longer than a stale answer should be held back.
pub(crate) async fn in_time<T>(client: &Client, work: BoxFuture<'_, Result<T>>) -> Result<T> {
    match select(work, pin!(client.api.connection.host.sleep(PATIENCE))).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::new(ErrorKind::Timeout, "")),
    }
}
