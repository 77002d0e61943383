//! The table of uploaded files and the items that they belong to. Their content is in [`crate::files`].

use std::collections::{HashMap, HashSet};

use op_protocol::id::{ItemId, UserId, VaultId};
use op_protocol::rest::{ItemPatch, failed_item};

use super::audit::Actor;
use super::{Result, Store, StoreError, Transaction, to_u32};
use crate::policy::permissions::{Rights, UPLOADS};
use crate::policy::refusal::Refusal;

/// How many expired files are listed at once.
const COLLECTED_AT_ONCE: i64 = 100;

/// A file as a download finds it.
pub(crate) struct FoundFile {
    pub(crate) rights: Rights,
    /// Whether the item exists and has the file.
    pub(crate) exists: bool,
}

/// The files that the elements of a patch refer to, by id.
pub(crate) struct Referenced(HashMap<String, Referable>);

/// What decides who may refer to a stored file.
struct Referable {
    user: UserId,
    owner: Option<(VaultId, ItemId)>,
    expires_at: Option<i64>,
}

impl Store {
    /// Records an upload before its first byte is stored, so that all that an interrupted upload leaves can be found.
    /// Refuses a user who may write items in no vault, and so has no use for a file.
    pub(crate) async fn begin_file(
        &self,
        file: &str,
        account: &str,
        user: &UserId,
        now: i64,
        expires_at: i64,
    ) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO files (uuid, account_uuid, user_uuid, created_at, expires_at) SELECT $1, $2, $3, $4, $5
             WHERE EXISTS (SELECT 1 FROM user_access WHERE user_uuid = $3 AND acl & $6 <> 0)",
        )
        .bind(file)
        .bind(account)
        .bind(user.as_str())
        .bind(now)
        .bind(expires_at)
        .bind(i64::from(UPLOADS))
        .execute(&self.durable.writer)
        .await?;
        if done.rows_affected() != 1 {
            return Err(Refusal::Forbidden("CREATE_ITEMS or UPDATE_ITEMS in a vault").into());
        }
        Ok(())
    }

    /// Records that the upload is stored completely.
    pub(crate) async fn complete_file(&self, actor: &Actor, file: &str, size: i64) -> Result<()> {
        self.check_session(actor).await?;
        sqlx::query("UPDATE files SET size = $1 WHERE uuid = $2")
            .bind(size)
            .bind(file)
            .execute(&self.durable.writer)
            .await?;
        Ok(())
    }

    /// A file of an item that is not deleted. None: the user has no access to such a vault.
    pub(crate) async fn file(
        &self,
        vault: &VaultId,
        user: &UserId,
        item: &ItemId,
        file: &str,
    ) -> Result<Option<FoundFile>> {
        // A row for each way in which the user has access.
        let rows: Vec<(i64, Option<String>)> = sqlx::query_as(
            "SELECT a.acl, f.uuid FROM user_access a
             LEFT JOIN files f
                ON f.uuid = $4 AND f.vault_uuid = a.vault_uuid AND f.item_uuid = $3 AND f.expires_at IS NULL
             WHERE a.vault_uuid = $1 AND a.user_uuid = $2",
        )
        .bind(vault.as_str())
        .bind(user.as_str())
        .bind(item.as_str())
        .bind(file)
        .fetch_all(&self.durable.reader)
        .await?;
        let Some((_, stored)) = rows.first() else { return Ok(None) };
        let exists = stored.is_some();
        let acls = rows.iter().try_fold(0, |all, (acl, _)| Ok::<_, StoreError>(all | to_u32(*acl)?))?;
        Ok(Some(FoundFile { rights: Rights(acls), exists }))
    }

    /// Files that nothing needs: uploads that no item ever referred to, and files that were removed from their items,
    /// unless a share holds them. Returns the first ones after the id `after`.
    pub(crate) async fn expired_files(&self, now: i64, after: &str) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT uuid FROM files WHERE expires_at <= $1 AND uuid > $2
             AND NOT EXISTS (SELECT 1 FROM share_files s WHERE s.file_uuid = files.uuid) ORDER BY uuid LIMIT $3",
        )
        .bind(now)
        .bind(after)
        .bind(COLLECTED_AT_ONCE)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Deletes the row of a file whose content was deleted. No share can come to hold it: it is no item's.
    pub(crate) async fn forget_file(&self, file: &str) -> Result<()> {
        sqlx::query("DELETE FROM files WHERE uuid = $1 AND expires_at IS NOT NULL")
            .bind(file)
            .execute(&self.durable.writer)
            .await?;
        Ok(())
    }
}

