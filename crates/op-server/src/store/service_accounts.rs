//! Service accounts: users for programs, whose access is fixed when they are created.

use op_protocol::id::UserId;
use op_protocol::rest::{AccessorType, AuditAction, UserState, VaultType};

use super::access::{check_sealed_for, delete_accesses_of, insert_access, managed_vault, standing};
use super::accounts::insert_user;
use super::audit::{Actor, Event, record};
use super::new_keys::replace_keys;
use super::rows::{AccessRow, NewAccess, NewUser, ServiceAccountRow, access_columns};
use super::shares::revoke_shares_of;
use super::{Result, Store, Transaction};
use crate::policy::account::Role;
use crate::policy::limits;
use crate::policy::refusal::Refusal;
use crate::system::now;

/// Types of vaults that service accounts cannot have access to.
const PERSONAL: [VaultType; 3] = [VaultType::Personal, VaultType::Everyone, VaultType::Transfer];

impl Store {
    /// The service accounts of an account, by age; revoked ones too.
    pub(crate) async fn service_accounts(&self, account: &str) -> Result<Vec<ServiceAccountRow>> {
        Ok(sqlx::query_as(
            "SELECT uuid, email, name, state, can_create_vaults, created_at FROM users
             WHERE account_uuid = $1 AND role = $2 ORDER BY created_at, uuid",
        )
        .bind(account)
        .bind(Role::Service.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// What the service accounts of an account have access to.
    pub(crate) async fn service_account_accesses(&self, account: &str) -> Result<Vec<AccessRow>> {
        Ok(sqlx::query_as(concat!(
            "SELECT ",
            access_columns!(),
            " FROM users u JOIN vault_access a ON a.accessor_uuid = u.uuid AND a.accessor_type = $2
             WHERE u.account_uuid = $1 AND u.role = $3 ORDER BY a.vault_uuid"
        ))
        .bind(account)
        .bind(AccessorType::User.as_str())
        .bind(Role::Service.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Creates a service account with access to vaults that the actor manages.
    pub(crate) async fn create_service_account(
        &self,
        actor: &Actor,
        user: &NewUser<'_>,
        grants: &[NewAccess],
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        insert_user(&mut tx, user, now()).await?;
        let count =
            sqlx::query_scalar("SELECT count(*) FROM users WHERE account_uuid = $1 AND role = $2 AND state = $3")
                .bind(&actor.account)
                .bind(Role::Service.as_str())
                .bind(UserState::Active.as_str())
                .fetch_one(&mut *tx)
                .await?;
        limits::SERVICE_ACCOUNTS.check(count)?;
        record(&mut tx, actor, Event::new(AuditAction::ServiceAccountCreate, user.sign_in.uuid.as_str())).await?;
        for grant in grants {
            let vault = &grant.vault_uuid;
            let managed = managed_vault(&mut tx, actor, vault).await?;
            if PERSONAL.contains(&managed.kind) {
                let message = "service accounts cannot have access to personal, everyone's or transfer vaults";
                return Err(Refusal::impossible(message).into());
            }
            managed.rights.check_grant(0, grant.acl)?;
            managed.check_key(grant)?;
            check_sealed_for(&user.keyset.uuid, grant)?;
            insert_access(&mut tx, grant).await?;
            let event =
                Event::new(AuditAction::VaultGrant, vault.as_str()).with(user.sign_in.uuid.as_str()).acl(grant.acl);
            record(&mut tx, actor, event).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Replaces a service account's secrets and keys. Its permissions stay the same.
    pub(crate) async fn rotate_service_account(
        &self,
        actor: &Actor,
        user: &NewUser<'_>,
        grants: &[NewAccess],
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        let sign_in = &user.sign_in;
        require_service_account(&mut tx, actor, &sign_in.uuid).await?;
        // Whoever rotates a service account gets its new token, and so what it may do.
        for grant in grants {
            managed_vault(&mut tx, actor, &grant.vault_uuid).await?.rights.check_grant(0, grant.acl)?;
        }
        replace_keys(&mut tx, user, grants).await?;
        record(&mut tx, actor, Event::new(AuditAction::ServiceAccountRotate, sign_in.uuid.as_str())).await?;
        self.commit_new_keys(tx, &sign_in.uuid).await
    }

    /// Revokes a service account: its token stops working, its access and keys are deleted, its shares end. Its row stays, as items
    /// name it.
    pub(crate) async fn revoke_service_account(&self, actor: &Actor, user: &UserId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        require_service_account(&mut tx, actor, user).await?;
        delete_accesses_of(&mut tx, AccessorType::User, user.as_str()).await?;
        revoke_shares_of(&mut tx, actor, user, now()).await?;
        sqlx::query("DELETE FROM keysets WHERE user_uuid = $1").bind(user.as_str()).execute(&mut *tx).await?;
        sqlx::query("UPDATE users SET state = $1 WHERE uuid = $2")
            .bind(UserState::Deleted.as_str())
            .bind(user.as_str())
            .execute(&mut *tx)
            .await?;
        record(&mut tx, actor, Event::new(AuditAction::ServiceAccountRevoke, user.as_str())).await?;
        tx.commit().await?;
        self.end_sessions(user, None).await
    }
}

async fn require_service_account(tx: &mut Transaction<'_>, actor: &Actor, user: &UserId) -> Result<()> {
    let state: Option<String> = sqlx::query_scalar(
        "SELECT state FROM users WHERE uuid = $1 AND account_uuid = $2 AND role = $3 AND state = $4",
    )
    .bind(user.as_str())
    .bind(&actor.account)
    .bind(Role::Service.as_str())
    .bind(UserState::Active.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    if state.is_some() { Ok(()) } else { Err(Refusal::not_found("service account").into()) }
}
