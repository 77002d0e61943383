//! Who may do what in a vault, and how that changes.

use std::collections::HashSet;

use op_protocol::id::{UserId, VaultId};
use op_protocol::permissions::MANAGE_VAULT;
use op_protocol::rest::{AccessorType, AuditAction, GroupPermission, GroupState, GroupType, UserState, VaultType};
use serde::Deserialize;
use sqlx::{Any, Executor, FromRow};

use super::audit::{Actor, Event, record};
use super::rows::{AccessRow, NewAccess, access_columns};
use super::{Result, Store, Transaction, to_u32};
use crate::ids::IdText;
use crate::policy::account::{Role, Standing};
use crate::policy::permissions::Rights;
use crate::policy::refusal::Refusal;

/// A vault that its manager is changing. Nothing else changes it meanwhile.
pub(super) struct Managed {
    pub(super) rights: Rights,
    pub(super) kind: VaultType,
    pub(super) attr_version: u32,
    pub(super) access_version: u32,
    /// Serial number of the vault key.
    pub(super) key_sn: u32,
    /// Id of the vault key.
    pub(super) key_id: String,
}

impl Managed {
    /// Refuses to change who has access to a personal vault.
    fn check_shared(&self) -> Result<()> {
        if self.kind == VaultType::Personal {
            return Err(Refusal::impossible("a personal vault cannot be shared: only its owner has access").into());
        }
        Ok(())
    }

    /// Refuses an access to another vault key than the current one, which happens when the key was changed meanwhile.
    pub(super) fn check_key(&self, access: &NewAccess) -> Result<()> {
        if access.vault_key_sn != self.key_sn {
            return Err(Refusal::conflict("the vault's key has changed: read the vault again and retry").into());
        }
        Ok(())
    }

    /// Refuses a change of all accesses that builds on another version of the accesses.
    pub(super) fn check_access_version(&self, version: u32) -> Result<()> {
        if version != self.access_version {
            return Err(Refusal::conflict("the vault's accesses have changed: read the vault again and retry").into());
        }
        Ok(())
    }
}

/// An active user or group, for which keys may be wrapped.
pub(super) enum Accessor {
    User(Role),
    Group(GroupType),
}

impl Store {
    /// A user's standing in their account. None: there is no such active user.
    pub(crate) async fn standing(&self, user: &UserId) -> Result<Option<Standing>> {
        standing_of(&self.durable.reader, user).await
    }