impl Referenced {
    /// Reads the files that a patch refers to.
    pub(super) async fn read(tx: &mut Transaction<'_>, patches: impl Iterator<Item = &ItemPatch>) -> Result<Self> {
        let ids: HashSet<&str> = patches.flat_map(references).collect();
        if ids.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        type Row = (String, String, Option<String>, Option<String>, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT uuid, user_uuid, vault_uuid, item_uuid, expires_at FROM files
             WHERE size IS NOT NULL AND uuid IN (SELECT value FROM json_each($1))",
        )
        .bind(serde_json::to_string(&ids)?)
        .fetch_all(&mut **tx)
        .await?;
        let entry = |(id, user, vault, item, expires_at): Row| {
            let owner = vault.map(VaultId::from_server).zip(item.map(ItemId::from_server));
            (id, Referable { user: UserId::from_server(user), owner, expires_at })
        };
        Ok(Self(rows.into_iter().map(entry).collect()))
    }

    /// Refuses files that the item may not have. It may have those that it has already, and those that this user
    /// uploaded and no item has yet.
    pub(super) fn review(
        &self,
        vault: &VaultId,
        user: &UserId,
        patch: &ItemPatch,
        now: i64,
    ) -> std::result::Result<(), u32> {
        let may_have = |id: &str| {
            self.0.get(id).is_some_and(|file| match (&file.owner, file.expires_at) {
                (Some((owner, item)), None) => owner == vault && item.as_str() == patch.uuid,
                (None, Some(expires_at)) => file.user == *user && now < expires_at,
                _ => false,
            })
        };
        if references(patch).all(may_have) { Ok(()) } else { Err(failed_item::FILE_NOT_FOUND) }
    }
}

/// Attaches the files that the patch refers to, and releases the item's other files. Returns false if one of them
/// belongs to another item by now.
pub(super) async fn settle(
    tx: &mut Transaction<'_>,
    vault: &VaultId,
    patch: &ItemPatch,
    has_files: bool,
    now: i64,
) -> Result<bool> {
    let ids: HashSet<&str> = references(patch).collect();
    let list = serde_json::to_string(&ids)?;
    if has_files {
        sqlx::query(
            "UPDATE files SET expires_at = $1 WHERE vault_uuid = $2 AND item_uuid = $3 AND expires_at IS NULL
             AND uuid NOT IN (SELECT value FROM json_each($4))",
        )
        .bind(now)
        .bind(vault.as_str())
        .bind(&patch.uuid)
        .bind(&list)
        .execute(&mut **tx)
        .await?;
    }
    if ids.is_empty() {
        return Ok(true);
    }
    let taken = sqlx::query(
        "UPDATE files SET vault_uuid = $1, item_uuid = $2, expires_at = NULL
         WHERE uuid IN (SELECT value FROM json_each($3))
         AND (item_uuid IS NULL OR vault_uuid = $1 AND item_uuid = $2 AND expires_at IS NULL)",
    )
    .bind(vault.as_str())
    .bind(&patch.uuid)
    .bind(&list)
    .execute(&mut **tx)
    .await?;
    Ok(taken.rows_affected() == ids.len() as u64)
}

/// Releases all files of a vault that is deleted.
pub(super) async fn release_all(tx: &mut Transaction<'_>, vault: &VaultId, now: i64) -> Result<()> {
    sqlx::query(
        "UPDATE files SET expires_at = COALESCE(expires_at, $1), vault_uuid = NULL, item_uuid = NULL
         WHERE vault_uuid = $2",
    )
    .bind(now)
    .bind(vault.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Releases all files of the item.
pub(super) async fn release(tx: &mut Transaction<'_>, vault: &VaultId, patch: &ItemPatch, now: i64) -> Result<()> {
    sqlx::query("UPDATE files SET expires_at = $1 WHERE vault_uuid = $2 AND item_uuid = $3 AND expires_at IS NULL")
        .bind(now)
        .bind(vault.as_str())
        .bind(&patch.uuid)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn references(patch: &ItemPatch) -> impl Iterator<Item = &str> {
    patch.file_references.iter().flatten().map(|file| file.file_id.as_str())
}
