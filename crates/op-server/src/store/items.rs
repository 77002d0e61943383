//! Items. Each read is one query, which also reads the user's permissions.

use std::collections::{BTreeMap, HashMap};

use op_protocol::id::{ItemId, UserId, VaultId};
use op_protocol::rest::{AuditAction, ItemPatch, ItemState, failed_item};
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row};

use super::access::key_id;
use super::audit::{Actor, Event, record_all};
use super::files::{self, Referenced};
use super::{Result, Store, Transaction, to_u32};
use crate::policy::limits;
use crate::policy::permissions::{Change, Existing, Rights, review};
use crate::policy::refusal::Refusal;

/// The result of a read of items, from one consistent state.
pub(crate) struct Found {
    pub(crate) rights: Rights,
    pub(crate) content_version: u32,
    rows: Vec<AnyRow>,
}

impl Found {
    /// The items. Their texts are borrowed from the driver's rows.
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
    #[sqlx(try_from = "&'a str")]
    pub(crate) trashed: ItemState,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    #[sqlx(try_from = "i64")]
    pub(crate) item_version: u32,
    pub(crate) enc_overview: &'a str,
    /// None if only the overview was requested.
    pub(crate) enc_details: Option<&'a str>,
}

/// The result of a patch that the user may make.
pub(crate) enum Outcome {
    /// All elements are stored: the new content version, and the new version of each item.
    Applied { content_version: u32, items: BTreeMap<String, u32> },
    /// Nothing is stored: a code for each element that is refused.
    Refused { content_version: u32, items: BTreeMap<String, u32> },
}

/// An element of a patch and the times in it as Unix seconds.
pub(crate) struct Element {
    pub(crate) patch: ItemPatch,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// A vault as a change of its items, or a share of one, finds it.
pub(super) struct Target {
    pub(super) rights: Rights,
    content_version: u32,
    /// Id of the vault key.
    pub(super) key_id: String,
}

/// An element that may be stored, and the item before it.
struct Step<'a> {
    element: &'a Element,
    change: Change,
    before: Option<&'a Existing>,
}

// One row, of the vault, with the permissions of each way in which the user has access to it. No access: no row.
macro_rules! vault_query {
    ($columns:expr, $joins:expr) => {
        concat!(
            "WITH access AS (SELECT string_agg(CAST(acl AS TEXT), ',') AS acls FROM user_access
                             WHERE vault_uuid = $1 AND user_uuid = $2)
             SELECT access.acls, v.content_version, ",
            $columns,
            " FROM access JOIN vaults v ON v.uuid = $1 ",
            $joins,
            " WHERE access.acls IS NOT NULL"
        )
    };
}

// The same for each item of the vault that is not in the state $3; one row without an item if there is none. Each query
// names the column for the details, as lists must not read details.
macro_rules! items_query {
    ($details:literal, $which:literal) => {
        vault_query!(
            concat!(
                "i.uuid, i.template_uuid, i.changer_uuid, i.trashed, i.created_at, i.updated_at, i.item_version,
                 i.enc_overview, ",
                $details,
                " AS enc_details"
            ),
            concat!("LEFT JOIN items i ON i.vault_uuid = v.uuid AND i.trashed <> $3 ", $which)
        )
    };
}

impl Store {
    /// The active and archived items of a vault, without details. None: the user has no access to such a vault.
    pub(crate) async fn overviews(&self, vault: &VaultId, user: &UserId) -> Result<Option<Found>> {
        let query = sqlx::query(items_query!("NULL", ""))
            .bind(vault.as_str())
            .bind(user.as_str())
            .bind(ItemState::Deleted.as_str());
        found(query.fetch_all(&self.durable.reader).await?)
    }

    /// One item.
    pub(crate) async fn item(&self, vault: &VaultId, user: &UserId, item: &ItemId) -> Result<Option<Found>> {
        let query = sqlx::query(items_query!("i.enc_details", "AND i.uuid = $4"))
            .bind(vault.as_str())
            .bind(user.as_str())
            .bind(ItemState::Deleted.as_str())
            .bind(item.as_str());
        found(query.fetch_all(&self.durable.reader).await?)
    }

    /// Some items, in any order.
    pub(crate) async fn items(&self, vault: &VaultId, user: &UserId, items: &[String]) -> Result<Option<Found>> {
        let query = sqlx::query(items_query!("i.enc_details", "AND i.uuid IN (SELECT value FROM json_each($4))"))
            .bind(vault.as_str())
            .bind(user.as_str())
            .bind(ItemState::Deleted.as_str())
            .bind(serde_json::to_string(items)?);
        found(query.fetch_all(&self.durable.reader).await?)
    }

