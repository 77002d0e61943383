//! Vaults and who has access to them.

use op_protocol::envelope::Envelope;
use op_protocol::permissions::{ALL, RECOVER_VAULT};
use op_protocol::rest::{UpdateVaultRequest, accessor_type, vault_type};
use sqlx::FromRow;

use super::access::{check_accessor, check_sealed_for, insert_access, managed_vault};
use super::accounts::NewUser;
use super::audit::{Actor, Event, record};
use super::files;
use super::{Result, Store, Transaction};
use crate::policy::permissions::Rights;
use crate::policy::refusal::Refusal;
use crate::system::now;

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
#[derive(Clone, FromRow)]
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

impl Store {
    /// The vaults that a user has access to, oldest first.
    pub(crate) async fn vaults(&self, user: &str) -> Result<Vec<VaultRow>> {
        let rows = sqlx::query_as(
            "SELECT * FROM user_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.user_uuid = $1 ORDER BY v.created_at, v.uuid, a.accessor_type DESC, a.accessor_uuid",
        )
        .bind(user)
        .fetch_all(&self.durable.reader)
        .await?;
        Ok(combined(rows))
    }

    /// One vault, if the user has access to it.
    pub(crate) async fn vault(&self, vault: &str, user: &str) -> Result<Option<VaultRow>> {
        let rows = sqlx::query_as(
            "SELECT * FROM user_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.vault_uuid = $1 AND a.user_uuid = $2 ORDER BY a.accessor_type DESC, a.accessor_uuid",
        )
        .bind(vault)
        .bind(user)
        .fetch_all(&self.durable.reader)
        .await?;
        Ok(combined(rows).pop())
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

    /// Makes a vault with its accesses.
    pub(crate) async fn create_vault(&self, actor: &Actor, vault: &NewVault<'_>) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        insert_vault(&mut tx, vault, now()).await?;
        record(&mut tx, actor, Event::new("vault.create", vault.uuid)).await?;
        for access in vault.access {
            check_accessor(&mut tx, actor, access).await?;
            Rights(ALL).check_grant(0, access.acl)?;
            insert_access(&mut tx, access).await?;
            let event = Event::new("vault.grant", vault.uuid).with(&access.accessor_uuid).acl(access.acl);
            record(&mut tx, actor, event).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Replaces the attributes.
    pub(crate) async fn update_vault(&self, actor: &Actor, request: &UpdateVaultRequest) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        let managed = managed_vault(&mut tx, actor, &request.uuid).await?;
        if managed.kind != request.kind {
            return Err(Refusal::impossible("the type of a vault does not change").into());
        }
        if managed.attr_version != request.attr_version || managed.key_id != request.enc_attrs.kid {
            return Err(Refusal::conflict("the vault has changed: read it again and retry").into());
        }
        sqlx::query(
            "UPDATE vaults SET enc_attrs = $1, updated_at = $2, attr_version = attr_version + 1 WHERE uuid = $3",
        )
        .bind(serde_json::to_string(&request.enc_attrs)?)
        .bind(now())
        .bind(&request.uuid)
        .execute(&mut *tx)
        .await?;
        record(&mut tx, actor, Event::new("vault.update", &request.uuid)).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a vault with everything in it.
    pub(crate) async fn delete_vault(&self, actor: &Actor, vault: &str) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        if managed_vault(&mut tx, actor, vault).await?.kind == vault_type::PERSONAL {
            return Err(Refusal::impossible("a personal vault stays as long as its owner: it cannot be deleted").into());
        }
        remove_vault(&mut tx, vault).await?;
        record(&mut tx, actor, Event::new("vault.delete", vault)).await?;
        Ok(tx.commit().await?)
    }
}

/// Removes a vault with everything in it.
pub(super) async fn remove_vault(tx: &mut Transaction<'_>, vault: &str) -> Result<()> {
    files::release_all(tx, vault, now()).await?;
    for statement in [
        "DELETE FROM reencrypted_items WHERE vault_uuid = $1",
        "DELETE FROM items WHERE vault_uuid = $1",
        "DELETE FROM vault_access WHERE vault_uuid = $1",
        "DELETE FROM vaults WHERE uuid = $1",
    ] {
        sqlx::query(statement).bind(vault).execute(&mut **tx).await?;
    }
    Ok(())
}

/// One row for each vault: its first access, with the permissions of all of them. Rows of a vault come together.
fn combined(rows: Vec<VaultRow>) -> Vec<VaultRow> {
    let mut vaults: Vec<VaultRow> = Vec::with_capacity(rows.len());
    for row in rows {
        match vaults.last_mut() {
            Some(vault) if vault.uuid == row.uuid => vault.access.acl |= row.access.acl,
            _ => vaults.push(row),
        }
    }
    vaults
}

/// Makes the personal vault of a user: nobody else has access but the recovery group, which may do nothing but recover.
pub(super) async fn insert_personal_vault(
    tx: &mut Transaction<'_>,
    user: &NewUser<'_>,
    vault: &NewVault<'_>,
) -> Result<()> {
    let id = &user.sign_in.uuid;
    let recovery: Option<(String, String)> = sqlx::query_as(
        "SELECT uuid, keyset_uuid FROM account_groups WHERE account_uuid = $1 AND type = 'R' AND state = 'A'",
    )
    .bind(&user.sign_in.account_uuid)
    .fetch_optional(&mut **tx)
    .await?;
    insert_vault(tx, vault, now()).await?;
    let mut manages = false;
    for access in vault.access {
        let keyset = match (access.accessor_type.as_str(), &recovery) {
            (accessor_type::USER, _) if access.accessor_uuid == *id && access.acl == ALL => {
                manages = true;
                &user.keyset.uuid
            }
            (accessor_type::GROUP, Some((group, keyset)))
                if access.accessor_uuid == *group && access.acl == RECOVER_VAULT =>
            {
                keyset
            }
            _ => return Err(Refusal::impossible(PERSONAL_ACCESS).into()),
        };
        check_sealed_for(keyset, access)?;
        insert_access(tx, access).await?;
    }
    if manages { Ok(()) } else { Err(Refusal::impossible(PERSONAL_ACCESS).into()) }
}

const PERSONAL_ACCESS: &str = "a personal vault is its owner's, with all permissions; the recovery group may recover it, and nobody else has access";

async fn insert_vault(tx: &mut Transaction<'_>, vault: &NewVault<'_>, now: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO vaults (uuid, account_uuid, type, enc_attrs, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(vault.uuid)
    .bind(vault.account_uuid)
    .bind(vault.kind)
    .bind(serde_json::to_string(vault.enc_attrs)?)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