    /// Gives access to a vault, and replaces an access that exists. Accesses of others may have changed since the
    /// caller read the vault: nothing that it read but the vault's key matters here.
    pub(crate) async fn grant_access(&self, actor: &Actor, vault: &VaultId, list: &[NewAccess]) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let managed = managed_vault(&mut tx, actor, vault).await?;
        managed.check_shared()?;
        for access in list {
            check_accessor(&mut tx, actor, access).await?;
            managed.check_key(access)?;
            let present = acl_of(&mut tx, vault, access.accessor_type, &access.accessor_uuid).await?;
            managed.rights.check_grant(present.unwrap_or(0), access.acl)?;
            delete_access(&mut tx, vault, access.accessor_type, &access.accessor_uuid).await?;
            insert_access(&mut tx, access).await?;
            let event = Event::new(AuditAction::VaultGrant, vault.as_str()).with(&access.accessor_uuid).acl(access.acl);
            record(&mut tx, actor, event).await?;
        }
        finish_access_change(&mut tx, vault).await?;
        Ok(tx.commit().await?)
    }

    /// Changes what groups may do in vaults that they have access to.
    pub(crate) async fn change_group_permissions(&self, actor: &Actor, list: &[GroupPermission]) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let mut vaults = HashSet::new();
        for change in list {
            let vault = VaultId::from_server(&change.vault_uuid);
            let managed = managed_vault(&mut tx, actor, &vault).await?;
            managed.check_shared()?;
            let present = acl_of(&mut tx, &vault, AccessorType::Group, &change.group_uuid).await?;
            let present = present.ok_or_else(|| {
                Refusal::not_found(format!("access of group `{}` to vault `{vault}`", change.group_uuid))
            })?;
            managed.rights.check_grant(present, change.permission)?;
            sqlx::query(
                "UPDATE vault_access SET acl = $1 WHERE vault_uuid = $2 AND accessor_type = $3 AND accessor_uuid = $4",
            )
            .bind(i64::from(change.permission))
            .bind(vault.as_str())
            .bind(AccessorType::Group.as_str())
            .bind(&change.group_uuid)
            .execute(&mut *tx)
            .await?;
            let event = Event::new(AuditAction::VaultChangeAccess, vault.as_str()).with(&change.group_uuid);
            record(&mut tx, actor, event.acl(change.permission)).await?;
            vaults.insert(vault);
        }
        // At the end, as an element may remove a manager whom a later one replaces.
        for vault in &vaults {
            finish_access_change(&mut tx, vault).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Ends a person's own access to a vault that others manage.
    pub(crate) async fn leave_vault(&self, actor: &Actor, vault: &VaultId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_person()?;
        let kind: Option<String> = sqlx::query_scalar(
            "SELECT v.type FROM user_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.user_uuid = $1 AND a.vault_uuid = $2 LIMIT 1",
        )
        .bind(actor.user.as_str())
        .bind(vault.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        let kind: VaultType = kind.ok_or_else(|| Refusal::not_found(format!("vault `{vault}`")))?.parse()?;
        if kind == VaultType::Personal {
            return Err(Refusal::impossible("a personal vault cannot be left: it is your own").into());
        }
        if !delete_access(&mut tx, vault, AccessorType::User, actor.user.as_str()).await? {
            let message = "your access comes through a group: ask whoever manages the vault or the group to end it";
            return Err(Refusal::impossible(message).into());
        }
        record(&mut tx, actor, Event::new(AuditAction::VaultLeave, vault.as_str())).await?;
        finish_access_change(&mut tx, vault).await?;
        Ok(tx.commit().await?)
    }

    /// Revokes somebody's access, and deletes the key that was wrapped for it.
    pub(crate) async fn revoke_access(
        &self,
        actor: &Actor,
        vault: &VaultId,
        kind: AccessorType,
        accessor: &str,
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        managed_vault(&mut tx, actor, vault).await?.check_shared()?;
        if !delete_access(&mut tx, vault, kind, accessor).await? {
            return Err(Refusal::not_found(format!("access of {kind} `{accessor}` to vault `{vault}`")).into());
        }
        record(&mut tx, actor, Event::new(AuditAction::VaultRevoke, vault.as_str()).with(accessor)).await?;
        finish_access_change(&mut tx, vault).await?;
        Ok(tx.commit().await?)
    }
}

async fn standing_of(database: impl Executor<'_, Database = Any>, user: &UserId) -> Result<Option<Standing>> {
    // A row for each active group of the user, or one without a group.
    let rows: Vec<(String, Option<String>)> = sqlx::query_as(
        "SELECT u.role, g.type FROM users u
         LEFT JOIN group_keys k ON k.holder_type = $2 AND k.holder_uuid = u.uuid
         LEFT JOIN account_groups g ON g.uuid = k.group_uuid AND g.state = $3
         WHERE u.uuid = $1 AND u.state = $4",
    )
    .bind(user.as_str())
    .bind(AccessorType::User.as_str())
    .bind(GroupState::Active.as_str())
    .bind(UserState::Active.as_str())
    .fetch_all(database)
    .await?;
    let Some((role, _)) = rows.first() else { return Ok(None) };
    let groups = rows.iter().filter_map(|(_, group)| group.as_ref().map(|kind| kind.parse()));
    Ok(Some(Standing::new(role.parse()?, groups.collect::<std::result::Result<Vec<_>, _>>()?)))
}

/// The standing of a user. Callers are checked too: a session may be older than its user's suspension.
pub(super) async fn standing(tx: &mut Transaction<'_>, user: &UserId) -> Result<Standing> {
    Ok(standing_of(&mut **tx, user).await?.ok_or(Refusal::Forbidden("an active user"))?)
}

/// The vault, if the actor manages it.
pub(super) async fn managed_vault(tx: &mut Transaction<'_>, actor: &Actor, vault: &VaultId) -> Result<Managed> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(rename = "type", try_from = "String")]
        kind: VaultType,
        enc_attrs: String,
        attr_version: i64,
        access_version: i64,
        acl: i64,
        vault_key_sn: i64,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT v.type, v.enc_attrs, v.attr_version, v.access_version, a.acl, a.vault_key_sn
         FROM user_access a JOIN vaults v ON v.uuid = a.vault_uuid WHERE a.user_uuid = $1 AND a.vault_uuid = $2",
    )
    .bind(actor.user.as_str())
    .bind(vault.as_str())
    .fetch_all(&mut **tx)
    .await?;
    let row = rows.first().ok_or_else(|| Refusal::not_found(format!("vault `{vault}`")))?;
    let rights = Rights(rows.iter().try_fold(0, |all, row| Ok::<_, super::StoreError>(all | to_u32(row.acl)?))?);
    rights.require(MANAGE_VAULT)?;
    Ok(Managed {
        rights,
        kind: row.kind,
        attr_version: to_u32(row.attr_version)?,
        access_version: to_u32(row.access_version)?,
        key_sn: to_u32(row.vault_key_sn)?,
        key_id: key_id(&row.enc_attrs)?,
    })
}

