//! Changing a vault's key. Items under the next key are put aside until all are there; then they replace those under
//! the current key at once.

use std::collections::HashMap;

use op_protocol::id::VaultId;
use op_protocol::permissions::{MANAGE_VAULT, READ_ITEMS, REVEAL_ITEM_PASSWORD, UPDATE_ITEMS};
use op_protocol::rest::{AccessorType, AuditAction, ItemState, ReencryptedItem, ResealedShare};

use super::access::{key_id, managed_vault};
use super::audit::{Actor, Event, record};
use super::rows::{AccessRow, NewAccess, access_columns};
use super::shares::reseal;
use super::{Result, Store, Transaction};
use crate::policy::limits::MAX_ROTATIONS;
use crate::policy::refusal::Refusal;
use crate::system::now;

/// Re-encrypting a vault reads all of it, and replaces the content of every item: the server cannot see whether by the
/// same.
const ROTATE: u32 = MANAGE_VAULT | READ_ITEMS | REVEAL_ITEM_PASSWORD | UPDATE_ITEMS;

/// The keys of the rotations of a vault that are too many.
macro_rules! oldest {
    () => {
        "SELECT key_uuid FROM rotations WHERE vault_uuid = $1 ORDER BY number DESC, key_uuid LIMIT $2 OFFSET $3"
    };
}

/// What replaces a vault's current keys.
pub(crate) struct NextKey<'a> {
    pub(crate) key: &'a str,
    /// JSON.
    pub(crate) enc_attrs: String,
    pub(crate) attr_version: u32,
    pub(crate) access_version: u32,
    pub(crate) access: &'a [NewAccess],
    /// The secrets of the vault's active shares.
    pub(crate) shares: &'a [ResealedShare],
}

