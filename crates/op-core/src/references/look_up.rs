//! Resolving secret references together: vaults are listed at most once, each item is fetched once, and all vaults are
//! searched at the same time.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use futures_util::future::{FutureExt, Shared, join_all, try_join};
use op_protocol::{
    id::{ItemId, VaultId, is_id},
    jwk::SymmetricKey,
    rest::ItemRecord,
};

use crate::{
    client::{Client, vault_records},
    error::{Error, ErrorKind, Result},
    host::BoxFuture,
    items::{self, cached, files},
    plaintext::{
        decode,
        fields::{self, Opened, Secret},
        is_active,
    },
    references::{matching, parse::SecretReference},
    types::{ResolveReferenceError, ResolvedReference},
};

use ResolveReferenceError::{ItemNotFound, TooManyItems, TooManyVaults, VaultNotFound};

pub(crate) type Resolved = std::result::Result<ResolvedReference, ResolveReferenceError>;

/// How references are resolved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// One reference, whose failure is that of the call.
    Alone,
    /// Any number of references, each with its own result.
    Batch,
}

/// Fetched items; `None` for one that does not open.
type Items = HashMap<ItemId, Option<Opened>>;

/// The ids and titles of the vaults that the user can see. The first reference that needs them lists them.
type VaultListing<'a> = Shared<BoxFuture<'a, Result<Arc<Vec<(VaultId, String)>>>>>;

/// Resolves each reference, without the cache. Fails as a whole only if the account server fails, and then says at
/// which step.
pub(crate) async fn look_up(client: &Client, references: &[&str], call: Call) -> Result<HashMap<String, Resolved>> {
    let mut results = HashMap::new();
    let mut by_vault: BTreeMap<&str, Vec<(&str, SecretReference<'_>)>> = BTreeMap::new();
    for text in references.iter().copied().collect::<HashSet<_>>() {
        match SecretReference::parse(text) {
            Ok(reference) => by_vault.entry(reference.vault).or_default().push((text, reference)),
            Err(error) => {
                results.insert(text.to_owned(), Err(ResolveReferenceError::Parsing(error.to_string().into())));
            }
        }
    }

    let titles: BoxFuture<'_, _> =
        Box::pin(async { vault_titles(client).await.map_err(|error| at_step("unable to retrieve vaults", error)) });
    let titles: VaultListing<'_> = titles.shared();
    let vaults = by_vault.into_iter().map(|(part, wanted)| {
        let titles = titles.clone();
        async move {
            let results = in_vault_named(client, &titles, part, &wanted, call).await?;
            Ok::<_, Error>(wanted.into_iter().map(|(text, _)| text.to_owned()).zip(results).collect::<Vec<_>>())
        }
    });
    for vault in join_all(vaults).await {
        results.extend(vault.map_err(|error| match error.kind() {
            ErrorKind::ResolvingSecretReference => error,
            _ => error.with_prefix("error resolving secret reference: "),
        })?);
    }
    Ok(results)
}

/// Adds the step that failed, like the public SDKs do for all failures except one.
fn at_step(step: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::RateLimitExceeded => error,
        _ => error.with_prefix(&[step, ": "].concat()),
    }
}

/// Returns the ids and titles of the vaults that the user can see and open.
pub(crate) async fn vault_titles(client: &Client) -> Result<Arc<Vec<(VaultId, String)>>> {
    let records = vault_records::list(&client.api).await?;
    let attributes = client.keychain.vault_attributes(&records).await?;
    let titles: Vec<_> = records
        .into_iter()
        .zip(attributes)
        .filter_map(|(vault, plain)| Some((VaultId::from_server(vault.uuid), plain?.name)))
        .collect();
    client.titles.saw_vaults(titles.iter().map(|(id, title)| (id.as_str(), title.as_str())), client.now_millis());
    Ok(Arc::new(titles))
}