/// The id of the key that an envelope is sealed with. A vault's attributes are always sealed with its current key.
pub(super) fn key_id(envelope: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Key {
        kid: String,
    }
    Ok(serde_json::from_str::<Key>(envelope)?.kid)
}

/// The active user or group of this id in the account, and the id of its keyset.
pub(super) async fn accessor(
    tx: &mut Transaction<'_>,
    account: &str,
    kind: AccessorType,
    id: &str,
) -> Result<(Accessor, String)> {
    let (statement, active) = match kind {
        AccessorType::User => (
            "SELECT u.role, k.uuid FROM users u JOIN keysets k ON k.user_uuid = u.uuid
             WHERE u.account_uuid = $1 AND u.uuid = $2 AND u.state = $3",
            UserState::Active.as_str(),
        ),
        AccessorType::Group => (
            "SELECT type, keyset_uuid FROM account_groups WHERE account_uuid = $1 AND uuid = $2 AND state = $3",
            GroupState::Active.as_str(),
        ),
    };
    let found = sqlx::query_as(statement).bind(account).bind(id).bind(active).fetch_optional(&mut **tx).await?;
    let (standing, keyset): (String, String) =
        found.ok_or_else(|| Refusal::impossible(format!("there is no active {kind} `{id}` in this account")))?;
    let accessor = match kind {
        AccessorType::User => Accessor::User(standing.parse()?),
        AccessorType::Group => Accessor::Group(standing.parse()?),
    };
    Ok((accessor, keyset))
}

/// Refuses an access for anyone but an active person or group of the account, sealed for its keyset.
pub(super) async fn check_accessor(tx: &mut Transaction<'_>, actor: &Actor, access: &NewAccess) -> Result<()> {
    let (accessor, keyset) = accessor(tx, &actor.account, access.accessor_type, &access.accessor_uuid).await?;
    // A service account that creates a vault gets access to it.
    if matches!(accessor, Accessor::User(Role::Service)) && access.accessor_uuid != actor.user.as_str() {
        return Err(Refusal::impossible(
            "a service account's access cannot be changed: it is fixed when the service account is created",
        )
        .into());
    }
    check_sealed_for(&keyset, access)
}

pub(super) fn check_sealed_for(keyset: &str, access: &NewAccess) -> Result<()> {
    if access.encrypted_by == keyset && key_id(&access.enc_vault_key)? == keyset {
        return Ok(());
    }
    Err(Refusal::impossible("the vault key is not sealed for the accessor's active keyset").into())
}