    /// Applies all elements of a patch, or none. Other items may have changed since `content_version`: each element
    /// names the version of its item that it builds on.
    pub(crate) async fn patch_items(
        &self,
        vault: &VaultId,
        actor: &Actor,
        content_version: u32,
        elements: &[Element],
        now: i64,
    ) -> Result<Outcome> {
        let mut tx = self.write_items(actor, vault.as_str()).await?;
        let target = vault_of(&mut tx, vault, &actor.user).await?;
        target.rights.require_write()?;
        if content_version > target.content_version || !are_sealed_with(elements, &target.key_id) {
            return Err(Refusal::conflict("the vault has changed: read it again and retry").into());
        }
        let content_version = target.content_version;
        if elements.is_empty() {
            return Ok(Outcome::Applied { content_version, items: BTreeMap::new() });
        }
        let existing = existing_items(&mut tx, vault, elements).await?;
        let files = Referenced::read(&mut tx, elements.iter().map(|element| &element.patch)).await?;
        let reviewed = steps(elements, &existing, |patch, before| {
            let change = review(patch, before, target.rights)?;
            files.review(vault, &actor.user, patch, now)?;
            Ok(change)
        });
        let steps = match reviewed {
            Ok(steps) => steps,
            Err(items) => return Ok(Outcome::Refused { content_version, items }),
        };
        for step in &steps {
            step.store(&mut tx, vault, &actor.user).await?;
            if !step.settle_files(&mut tx, vault, now).await? {
                let items = BTreeMap::from([(step.patch().uuid.clone(), failed_item::FILE_NOT_FOUND)]);
                return Ok(Outcome::Refused { content_version, items });
            }
        }
        let events: Vec<_> =
            steps.iter().map(|step| Event::new(step.action(), &step.patch().uuid).with(vault.as_str())).collect();
        record_all(&mut tx, actor, &events).await?;
        let content_version = raise_content_version(&mut tx, vault, &steps).await?;
        tx.commit().await?;
        let items = steps.iter().map(|step| (step.patch().uuid.clone(), step.patch().item_version + 1)).collect();
        Ok(Outcome::Applied { content_version, items })
    }
}

/// The steps of a patch, or a code for each element that is refused.
fn steps<'a>(
    elements: &'a [Element],
    existing: &'a HashMap<String, Existing>,
    review: impl Fn(&ItemPatch, Option<&Existing>) -> std::result::Result<Change, u32>,
) -> std::result::Result<Vec<Step<'a>>, BTreeMap<String, u32>> {
    let mut steps = Vec::with_capacity(elements.len());
    let mut refused = BTreeMap::new();
    for element in elements {
        let before = existing.get(&element.patch.uuid);
        match review(&element.patch, before) {
            Ok(change) => steps.push(Step { element, change, before }),
            Err(code) => drop(refused.insert(element.patch.uuid.clone(), code)),
        }
    }
    if refused.is_empty() { Ok(steps) } else { Err(refused) }
}

