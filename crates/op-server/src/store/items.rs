//! Items. Each read is one query, which also says whether the user may make it.

use std::collections::{BTreeMap, HashMap};

use op_protocol::rest::{ItemPatch, ItemState, failed_item};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::access::key_id;
use super::audit::{Actor, Event, record_all};
use super::files::{self, Referenced};
use super::{Result, Store, Transaction, to_u32};
use crate::policy::permissions::{Change, Existing, Rights, review};

/// What a read of items found, in one consistent view.
pub(crate) struct Found {
    pub(crate) rights: Rights,
    pub(crate) content_version: u32,
    rows: Vec<AnyRow>,
}

impl Found {
    /// The items. Their texts stay where the driver put them.
    pub(crate) fn items(&self) -> Result<Vec<ItemRow<'_>>> {
        Ok(self.rows.iter().map(ItemRow::from_row).collect::<sqlx::Result<_>>()?)
    }
}

/// A stored item that is not deleted.
#[derive(FromRow)]
pub(crate) struct ItemRow<'a> {
    pub(crate) uuid: &'a str,
    pub(crate) template_uuid: &'a str,
    pub(crate) changer_uuid: &'a str,
    pub(crate) trashed: &'a str,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    #[sqlx(try_from = "i64")]
    pub(crate) item_version: u32,
    pub(crate) enc_overview: &'a str,
    /// None where only the overview was asked for.
    pub(crate) enc_details: Option<&'a str>,
}

/// How a patch ended.
pub(crate) enum Outcome {
    /// All elements are stored: the new content version, and the new version of each item.
    Applied { content_version: u32, items: BTreeMap<String, u32> },
    /// Nothing is stored: a code for each element that is refused.
    Refused { content_version: u32, items: BTreeMap<String, u32> },
    /// Nothing is stored: the vault never was at the version, or has no longer the key, that the patch builds on.
    Stale,
    /// The user has no access to such a vault.
    NoVault,
    /// The user may not change items in any way; the permission that it lacks.
    Forbidden(&'static str),
}

/// An element of a patch and the times in it as Unix seconds.
pub(crate) struct Element {
    pub(crate) patch: ItemPatch,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

// What a user may do in the vault, once for each way in which it has access, and the items of the vault; a row without
// item where there is none. The columns of the item stand in each query, as what is not needed (details in a list)
// must not be read.
macro_rules! items_query {
    ($details:literal, $which:literal) => {
        concat!(
            "WITH access AS (SELECT string_agg(CAST(acl AS TEXT), ',') AS acls FROM user_access
                             WHERE vault_uuid = $1 AND user_uuid = $2)
             SELECT access.acls, v.content_version, i.uuid, i.template_uuid, i.changer_uuid, i.trashed, i.created_at,
                    i.updated_at, i.item_version, i.enc_overview, ",
            $details,
            " AS enc_details
             FROM access JOIN vaults v ON v.uuid = $1
             LEFT JOIN items i ON i.vault_uuid = v.uuid AND i.trashed <> 'D' ",
            $which,
            " WHERE access.acls IS NOT NULL"
        )
    };
}

impl Store {
    /// The active and archived items of a vault, without details. None: the user has no access to such a vault.
    pub(crate) async fn overviews(&self, vault: &str, user: &str) -> Result<Option<Found>> {
        let query = sqlx::query(items_query!("NULL", "")).bind(vault).bind(user);
        found(query.fetch_all(&self.durable.reader).await?)
    }

    /// One item.
    pub(crate) async fn item(&self, vault: &str, user: &str, item: &str) -> Result<Option<Found>> {
        let query = sqlx::query(items_query!("i.enc_details", "AND i.uuid = $3")).bind(vault).bind(user).bind(item);
        found(query.fetch_all(&self.durable.reader).await?)
    }

    /// Some items, in any order.
    pub(crate) async fn items(&self, vault: &str, user: &str, items: &[String]) -> Result<Option<Found>> {
        let query = sqlx::query(items_query!("i.enc_details", "AND i.uuid IN (SELECT value FROM json_each($3))"))
            .bind(vault)
            .bind(user)
            .bind(serde_json::to_string(items)?);
        found(query.fetch_all(&self.durable.reader).await?)
    }

