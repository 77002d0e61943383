//! Vaults and who has access to them.

use op_protocol::id::{UserId, VaultId};
use op_protocol::permissions::{ALL, MANAGE_VAULT, RECOVER_VAULT};
use op_protocol::rest::{AccessorType, AuditAction, GroupState, GroupType, UpdateVaultRequest, UserState, VaultType};
use sqlx::{Any, Executor, FromRow};

use super::access::{check_accessor, check_sealed_for, insert_access, managed_vault, standing};
use super::audit::{Actor, Event, record};
use super::files;
use super::rotation::remove_put_aside;
use super::rows::{AccessRow, NewUser, NewVault, VaultAccessorRow, VaultRow, access_columns};
use super::{Result, Store, Transaction};
use crate::policy::limits;
use crate::policy::permissions::Rights;
use crate::policy::refusal::Refusal;
use crate::system::now;

/// The permission to create vaults, as refusals call it.
pub(crate) const CREATE_VAULTS: &str = "the permission to create vaults";

macro_rules! vault_query {
    ($which:literal) => {
        concat!(
            "SELECT v.uuid, v.type, v.enc_attrs, v.attr_version, v.content_version, v.access_version,
                    v.active_item_count, v.created_at, v.updated_at, ",
            access_columns!(),
            " FROM user_access a JOIN vaults v ON v.uuid = a.vault_uuid WHERE ",
            $which
        )
    };
}

/// The condition under which a vault `v` is abandoned. $2 and $3 are the types of which people make vaults, $4 is the
/// permission to manage one. A personal vault is its owner's, suspended or not.
macro_rules! abandoned {
    () => {
        "v.type IN ($2, $3) AND NOT EXISTS (
             SELECT 1 FROM user_access a WHERE a.vault_uuid = v.uuid AND a.acl & $4 <> 0)"
    };
}