/// The vault, if the user has access to it.
pub(super) async fn vault_of(tx: &mut Transaction<'_>, vault: &VaultId, user: &UserId) -> Result<Target> {
    let row: Option<(String, i64, String)> = sqlx::query_as(vault_query!("v.enc_attrs", ""))
        .bind(vault.as_str())
        .bind(user.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    let (acls, content_version, enc_attrs) = row.ok_or_else(|| Refusal::not_found("vault"))?;
    Ok(Target { rights: union(&acls), content_version: to_u32(content_version)?, key_id: key_id(&enc_attrs)? })
}

/// Whether everything that would be stored is sealed with this key. Of deleted items nothing is stored.
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

/// The union of all permissions of a user.
fn union(acls: &str) -> Rights {
    Rights(acls.split(',').filter_map(|acl| acl.parse::<u32>().ok()).fold(0, |all, acl| all | acl))
}

/// The stored items that a patch names, deleted ones too.
async fn existing_items(
    tx: &mut Transaction<'_>,
    vault: &VaultId,
    elements: &[Element],
) -> Result<HashMap<String, Existing>> {
    let ids: Vec<&str> = elements.iter().map(|element| element.patch.uuid.as_str()).collect();
    let rows: Vec<(String, i64, String, String, i64)> = sqlx::query_as(
        "SELECT uuid, item_version, trashed, template_uuid,
                (SELECT count(*) FROM files f
                 WHERE f.vault_uuid = $1 AND f.item_uuid = items.uuid AND f.expires_at IS NULL)
         FROM items WHERE vault_uuid = $1 AND uuid IN (SELECT value FROM json_each($2))",
    )
    .bind(vault.as_str())
    .bind(serde_json::to_string(&ids)?)
    .fetch_all(&mut **tx)
    .await?;
    let existing = rows.into_iter().map(|(uuid, version, trashed, template, files)| {
        let state = ItemState::from(Some(trashed));
        Ok((uuid, Existing { version: to_u32(version)?, state, template, has_files: files > 0 }))
    });
    existing.collect()
}

impl Step<'_> {
    fn patch(&self) -> &ItemPatch {
        &self.element.patch
    }

    fn was_active(&self) -> bool {
        self.before.is_some_and(|item| item.state == ItemState::Active)
    }

    /// By how much the number of active items changes.
    fn more_active(&self) -> i64 {
        i64::from(self.patch().trashed == ItemState::Active) - i64::from(self.was_active())
    }

    /// By how much the number of items changes.
    fn more_items(&self) -> i64 {
        match self.change {
            Change::Create => 1,
            Change::Delete => -1,
            Change::Replace | Change::Move => 0,
        }
    }

    /// The action in the audit log.
    fn action(&self) -> AuditAction {
        match (self.change, self.patch().trashed) {
            (Change::Create, _) => AuditAction::ItemCreate,
            (_, ItemState::Deleted) => AuditAction::ItemDelete,
            (_, ItemState::Archived) if self.was_active() => AuditAction::ItemArchive,
            (_, ItemState::Active) if !self.was_active() => AuditAction::ItemRestore,
            _ => AuditAction::ItemUpdate,
        }
    }

    /// Attaches the files that the item refers to now, and releases its other files. Returns false if one of them
    /// belongs to another item by now.
    async fn settle_files(&self, tx: &mut Transaction<'_>, vault: &VaultId, now: i64) -> Result<bool> {
        let has_files = self.before.is_some_and(|item| item.has_files);
        match self.change {
            Change::Create | Change::Replace => return files::settle(tx, vault, self.patch(), has_files, now).await,
            Change::Delete if has_files => files::release(tx, vault, self.patch(), now).await?,
            Change::Delete | Change::Move => {}
        }
        Ok(true)
    }

    async fn store(&self, tx: &mut Transaction<'_>, vault: &VaultId, user: &UserId) -> Result<()> {
        let patch = self.patch();
        let trashed = patch.trashed.as_str();
        match self.change {
            Change::Create => {
                sqlx::query(
                    "INSERT INTO items (vault_uuid, uuid, template_uuid, item_version, trashed, created_at, updated_at,
                                    changer_uuid, encrypted_by, enc_overview, enc_details)
                 VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(vault.as_str())
                .bind(&patch.uuid)
                .bind(&patch.template_uuid)
                .bind(trashed)
                .bind(self.element.created_at)
                .bind(self.element.updated_at)
                .bind(user.as_str())
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
            .bind(self.element.updated_at)
            .bind(user.as_str())
            .bind(&patch.encrypted_by)
            .bind(serde_json::to_string(&patch.enc_overview)?)
            .bind(serde_json::to_string(&patch.enc_details)?)
            .bind(vault.as_str())
            .bind(&patch.uuid)
            .execute(&mut **tx)
            .await?;
            }
            Change::Move => {
                sqlx::query(
                "UPDATE items SET item_version = item_version + 1, trashed = $1, changer_uuid = $2 WHERE vault_uuid = $3 AND uuid = $4",
            )
            .bind(trashed)
            .bind(user.as_str())
            .bind(vault.as_str())
            .bind(&patch.uuid)
            .execute(&mut **tx)
            .await?;
            }
            // The row stays, so that the id is never used again; the content is removed.
            Change::Delete => {
                sqlx::query(
                "UPDATE items SET item_version = item_version + 1, trashed = $1, changer_uuid = $2, enc_overview = '',
                                  enc_details = '' WHERE vault_uuid = $3 AND uuid = $4",
            )
            .bind(trashed)
            .bind(user.as_str())
            .bind(vault.as_str())
            .bind(&patch.uuid)
            .execute(&mut **tx)
            .await?;
            }
        }
        Ok(())
    }
}

/// Raises the vault's content version, and counts its items anew. Refuses more items than a vault may have.
async fn raise_content_version(tx: &mut Transaction<'_>, vault: &VaultId, steps: &[Step<'_>]) -> Result<u32> {
    let more = steps.iter().map(Step::more_items).sum::<i64>();
    let (version, count): (i64, i64) = sqlx::query_as(
        "UPDATE vaults SET content_version = content_version + 1, active_item_count = active_item_count + $2,
                           item_count = item_count + $3
         WHERE uuid = $1 RETURNING content_version, item_count",
    )
    .bind(vault.as_str())
    .bind(steps.iter().map(Step::more_active).sum::<i64>())
    .bind(more)
    .fetch_one(&mut **tx)
    .await?;
    if more > 0 {
        limits::ITEMS.check(count)?;
    }
    to_u32(version)
}