    /// Applies all elements of a patch, or none. What others changed since `content_version` is in nobody's way unless it
    /// is one of these items, each of which names the version that it builds on.
    pub(crate) async fn patch_items(
        &self,
        vault: &str,
        actor: &Actor,
        content_version: u32,
        elements: &[Element],
        now: i64,
    ) -> Result<Outcome> {
        let user = actor.user.as_str();
        let mut tx = self.write_items(&actor.account, vault).await?;
        let row: Option<(String, i64, String)> = sqlx::query_as(
            "WITH access AS (SELECT string_agg(CAST(acl AS TEXT), ',') AS acls FROM user_access
                             WHERE vault_uuid = $1 AND user_uuid = $2)
             SELECT access.acls, v.content_version, v.enc_attrs FROM access JOIN vaults v ON v.uuid = $1
             WHERE access.acls IS NOT NULL",
        )
        .bind(vault)
        .bind(user)
        .fetch_optional(&mut *tx)
        .await?;
        let Some((acls, current_version, enc_attrs)) = row else { return Ok(Outcome::NoVault) };
        let rights = union(&acls);
        if let Some(missing) = rights.missing_to_write() {
            return Ok(Outcome::Forbidden(missing));
        }
        let current_version = to_u32(current_version)?;
        if content_version > current_version || !are_sealed_with(elements, &key_id(&enc_attrs)?) {
            return Ok(Outcome::Stale);
        }
        let content_version = current_version;
        if elements.is_empty() {
            return Ok(Outcome::Applied { content_version, items: BTreeMap::new() });
        }
        let existing = existing_items(&mut tx, vault, elements).await?;
        let files = Referenced::read(&mut tx, elements.iter().map(|element| &element.patch)).await?;
        let mut changes = Vec::with_capacity(elements.len());
        let mut refused = BTreeMap::new();
        for element in elements {
            let change = review(&element.patch, existing.get(&element.patch.uuid), rights);
            match change.and_then(|change| files.review(vault, user, &element.patch, now).map(|()| change)) {
                Ok(change) => changes.push((element, change)),
                Err(code) => drop(refused.insert(element.patch.uuid.clone(), code)),
            }
        }
        if !refused.is_empty() {
            return Ok(Outcome::Refused { content_version, items: refused });
        }
        let (mut items, mut events, mut active) = (BTreeMap::new(), Vec::with_capacity(changes.len()), 0);
        for (element, change) in changes {
            let before = existing.get(&element.patch.uuid);
            let was_active = before.is_some_and(|item| item.state == ItemState::Active);
            let has_files = before.is_some_and(|item| item.has_files);
            active += i64::from(element.patch.trashed == ItemState::Active) - i64::from(was_active);
            apply(&mut tx, vault, user, element, change).await?;
            let action = action(change, element.patch.trashed, was_active);
            events.push(Event::new(action, &element.patch.uuid).with(vault));
            match change {
                Change::Create | Change::Replace => {
                    if !files::settle(&mut tx, vault, &element.patch, has_files, now).await? {
                        let items = BTreeMap::from([(element.patch.uuid.clone(), failed_item::FILE_NOT_FOUND)]);
                        return Ok(Outcome::Refused { content_version, items });
                    }
                }
                Change::Delete if has_files => files::release(&mut tx, vault, &element.patch.uuid, now).await?,
                Change::Delete | Change::Move => {}
            }
            items.insert(element.patch.uuid.clone(), element.patch.item_version + 1);
        }
        record_all(&mut tx, actor, &events).await?;
        let content_version = raise_content_version(&mut tx, vault, active).await?;
        tx.commit().await?;
        Ok(Outcome::Applied { content_version, items })
    }
}

/// Whether what is to be stored is under the vault's present key. Of what is deleted nothing is stored.
fn are_sealed_with(elements: &[Element], key: &str) -> bool {
    elements
        .iter()
        .map(|element| &element.patch)
        .all(|patch| patch.trashed == ItemState::Deleted || patch.encrypted_by == key)
}

/// Splits joined rows. No row: no access.
fn found(mut rows: Vec<AnyRow>) -> Result<Option<Found>> {
    let Some(first) = rows.first() else { return Ok(None) };
    let rights = union(first.try_get("acls")?);
    let content_version = to_u32(first.try_get("content_version")?)?;
    if first.try_get::<Option<&str>, _>("uuid")?.is_none() {
        rows.clear();
    }
    Ok(Some(Found { rights, content_version, rows }))
}

/// What all accesses of a user allow together.
fn union(acls: &str) -> Rights {
    Rights(acls.split(',').filter_map(|acl| acl.parse::<u32>().ok()).fold(0, |all, acl| all | acl))
}

