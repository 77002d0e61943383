//! Vaults and who has access to them.

use op_protocol::envelope::Envelope;
use sqlx::FromRow;

use super::{Result, Store, Transaction};

/// A vault together with one user's access to it.
#[derive(FromRow)]
pub(crate) struct VaultRow {
    pub(crate) uuid: String,
    #[sqlx(rename = "type")]
    pub(crate) kind: String,
    pub(crate) enc_attrs: String,
    #[sqlx(try_from = "i64")]
    pub(crate) attr_version: u32,
    #[sqlx(try_from = "i64")]
    pub(crate) content_version: u32,
    #[sqlx(try_from = "i64")]
    pub(crate) access_version: u32,
    #[sqlx(try_from = "i64")]
    pub(crate) active_item_count: u32,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    #[sqlx(flatten)]
    pub(crate) access: AccessRow,
}

/// One accessor's access to a vault.
#[derive(FromRow)]
pub(crate) struct AccessRow {
    pub(crate) vault_uuid: String,
    pub(crate) accessor_type: String,
    pub(crate) accessor_uuid: String,
    #[sqlx(try_from = "i64")]
    pub(crate) acl: u32,
    pub(crate) lease_timeout: i64,
    #[sqlx(try_from = "i64")]
    pub(crate) vault_key_sn: u32,
    pub(crate) encrypted_by: String,
    pub(crate) enc_vault_key: String,
}

/// An access to be made; of the same members as a stored one.
pub(crate) type NewAccess = AccessRow;

/// A vault to be made.
pub(crate) struct NewVault<'a> {
    pub(crate) uuid: &'a str,
    pub(crate) account_uuid: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) enc_attrs: &'a Envelope,
    pub(crate) access: &'a [NewAccess],
}

/// What a grant on a vault depends on.
#[derive(FromRow)]
pub(crate) struct VaultRights {
    pub(crate) vault_uuid: String,
    #[sqlx(try_from = "i64")]
    pub(crate) acl: u32,
    #[sqlx(rename = "type")]
    pub(crate) kind: String,
}

impl Store {
    /// The vaults that a user has access to, oldest first.
    pub(crate) async fn vaults(&self, user: &str) -> Result<Vec<VaultRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM vault_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.accessor_uuid = $1 AND a.accessor_type = 'user' AND a.acl <> 0 ORDER BY v.created_at, v.uuid",
        )
        .bind(user)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// One vault, if the user has access to it.
    pub(crate) async fn vault(&self, vault: &str, user: &str) -> Result<Option<VaultRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM vault_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.vault_uuid = $1 AND a.accessor_type = 'user' AND a.accessor_uuid = $2 AND a.acl <> 0",
        )
        .bind(vault)
        .bind(user)
        .fetch_optional(&self.durable.reader)
        .await?)
    }

    /// Everyone who has access to a vault.
    pub(crate) async fn vault_accessors(&self, vault: &str) -> Result<Vec<AccessRow>> {
        Ok(sqlx::query_as(
            "SELECT * FROM vault_access WHERE vault_uuid = $1 ORDER BY accessor_type DESC, accessor_uuid",
        )
        .bind(vault)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// A user's rights on some vaults; those without access are left out.
    pub(crate) async fn vault_rights(&self, user: &str, vaults: &[&str]) -> Result<Vec<VaultRights>> {
        Ok(sqlx::query_as(
            "SELECT a.vault_uuid, a.acl, v.type FROM vault_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.accessor_uuid = $1 AND a.accessor_type = 'user' AND a.acl <> 0
               AND a.vault_uuid IN (SELECT value FROM json_each($2))",
        )
        .bind(user)
        .bind(serde_json::to_string(vaults)?)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Makes a vault with its accesses.
    pub(crate) async fn create_vault(&self, vault: &NewVault<'_>, now: i64) -> Result<()> {
        let mut tx = self.write(vault.account_uuid).await?;
        sqlx::query(
            "INSERT INTO vaults (uuid, account_uuid, type, enc_attrs, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
        )
        .bind(vault.uuid)
        .bind(vault.account_uuid)
        .bind(vault.kind)
        .bind(serde_json::to_string(vault.enc_attrs)?)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        insert_access(&mut tx, vault.access).await?;
        Ok(tx.commit().await?)
    }
}

pub(super) async fn insert_access(tx: &mut Transaction<'_>, list: &[NewAccess]) -> Result<()> {
    for access in list {
        sqlx::query(
            "INSERT INTO vault_access (vault_uuid, accessor_type, accessor_uuid, acl, lease_timeout, vault_key_sn,
                                       encrypted_by, enc_vault_key)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&access.vault_uuid)
        .bind(&access.accessor_type)
        .bind(&access.accessor_uuid)
        .bind(i64::from(access.acl))
        .bind(access.lease_timeout)
        .bind(i64::from(access.vault_key_sn))
        .bind(&access.encrypted_by)
        .bind(&access.enc_vault_key)
        .execute(&mut **tx)
        .await?;
        sqlx::query("UPDATE vaults SET access_version = access_version + 1 WHERE uuid = $1")
            .bind(&access.vault_uuid)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
