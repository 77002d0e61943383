//! Resolving references from the client's cache, if it has one; missing and stale entries are looked up.
//!
//! There is no background task. The first call that finds a stale entry refreshes it and returns the fresh result;
//! other calls return the stale result at once. If the server fails or takes too long, the first call returns the stale
//! result too. docs/decisions/0033 says why.

use std::collections::{HashMap, HashSet};

use op_protocol::id::{ItemId, VaultId};

use crate::{
    client::Client,
    error::Result,
    host::BoxFuture,
    items::cached::in_time,
    plaintext::is_active,
    references::{
        look_up::{self, Call, Resolved},
        parse::SecretReference,
    },
    types::ResolveReferenceError,
    wire::cache::{Cache, CacheHit, Key, Known},
};

/// Resolves each reference. Fails as a whole only if the account server fails.
pub(crate) async fn resolve_all(
    client: &Client,
    references: &[String],
    call: Call,
) -> Result<HashMap<String, Resolved>> {
    let unique: HashSet<&str> = references.iter().map(String::as_str).collect();
    let Some(cache) = client.api.cache() else {
        return look_up::look_up(client, &unique.into_iter().collect::<Vec<_>>(), call).await;
    };
    let (mut results, mut stale, mut wanted) = (HashMap::new(), HashMap::new(), Vec::new());
    for text in unique {
        match from_cache(client, cache, text, call).await {
            Some((resolved, false)) => drop(results.insert(text.to_owned(), resolved)),
            known => {
                wanted.push(text);
                stale.extend(known.map(|(resolved, _)| (text.to_owned(), resolved)));
            }
        }
    }
    if wanted.is_empty() {
        return Ok(results);
    }
    let epoch = client.api.epoch();
    let looked_up: BoxFuture<'_, _> = Box::pin(look_up::look_up(client, &wanted, call));
    let looked_up = if stale.len() < wanted.len() { looked_up.await } else { in_time(client, looked_up).await };
    match looked_up {
        Ok(found) => {
            for (text, resolved) in &found {
                if let Some(known) = known(resolved) {
                    client.api.remember(Key::Reference(text.clone()), known, epoch);
                }
            }
            results.extend(found);
        }
        Err(error) if error.retryable() && stale.len() == wanted.len() => results.extend(stale),
        Err(error) => return Err(error),
    }
    Ok(results)
}

/// Returns what to remember about a reference.
fn known(resolved: &Resolved) -> Option<Known> {
    match resolved {
        Ok(found) => Some(Known::Place {
            vault_id: VaultId::from_server(&found.vault_id),
            item_id: ItemId::from_server(&found.item_id),
        }),
        // Not remembered, because parsing makes no request.
        Err(ResolveReferenceError::Parsing(_)) => None,
        Err(error) => Some(Known::Nowhere(error.clone())),
    }
}

/// Returns the result from the cache, and whether this call has to refresh it.
async fn from_cache(client: &Client, cache: &Cache, text: &str, call: Call) -> Option<(Resolved, bool)> {
    let reference = SecretReference::parse(text).ok()?;
    let now = client.now_millis();
    let CacheHit { known, refresh } = cache.get(&Key::Reference(text.to_owned()), now)?;
    let (vault_id, item_id) = match known {
        Known::Place { vault_id, item_id } => (vault_id, item_id),
        Known::Nowhere(error) => return Some((Err(error), refresh)),
        Known::Record(_) | Known::Missing => return None,
    };
    let item = cache.get(&Key::Item { vault_id: vault_id.clone(), item_id }, now)?;
    let refresh = refresh || item.refresh;
    let Known::Record(record) = item.known else { return None };
    if !is_active(&record) {
        return None;
    }
    let key = client.keychain.vault_key_by_id(&vault_id).await.ok()?;
    let item = look_up::opened(client, &vault_id, &record, &key).await.ok()?;
    Some((look_up::secret(client, &reference, &item, call).await.ok()?, refresh))
}