/// A vault that nobody manages.
#[derive(FromRow)]
pub(crate) struct AbandonedRow {
    pub(crate) uuid: String,
    #[sqlx(try_from = "i64")]
    pub(crate) active_item_count: u32,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Store {
    /// The vaults that a user has access to, oldest first.
    pub(crate) async fn vaults(&self, user: &UserId) -> Result<Vec<VaultRow>> {
        let rows = sqlx::query_as(vault_query!(
            "a.user_uuid = $1 ORDER BY v.created_at, v.uuid, a.accessor_type DESC, a.accessor_uuid"
        ))
        .bind(user.as_str())
        .fetch_all(&self.durable.reader)
        .await?;
        Ok(combined(rows))
    }

    /// One vault, if the user has access to it.
    pub(crate) async fn vault(&self, vault: &VaultId, user: &UserId) -> Result<Option<VaultRow>> {
        let rows = sqlx::query_as(vault_query!(
            "a.vault_uuid = $1 AND a.user_uuid = $2 ORDER BY a.accessor_type DESC, a.accessor_uuid"
        ))
        .bind(vault.as_str())
        .bind(user.as_str())
        .fetch_all(&self.durable.reader)
        .await?;
        Ok(combined(rows).pop())
    }

    /// All accesses to a vault.
    pub(crate) async fn vault_accessors(&self, vault: &VaultId) -> Result<Vec<AccessRow>> {
        Ok(sqlx::query_as(concat!(
            "SELECT ",
            access_columns!(),
            " FROM vault_access a WHERE a.vault_uuid = $1 ORDER BY a.accessor_type DESC, a.accessor_uuid"
        ))
        .bind(vault.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// The users and groups that a vault's key is wrapped for, including suspended users. Only a manager of the vault
    /// may read this.
    pub(crate) async fn accessors_of(&self, vault: &VaultId, user: &UserId) -> Result<Vec<VaultAccessorRow>> {
        let own = self.vault(vault, user).await?.ok_or_else(|| Refusal::not_found("vault"))?.access.acl;
        Rights(own).require(MANAGE_VAULT)?;
        Ok(sqlx::query_as(
            "SELECT a.accessor_type, a.accessor_uuid, u.name, k.body AS keyset, a.acl
             FROM vault_access a JOIN users u ON u.uuid = a.accessor_uuid JOIN keysets k ON k.user_uuid = u.uuid
             WHERE a.vault_uuid = $1 AND a.accessor_type = $2
             UNION ALL
             SELECT a.accessor_type, a.accessor_uuid, g.name, g.keyset, a.acl
             FROM vault_access a JOIN account_groups g ON g.uuid = a.accessor_uuid
             WHERE a.vault_uuid = $1 AND a.accessor_type = $3",
        )
        .bind(vault.as_str())
        .bind(AccessorType::User.as_str())
        .bind(AccessorType::Group.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Whether the user may create vaults.
    pub(crate) async fn can_create_vaults(&self, user: &UserId) -> Result<bool> {
        can_create_vaults(&self.durable.reader, user).await
    }

    /// Creates a vault with its accesses.
    pub(crate) async fn create_vault(&self, actor: &Actor, vault: &NewVault<'_>) -> Result<()> {
        let mut tx = self.write(actor).await?;
        if !can_create_vaults(&mut *tx, &actor.user).await? {
            return Err(Refusal::Forbidden(CREATE_VAULTS).into());
        }
        let own = vault.access.iter().find(|access| access.accessor_uuid == actor.user.as_str());
        if !own.is_some_and(|own| Rights(own.acl).may(MANAGE_VAULT)) {
            return Err(Refusal::impossible("access must let the vault's creator manage it").into());
        }
        insert_vault(&mut tx, vault, now()).await?;
        check_number(&mut tx, actor).await?;
        record(&mut tx, actor, Event::new(AuditAction::VaultCreate, vault.uuid.as_str())).await?;
        for access in &vault.access {
            check_accessor(&mut tx, actor, access).await?;
            Rights(ALL).check_grant(0, access.acl)?;
            insert_access(&mut tx, access).await?;
            let event = Event::new(AuditAction::VaultGrant, vault.uuid.as_str()).with(&access.accessor_uuid);
            record(&mut tx, actor, event.acl(access.acl)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Replaces the attributes.
    pub(crate) async fn update_vault(
        &self,
        actor: &Actor,
        vault: &VaultId,
        request: &UpdateVaultRequest,
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let managed = managed_vault(&mut tx, actor, vault).await?;
        if request.kind != managed.kind {
            return Err(Refusal::impossible("the type of a vault cannot be changed").into());
        }
        if managed.attr_version != request.attr_version || managed.key_id != request.enc_attrs.kid {
            return Err(Refusal::conflict("the vault has changed: read it again and retry").into());
        }
        sqlx::query(
            "UPDATE vaults SET enc_attrs = $1, updated_at = $2, attr_version = attr_version + 1 WHERE uuid = $3",
        )
        .bind(serde_json::to_string(&request.enc_attrs)?)
        .bind(now())
        .bind(vault.as_str())
        .execute(&mut *tx)
        .await?;
        record(&mut tx, actor, Event::new(AuditAction::VaultUpdate, vault.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// The vaults and Environments of an account that no active user manages, oldest first.
    pub(crate) async fn abandoned_vaults(&self, account: &str) -> Result<Vec<AbandonedRow>> {
        Ok(sqlx::query_as(concat!(
            "SELECT v.uuid, v.active_item_count, v.created_at, v.updated_at FROM vaults v WHERE v.account_uuid = $1 AND ",
            abandoned!(),
            " ORDER BY v.created_at, v.uuid"
        ))
        .bind(account)
        .bind(VaultType::UserCreated.as_str())
        .bind(VaultType::Environment.as_str())
        .bind(i64::from(MANAGE_VAULT))
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Deletes, for an owner of the account, a vault that no active user manages.
    pub(crate) async fn remove_abandoned_vault(&self, actor: &Actor, vault: &VaultId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_owner()?;
        let found = sqlx::query(concat!(
            "SELECT v.uuid FROM vaults v WHERE v.account_uuid = $1 AND v.uuid = $5 AND ",
            abandoned!()
        ))
        .bind(&actor.account)
        .bind(VaultType::UserCreated.as_str())
        .bind(VaultType::Environment.as_str())
        .bind(i64::from(MANAGE_VAULT))
        .bind(vault.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        if found.is_none() {
            return Err(Refusal::not_found(format!("vault `{vault}` that nobody manages")).into());
        }
        remove_vault(&mut tx, vault).await?;
        record(&mut tx, actor, Event::new(AuditAction::VaultRemove, vault.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a vault with everything in it.
    pub(crate) async fn delete_vault(&self, actor: &Actor, vault: &VaultId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        if managed_vault(&mut tx, actor, vault).await?.kind == VaultType::Personal {
            return Err(Refusal::impossible("a personal vault cannot be deleted while its owner exists").into());
        }
        remove_vault(&mut tx, vault).await?;
        record(&mut tx, actor, Event::new(AuditAction::VaultDelete, vault.as_str())).await?;
        Ok(tx.commit().await?)
    }
}

async fn can_create_vaults(database: impl Executor<'_, Database = Any>, user: &UserId) -> Result<bool> {
    let allowed: Option<i64> = sqlx::query_scalar("SELECT can_create_vaults FROM users WHERE uuid = $1 AND state = $2")
        .bind(user.as_str())
        .bind(UserState::Active.as_str())
        .fetch_optional(database)
        .await?;
    Ok(allowed.is_some_and(|flag| flag != 0))
}

/// Refuses more vaults than an account may have.
async fn check_number(tx: &mut Transaction<'_>, actor: &Actor) -> Result<()> {
    let count = sqlx::query_scalar("SELECT count(*) FROM vaults WHERE account_uuid = $1 AND type <> $2")
        .bind(&actor.account)
        .bind(VaultType::Personal.as_str())
        .fetch_one(&mut **tx)
        .await?;
    Ok(limits::VAULTS.check(count)?)
}

/// Removes a vault with everything in it. Shares of its items stay.
pub(super) async fn remove_vault(tx: &mut Transaction<'_>, vault: &VaultId) -> Result<()> {
    files::release_all(tx, vault, now()).await?;
    remove_put_aside(tx, vault).await?;
    for statement in [
        "DELETE FROM share_policies WHERE vault_uuid = $1",
        "DELETE FROM items WHERE vault_uuid = $1",
        "DELETE FROM vault_access WHERE vault_uuid = $1",
        "DELETE FROM vaults WHERE uuid = $1",
    ] {
        sqlx::query(statement).bind(vault.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Combines the rows of each vault, which are next to each other, to its first access with the permissions of all.
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

/// Creates the personal vault of a user. Nobody else has access except the recovery group, which may only recover it.
pub(super) async fn insert_personal_vault(
    tx: &mut Transaction<'_>,
    user: &NewUser<'_>,
    vault: &NewVault<'_>,
) -> Result<()> {
    let id = &user.sign_in.uuid;
    let recovery: Option<(String, String)> = sqlx::query_as(
        "SELECT uuid, keyset_uuid FROM account_groups WHERE account_uuid = $1 AND type = $2 AND state = $3",
    )
    .bind(&user.sign_in.account_uuid)
    .bind(GroupType::Recovery.as_str())
    .bind(GroupState::Active.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    insert_vault(tx, vault, now()).await?;
    let mut manages = false;
    for access in &vault.access {
        let keyset = match (access.accessor_type, &recovery) {
            (AccessorType::User, _) if access.accessor_uuid == id.as_str() && access.acl == ALL => {
                manages = true;
                &user.keyset.uuid
            }
            (AccessorType::Group, Some((group, keyset)))
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

const PERSONAL_ACCESS: &str = "a personal vault must give its owner all permissions, and may let the recovery group recover it; nobody else can have access";

async fn insert_vault(tx: &mut Transaction<'_>, vault: &NewVault<'_>, now: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO vaults (uuid, account_uuid, type, enc_attrs, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(vault.uuid.as_str())
    .bind(vault.account_uuid)
    .bind(vault.kind.as_str())
    .bind(serde_json::to_string(vault.enc_attrs)?)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