async fn acl_of(tx: &mut Transaction<'_>, vault: &VaultId, kind: AccessorType, accessor: &str) -> Result<Option<u32>> {
    let acl: Option<i64> = sqlx::query_scalar(
        "SELECT acl FROM vault_access WHERE vault_uuid = $1 AND accessor_type = $2 AND accessor_uuid = $3",
    )
    .bind(vault.as_str())
    .bind(kind.as_str())
    .bind(accessor)
    .fetch_optional(&mut **tx)
    .await?;
    acl.map(to_u32).transpose()
}

pub(super) async fn insert_access(tx: &mut Transaction<'_>, access: &NewAccess) -> Result<()> {
    sqlx::query(
        "INSERT INTO vault_access (vault_uuid, accessor_type, accessor_uuid, acl, lease_timeout, vault_key_sn,
                                   encrypted_by, enc_vault_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(access.vault_uuid.as_str())
    .bind(access.accessor_type.as_str())
    .bind(&access.accessor_uuid)
    .bind(i64::from(access.acl))
    .bind(access.lease_timeout)
    .bind(i64::from(access.vault_key_sn))
    .bind(&access.encrypted_by)
    .bind(&access.enc_vault_key)
    .execute(&mut **tx)
    .await?;
    raise_access_version(tx, &access.vault_uuid).await
}

pub(super) async fn delete_access(
    tx: &mut Transaction<'_>,
    vault: &VaultId,
    kind: AccessorType,
    accessor: &str,
) -> Result<bool> {
    let done =
        sqlx::query("DELETE FROM vault_access WHERE vault_uuid = $1 AND accessor_type = $2 AND accessor_uuid = $3")
            .bind(vault.as_str())
            .bind(kind.as_str())
            .bind(accessor)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// The accesses of a user or a group, by vault.
pub(super) async fn accesses_of(
    tx: &mut Transaction<'_>,
    kind: AccessorType,
    accessor: &str,
) -> Result<Vec<AccessRow>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        access_columns!(),
        " FROM vault_access a WHERE a.accessor_type = $1 AND a.accessor_uuid = $2 ORDER BY a.vault_uuid"
    ))
    .bind(kind.as_str())
    .bind(accessor)
    .fetch_all(&mut **tx)
    .await?)
}

/// Revokes all accesses of a user or a group.
pub(super) async fn delete_accesses_of(tx: &mut Transaction<'_>, kind: AccessorType, accessor: &str) -> Result<()> {
    let vaults: Vec<IdText> = sqlx::query_scalar(
        "DELETE FROM vault_access WHERE accessor_type = $1 AND accessor_uuid = $2 RETURNING vault_uuid",
    )
    .bind(kind.as_str())
    .bind(accessor)
    .fetch_all(&mut **tx)
    .await?;
    for vault in vaults {
        raise_access_version(tx, &vault.into()).await?;
    }
    Ok(())
}

pub(super) async fn raise_access_version(tx: &mut Transaction<'_>, vault: &VaultId) -> Result<()> {
    sqlx::query("UPDATE vaults SET access_version = access_version + 1 WHERE uuid = $1")
        .bind(vault.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Ends a change of a vault's accesses. Refuses it if nobody manages the vault any more.
async fn finish_access_change(tx: &mut Transaction<'_>, vault: &VaultId) -> Result<()> {
    raise_access_version(tx, vault).await?;
    let manager: Option<i64> =
        sqlx::query_scalar("SELECT acl FROM user_access WHERE vault_uuid = $1 AND acl & $2 <> 0 LIMIT 1")
            .bind(vault.as_str())
            .bind(i64::from(MANAGE_VAULT))
            .fetch_optional(&mut **tx)
            .await?;
    if manager.is_some() { Ok(()) } else { Err(Refusal::impossible(LAST_MANAGER).into()) }
}

pub(super) const LAST_MANAGER: &str = "a vault must keep one manager: let somebody else manage it first";