/// What the log calls a change.
fn action(change: Change, state: ItemState, was_active: bool) -> &'static str {
    match (change, state) {
        (Change::Create, _) => "item.create",
        (_, ItemState::Deleted) => "item.delete",
        (_, ItemState::Archived) if was_active => "item.archive",
        (_, ItemState::Active) if !was_active => "item.restore",
        _ => "item.update",
    }
}

/// What the vault holds of the items that a patch names, deleted ones too.
async fn existing_items(
    tx: &mut Transaction<'_>,
    vault: &str,
    elements: &[Element],
) -> Result<HashMap<String, Existing>> {
    let ids: Vec<&str> = elements.iter().map(|element| element.patch.uuid.as_str()).collect();
    let rows: Vec<(String, i64, String, String, i64)> = sqlx::query_as(
        "SELECT uuid, item_version, trashed, template_uuid,
                (SELECT count(*) FROM files f
                 WHERE f.vault_uuid = $1 AND f.item_uuid = items.uuid AND f.expires_at IS NULL)
         FROM items WHERE vault_uuid = $1 AND uuid IN (SELECT value FROM json_each($2))",
    )
    .bind(vault)
    .bind(serde_json::to_string(&ids)?)
    .fetch_all(&mut **tx)
    .await?;
    let existing = rows.into_iter().map(|(uuid, version, trashed, template, files)| {
        let state = ItemState::from(Some(trashed));
        Ok((uuid, Existing { version: to_u32(version)?, state, template, has_files: files > 0 }))
    });
    existing.collect()
}

async fn apply(tx: &mut Transaction<'_>, vault: &str, user: &str, element: &Element, change: Change) -> Result<()> {
    let patch = &element.patch;
    let trashed: &str = patch.trashed.into();
    match change {
        Change::Create => {
            sqlx::query(
                "INSERT INTO items (vault_uuid, uuid, template_uuid, item_version, trashed, created_at, updated_at,
                                    changer_uuid, encrypted_by, enc_overview, enc_details)
                 VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(vault)
            .bind(&patch.uuid)
            .bind(&patch.template_uuid)
            .bind(trashed)
            .bind(element.created_at)
            .bind(element.updated_at)
            .bind(user)
            .bind(&patch.encrypted_by)
            .bind(serde_json::to_string(&patch.enc_overview)?)
            .bind(serde_json::to_string(&patch.enc_details)?)
            .execute(&mut **tx)
            .await?;
        }
        Change::Replace => {
            sqlx::query(
                "UPDATE items SET item_version = item_version + 1, trashed = $1, updated_at = $2, changer_uuid = $3,
                                  encrypted_by = $4, enc_overview = $5, enc_details = $6 WHERE vault_uuid = $7 AND uuid = $8",
            )
            .bind(trashed)
            .bind(element.updated_at)
            .bind(user)
            .bind(&patch.encrypted_by)
            .bind(serde_json::to_string(&patch.enc_overview)?)
            .bind(serde_json::to_string(&patch.enc_details)?)
            .bind(vault)
            .bind(&patch.uuid)
            .execute(&mut **tx)
            .await?;
        }
        Change::Move => {
            sqlx::query(
                "UPDATE items SET item_version = item_version + 1, trashed = $1, changer_uuid = $2 WHERE vault_uuid = $3 AND uuid = $4",
            )
            .bind(trashed)
            .bind(user)
            .bind(vault)
            .bind(&patch.uuid)
            .execute(&mut **tx)
            .await?;
        }
        // The row stays, so that the id is never taken again; the content does not.
        Change::Delete => {
            sqlx::query(
                "UPDATE items SET item_version = item_version + 1, trashed = 'D', changer_uuid = $1, enc_overview = '',
                                  enc_details = '' WHERE vault_uuid = $2 AND uuid = $3",
            )
            .bind(user)
            .bind(vault)
            .bind(&patch.uuid)
            .execute(&mut **tx)
            .await?;
        }
    }
    Ok(())
}

/// After a change by which so many items more, or fewer, are active.
async fn raise_content_version(tx: &mut Transaction<'_>, vault: &str, active: i64) -> Result<u32> {
    let version = sqlx::query_scalar(
        "UPDATE vaults SET content_version = content_version + 1, active_item_count = active_item_count + $2
         WHERE uuid = $1 RETURNING content_version",
    )
    .bind(vault)
    .bind(active)
    .fetch_one(&mut **tx)
    .await?;
    to_u32(version)
}