impl Store {
    /// Puts items under the key `key` aside. No read returns them.
    pub(crate) async fn put_aside(
        &self,
        actor: &Actor,
        vault: &VaultId,
        key: &str,
        items: &[ReencryptedItem],
    ) -> Result<()> {
        let mut tx = self.write_items(actor, vault.as_str()).await?;
        let managed = managed_vault(&mut tx, actor, vault).await?;
        managed.rights.require(ROTATE)?;
        if managed.key_id == key {
            return Err(Refusal::conflict("this is already the vault's key").into());
        }
        begin(&mut tx, vault, key).await?;
        for item in items {
            // An item that was deleted meanwhile is left out, and so is what never was one.
            sqlx::query(
                "INSERT INTO reencrypted_items (vault_uuid, key_uuid, item_uuid, item_version, enc_overview, enc_details)
                 SELECT $1, $2, $3, $4, $5, $6 FROM items WHERE vault_uuid = $1 AND uuid = $3 AND trashed <> $7
                 ON CONFLICT (vault_uuid, key_uuid, item_uuid) DO UPDATE SET item_version = excluded.item_version,
                     enc_overview = excluded.enc_overview, enc_details = excluded.enc_details",
            )
            .bind(vault.as_str())
            .bind(key)
            .bind(&item.uuid)
            .bind(i64::from(item.item_version))
            .bind(serde_json::to_string(&item.enc_overview)?)
            .bind(serde_json::to_string(&item.enc_details)?)
            .bind(ItemState::Deleted.as_str())
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Deletes what was put aside under a key.
    pub(crate) async fn drop_put_aside(&self, actor: &Actor, vault: &VaultId, key: &str) -> Result<()> {
        let mut tx = self.write_items(actor, vault.as_str()).await?;
        managed_vault(&mut tx, actor, vault).await?.rights.require(ROTATE)?;
        for statement in [
            "DELETE FROM reencrypted_items WHERE vault_uuid = $1 AND key_uuid = $2",
            "DELETE FROM rotations WHERE vault_uuid = $1 AND key_uuid = $2",
        ] {
            sqlx::query(statement).bind(vault.as_str()).bind(key).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Replaces the current key by the next one: for the attributes, every accessor,
    /// every item and every share.
    pub(crate) async fn rotate_vault_key(&self, actor: &Actor, vault: &VaultId, next: &NextKey<'_>) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let managed = managed_vault(&mut tx, actor, vault).await?;
        managed.rights.require(ROTATE)?;
        managed.check_access_version(next.access_version)?;
        if managed.attr_version != next.attr_version || managed.key_id == next.key {
            return Err(Refusal::conflict("the vault has changed: read it again and retry").into());
        }
        let present: Vec<AccessRow> =
            sqlx::query_as(concat!("SELECT ", access_columns!(), " FROM vault_access a WHERE a.vault_uuid = $1"))
                .bind(vault.as_str())
                .fetch_all(&mut *tx)
                .await?;
        check_covers(&present, next.access, managed.key_sn.saturating_add(1))?;
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM items i WHERE i.vault_uuid = $1 AND i.trashed <> $3 AND NOT EXISTS (
                 SELECT 1 FROM reencrypted_items r WHERE r.vault_uuid = $1 AND r.key_uuid = $2
                    AND r.item_uuid = i.uuid AND r.item_version = i.item_version)",
        )
        .bind(vault.as_str())
        .bind(next.key)
        .bind(ItemState::Deleted.as_str())
        .fetch_one(&mut *tx)
        .await?;
        if open > 0 {
            let message =
                format!("{open} items are not re-encrypted in their current version: re-encrypt them and retry");
            return Err(Refusal::conflict(message).into());
        }
        sqlx::query(
            "UPDATE items SET enc_overview = r.enc_overview, enc_details = r.enc_details, encrypted_by = r.key_uuid
             FROM reencrypted_items r
             WHERE items.vault_uuid = $1 AND items.trashed <> $3
               AND r.vault_uuid = $1 AND r.key_uuid = $2 AND r.item_uuid = items.uuid",
        )
        .bind(vault.as_str())
        .bind(next.key)
        .bind(ItemState::Deleted.as_str())
        .execute(&mut *tx)
        .await?;
        reseal(&mut tx, vault, next.shares, now()).await?;
        for access in next.access {
            sqlx::query(
                "UPDATE vault_access SET vault_key_sn = $1, encrypted_by = $2, enc_vault_key = $3
                 WHERE vault_uuid = $4 AND accessor_type = $5 AND accessor_uuid = $6",
            )
            .bind(i64::from(access.vault_key_sn))
            .bind(&access.encrypted_by)
            .bind(&access.enc_vault_key)
            .bind(vault.as_str())
            .bind(access.accessor_type.as_str())
            .bind(&access.accessor_uuid)
            .execute(&mut *tx)
            .await?;
        }
        // The content version rises too, so that a write under the old key that is under way is refused.
        sqlx::query(
            "UPDATE vaults SET enc_attrs = $1, updated_at = $2, attr_version = attr_version + 1,
                    access_version = access_version + 1, content_version = content_version + 1 WHERE uuid = $3",
        )
        .bind(&next.enc_attrs)
        .bind(now())
        .bind(vault.as_str())
        .execute(&mut *tx)
        .await?;
        remove_put_aside(&mut tx, vault).await?;
        record(&mut tx, actor, Event::new(AuditAction::VaultRotateKey, vault.as_str())).await?;
        Ok(tx.commit().await?)
    }
}

/// Notes that items are put aside under this key. When the rotation is new, and one too many is unfinished, what the
/// oldest one put aside is removed.
async fn begin(tx: &mut Transaction<'_>, vault: &VaultId, key: &str) -> Result<()> {
    let begun = sqlx::query(
        "INSERT INTO rotations (vault_uuid, key_uuid, number)
         SELECT $1, $2, coalesce(max(number), 0) + 1 FROM rotations WHERE vault_uuid = $1
         ON CONFLICT (vault_uuid, key_uuid) DO NOTHING",
    )
    .bind(vault.as_str())
    .bind(key)
    .execute(&mut **tx)
    .await?;
    if begun.rows_affected() == 0 {
        return Ok(());
    }
    for statement in [
        concat!("DELETE FROM reencrypted_items WHERE vault_uuid = $1 AND key_uuid IN (", oldest!(), ")"),
        concat!("DELETE FROM rotations WHERE vault_uuid = $1 AND key_uuid IN (", oldest!(), ")"),
    ] {
        sqlx::query(statement).bind(vault.as_str()).bind(i64::MAX).bind(MAX_ROTATIONS).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Removes all that was put aside for a vault.
pub(super) async fn remove_put_aside(tx: &mut Transaction<'_>, vault: &VaultId) -> Result<()> {
    for statement in
        ["DELETE FROM reencrypted_items WHERE vault_uuid = $1", "DELETE FROM rotations WHERE vault_uuid = $1"]
    {
        sqlx::query(statement).bind(vault.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Refuses a list that is not the next key for exactly the current accessors and permissions.
fn check_covers(present: &[AccessRow], next: &[NewAccess], sn: u32) -> Result<()> {
    fn id(access: &AccessRow) -> (AccessorType, &str) {
        (access.accessor_type, &access.accessor_uuid)
    }
    let by_id: HashMap<_, _> = next.iter().map(|access| (id(access), access)).collect();
    let mut covered = next.len() == present.len();
    for old in present {
        covered &= match by_id.get(&id(old)) {
            Some(new) => {
                new.acl == old.acl
                    && new.vault_key_sn == sn
                    && new.encrypted_by == old.encrypted_by
                    && key_id(&new.enc_vault_key)? == old.encrypted_by
            }
            None => false,
        };
    }
    if covered {
        return Ok(());
    }
    let message = "access must list each current accessor once, with the same permissions and keyset, and a vaultKeySN one higher";
    Err(Refusal::impossible(message).into())
}