/// Resolves references whose vault part is `part`, an id or a title.
async fn in_vault_named(
    client: &Client,
    titles: &VaultListing<'_>,
    part: &str,
    wanted: &[(&str, SecretReference<'_>)],
    call: Call,
) -> Result<Vec<Resolved>> {
    if let Ok(id) = part.parse() {
        match in_vault(client, &id, wanted, call).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            result => return for_all_if_closed(result, wanted.len(), call),
        }
    }
    let remembered = match in_cached_vault(client, part, wanted, call).await? {
        Some((_, results)) if !results.contains(&Err(ItemNotFound)) => return Ok(results),
        remembered => remembered,
    };
    let titles = titles.clone().await?;
    let matches = matching::vaults(part, &titles);
    let result = match matching::unique(&matches, VaultNotFound, TooManyVaults) {
        Err(failure) => Ok(vec![Err(failure); wanted.len()]),
        Ok((id, _)) => match remembered {
            // The vault that was searched still has this title.
            Some((searched, results)) if searched == *id => Ok(results),
            _ => match in_vault(client, id, wanted, call).await {
                // The vault was deleted after it was listed.
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(vec![Err(VaultNotFound); wanted.len()]),
                result => result,
            },
        },
    };
    for_all_if_closed(result, wanted.len(), call)
}

/// Resolves references in the vault that had this title recently. Returns its id and the results, or `None` if there is
/// no such vault any more.
async fn in_cached_vault(
    client: &Client,
    title: &str,
    wanted: &[(&str, SecretReference<'_>)],
    call: Call,
) -> Result<Option<(VaultId, Vec<Resolved>)>> {
    let Some(id) = client.titles.vault(title, client.now_millis()) else { return Ok(None) };
    match in_vault(client, &id, wanted, call).await {
        Ok(results) => Ok(Some((id, results))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(None),
        Err(error) => Err(error),
    }
}

/// In a batch, turns the failure of a vault that may not be read, or does not open, into that of these references, so
/// that other vaults' references still resolve.
fn for_all_if_closed(result: Result<Vec<Resolved>>, count: usize, call: Call) -> Result<Vec<Resolved>> {
    match result {
        Err(error)
            if call == Call::Batch && matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Decryption) =>
        {
            Ok(vec![Err(ResolveReferenceError::Other); count])
        }
        result => result,
    }
}

/// Resolves references to one vault.
async fn in_vault(
    client: &Client,
    vault_id: &VaultId,
    wanted: &[(&str, SecretReference<'_>)],
    call: Call,
) -> Result<Vec<Resolved>> {
    let mut items = HashMap::new();
    if let Some(ids) = in_cached_items(client, vault_id, wanted, &mut items, call).await? {
        return secrets(client, wanted, ids.into_iter().map(Ok), &items, call).await;
    }
    // The names are titles, or ids of no item, which may be titles too.
    let overviews = items::read::overviews(client, vault_id).await.map_err(|error| at_step(ITEM, error))?;
    let locate = |part: &str| {
        let matches = matching::items(part, &overviews);
        matching::unique(&matches, ItemNotFound, TooManyItems).map(|overview| ItemId::from_server(&overview.id))
    };
    let located: Vec<_> = wanted.iter().map(|(_, reference)| locate(reference.item)).collect();
    let missing = located.iter().filter_map(|located| located.as_ref().ok()).filter(|id| !items.contains_key(*id));
    let missing: HashSet<_> = missing.cloned().collect();
    fetch(client, vault_id, missing, &mut items, call).await?;
    secrets(client, wanted, located.into_iter(), &items, call).await
}

/// The step in failures to find or read an item.
const ITEM: &str = "unable to retrieve item";

/// Returns the ids of the wanted items without listing the vault, if the references have ids, or titles that were seen
/// and are still valid. Adds the items that were fetched to find that out to `items`.
async fn in_cached_items(
    client: &Client,
    vault_id: &VaultId,
    wanted: &[(&str, SecretReference<'_>)],
    items: &mut Items,
    call: Call,
) -> Result<Option<Vec<ItemId>>> {
    let titles = client.titles.items(vault_id);
    let id_of = |part: &str| {
        let by_title = || titles.as_ref()?.unique(part);
        part.parse().ok().or_else(by_title)
    };
    let Some(ids) = wanted.iter().map(|(_, reference)| id_of(reference.item)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let content_version = fetch(client, vault_id, ids.iter().cloned().collect(), items, call).await?;
    let by_id_only = wanted.iter().all(|(_, reference)| is_id(reference.item));
    let titles_hold = || titles.zip(content_version).is_some_and(|(titles, version)| titles.hold_at(version));
    let found = ids.iter().all(|id| items.contains_key(id)) && (by_id_only || titles_hold());
    Ok(found.then_some(ids))
}

/// Fetches items, and adds those that are active to `items`, opened. Returns the vault's content version, if known.
async fn fetch(
    client: &Client,
    vault_id: &VaultId,
    item_ids: HashSet<ItemId>,
    items: &mut Items,
    call: Call,
) -> Result<Option<u32>> {
    if item_ids.is_empty() {
        return Ok(None);
    }
    let step = if call == Call::Alone { ITEM } else { "unable to retrieve multiple items" };
    let item_ids: Vec<_> = item_ids.into_iter().collect();
    let epoch = client.api.epoch();
    let read = || items::read::records(client, vault_id, &item_ids);
    let fetched = async {
        let (fetched, key) = try_join(read(), client.keychain.vault_key_by_id(vault_id)).await?;
        items::read::with_current_key(client, vault_id, fetched, key, Box::pin(read())).await
    };
    let (fetched, key) = fetched.await.map_err(|error| at_step(step, error))?;
    for record in fetched.records.into_iter().flatten().filter(is_active) {
        let id = ItemId::from_server(&record.uuid);
        let item = match opened(client, vault_id, &record, &key).await {
            Err(error) if call == Call::Batch && error.is_of_content() => None,
            item => Some(item.map_err(|error| at_step(step, error))?),
        };
        items.insert(id, item);
        if client.api.cache().is_some() {
            cached::remember_item(client, vault_id, record, epoch);
        }
    }
    Ok(fetched.content_version)
}

/// Returns one active item, opened.
pub(crate) async fn opened_item(client: &Client, vault_id: &VaultId, item_id: &ItemId) -> Result<Opened> {
    let (record, key) = items::read::active_record(client, vault_id, item_id).await?;
    opened(client, vault_id, &record, &key).await
}

/// Opens a record with the key that it is sealed with.
pub(crate) async fn opened(
    client: &Client,
    vault_id: &VaultId,
    record: &ItemRecord,
    key: &SymmetricKey,
) -> Result<Opened> {
    let plaintext = items::read::open_record(client, record, key).await?;
    let details = decode::details(&record.into(), &plaintext)?;
    Ok(Opened { vault_id: vault_id.clone(), item_id: ItemId::from_server(&record.uuid), details })
}

/// Returns the secrets of the located items, in the order of the references.
async fn secrets(
    client: &Client,
    wanted: &[(&str, SecretReference<'_>)],
    located: impl Iterator<Item = std::result::Result<ItemId, ResolveReferenceError>>,
    items: &Items,
    call: Call,
) -> Result<Vec<Resolved>> {
    let located = wanted.iter().map(|(_, reference)| reference).zip(located);
    let mut resolved: Vec<Resolved> = Vec::new();
    for (reference, id) in located {
        let item = id.and_then(|id| items.get(&id).ok_or(ItemNotFound));
        resolved.push(match item {
            Ok(Some(item)) => secret(client, reference, item, call).await?,
            Ok(None) => Err(ResolveReferenceError::Other),
            Err(error) => Err(error),
        });
    }
    Ok(resolved)
}

/// Returns the secret that a reference names. In a batch, it fails as a whole only if fetching a file fails for reasons
/// that do not depend on the reference.
pub(crate) async fn secret(
    client: &Client,
    reference: &SecretReference<'_>,
    opened: &Opened,
    call: Call,
) -> Result<Resolved> {
    let Opened { vault_id, item_id, details } = opened;
    let found = fields::find(details, reference.section, reference.field, reference.query, client.now_seconds());
    let secret = match found {
        Ok(Secret::Text(text)) => Ok(text),
        Ok(Secret::File(file)) => match files::fetch(client, vault_id, item_id, &file).await {
            Ok(content) => std::str::from_utf8(&content)
                .map(str::to_owned)
                .map_err(|_| ResolveReferenceError::UnsupportedFileFormat),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::Decryption if call == Call::Batch => Err(ResolveReferenceError::Other),
                // Not as NotFound, which would mean that the vault is missing, and that titles are to be searched.
                ErrorKind::NotFound => return Err(Error::new(ErrorKind::ResolvingSecretReference, error)),
                _ => return Err(at_step("unable to download file", error)),
            },
        },
        Err(error) => Err(error),
    };
    Ok(secret.map(|secret| ResolvedReference { secret, item_id: item_id.to_string(), vault_id: vault_id.to_string() }))
}
