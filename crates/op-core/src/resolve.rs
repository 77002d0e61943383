//! Secret references, resolved together: each vault listed once, each item fetched once, all vaults side by side.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use futures_util::future::{FutureExt, Shared, join_all, try_join};
use op_protocol::{id::is_id, rest::ItemRecord};

use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    host::BoxFuture,
    item_records::is_active,
    items::fields,
    reference::SecretReference,
    types::{Item, ItemOverview, ResolveReferenceError, ResolvedReference},
};

type Resolved = std::result::Result<ResolvedReference, ResolveReferenceError>;

/// Ids and titles of the vaults that the account sees; listed when the first reference needs them.
type VaultTitles<'a> = Shared<BoxFuture<'a, Result<Arc<Vec<(String, String)>>>>>;

/// Resolves each reference on its own. Fails as a whole only where the account server does.
pub(crate) async fn resolve_all(client: &Client, references: &[String]) -> Result<HashMap<String, Resolved>> {
    let mut results = HashMap::new();
    let mut by_vault: BTreeMap<&str, Vec<(&str, SecretReference<'_>)>> = BTreeMap::new();
    for text in references.iter().collect::<HashSet<_>>() {
        match SecretReference::parse(text) {
            Ok(reference) => by_vault.entry(reference.vault).or_default().push((text, reference)),
            Err(error) => {
                results.insert(text.clone(), Err(ResolveReferenceError::Parsing(error.to_string().into())));
            }
        }
    }

    let titles: BoxFuture<'_, _> = Box::pin(vault_titles(client));
    let titles: VaultTitles<'_> = titles.shared();
    let vaults = by_vault.into_iter().map(|(part, wanted)| {
        let titles = titles.clone();
        async move {
            let results = in_vault_named(client, &titles, part, &wanted).await?;
            Ok::<_, Error>(wanted.into_iter().map(|(text, _)| text.to_owned()).zip(results).collect::<Vec<_>>())
        }
    });
    for vault in join_all(vaults).await {
        results.extend(vault?);
    }
    Ok(results)
}

async fn vault_titles(client: &Client) -> Result<Arc<Vec<(String, String)>>> {
    let records = client.vault_records().await?;
    let attributes = client.vault_attributes(&records).await?;
    let titles = records.into_iter().zip(attributes).map(|(vault, plain)| (vault.uuid, plain.name));
    Ok(Arc::new(titles.collect()))
}

/// Resolves references whose vault part is `part`: an id, or else a title.
async fn in_vault_named(
    client: &Client,
    titles: &VaultTitles<'_>,
    part: &str,
    wanted: &[(&str, SecretReference<'_>)],
) -> Result<Vec<Resolved>> {
    if is_id(part) {
        match in_vault(client, part, wanted).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            result => return for_all_if_denied(result, wanted.len()),
        }
    }
    let titles = titles.clone().await?;
    let mut matches = titles.iter().filter(|(_, title)| same_name(title, part)).map(|(id, _)| id);
    let result = match (matches.next(), matches.next()) {
        (None, _) => Ok(vec![Err(ResolveReferenceError::VaultNotFound); wanted.len()]),
        (Some(_), Some(_)) => Ok(vec![Err(ResolveReferenceError::TooManyVaults); wanted.len()]),
        (Some(id), None) => match in_vault(client, id, wanted).await {
            // It went away since it was listed.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(vec![Err(ResolveReferenceError::VaultNotFound); wanted.len()])
            }
            result => result,
        },
    };
    for_all_if_denied(result, wanted.len())
}

/// One vault that may not be read fails its own references, not those of other vaults.
fn for_all_if_denied(result: Result<Vec<Resolved>>, count: usize) -> Result<Vec<Resolved>> {
    match result {
        Err(error) if count > 1 && error.kind() == ErrorKind::PermissionDenied => {
            Ok(vec![Err(ResolveReferenceError::Other); count])
        }
        result => result,
    }
}

/// Resolves references into one vault.
async fn in_vault(client: &Client, vault_id: &str, wanted: &[(&str, SecretReference<'_>)]) -> Result<Vec<Resolved>> {
    let by_id_only = wanted.iter().all(|(_, reference)| is_id(reference.item));
    let mut items = HashMap::new();
    if by_id_only {
        fetch(client, vault_id, wanted.iter().map(|(_, reference)| reference.item), &mut items).await?;
        if wanted.iter().all(|(_, reference)| items.contains_key(reference.item)) {
            return Ok(wanted
                .iter()
                .map(|(_, reference)| secret(client, reference, items.get(reference.item)))
                .collect());
        }
    }
    // Titles, or ids that are no item's id and so may be titles.
    let overviews = client.item_overviews(vault_id).await?;
    let located: Vec<_> = wanted.iter().map(|(_, reference)| locate(reference.item, &overviews)).collect();
    let missing: Vec<&str> = located.iter().flatten().copied().filter(|id| !items.contains_key(*id)).collect();
    fetch(client, vault_id, missing.into_iter(), &mut items).await?;
    Ok(wanted
        .iter()
        .zip(located)
        .map(|((_, reference), located)| located.and_then(|id| secret(client, reference, items.get(id))))
        .collect())
}

/// The id of the active item of this id, or else of this title.
fn locate<'a>(
    part: &str,
    overviews: &'a [(ItemRecord, ItemOverview)],
) -> std::result::Result<&'a str, ResolveReferenceError> {
    let active = || overviews.iter().filter(|(record, _)| is_active(record)).map(|(_, overview)| overview);
    if let Some(overview) = active().find(|overview| overview.id == part) {
        return Ok(&overview.id);
    }
    let mut matches = active().filter(|overview| same_name(&overview.title, part));
    match (matches.next(), matches.next()) {
        (None, _) => Err(ResolveReferenceError::ItemNotFound),
        (Some(overview), None) => Ok(&overview.id),
        (Some(_), Some(_)) => Err(ResolveReferenceError::TooManyItems),
    }
}

/// Fetches and opens the active ones among these items into `items`.
async fn fetch(
    client: &Client,
    vault_id: &str,
    item_ids: impl Iterator<Item = &str>,
    items: &mut HashMap<String, Item>,
) -> Result<()> {
    let unique: HashSet<&str> = item_ids.collect();
    if unique.is_empty() {
        return Ok(());
    }
    let item_ids = unique.into_iter().map(str::to_owned).collect();
    let records = client.item_records(vault_id, item_ids);
    let (records, key) = try_join(records, client.keychain.vault_key_by_id(vault_id)).await?;
    for record in records.into_iter().flatten().filter(is_active) {
        let item = client.open_item(vault_id, &record, key.clone()).await?;
        items.insert(record.uuid, item);
    }
    Ok(())
}

fn secret(client: &Client, reference: &SecretReference<'_>, item: Option<&Item>) -> Resolved {
    let item = item.ok_or(ResolveReferenceError::ItemNotFound)?;
    let secret = fields::find(item, reference.section, reference.field, reference.query, client.now_seconds())?;
    Ok(ResolvedReference { secret, item_id: item.id.clone(), vault_id: item.vault_id.clone() })
}

fn same_name(name: &str, wanted: &str) -> bool {
    name.eq_ignore_ascii_case(wanted) || name.to_lowercase() == wanted.to_lowercase()
}
