//! Service accounts: users for programs, whose access is fixed when they are made.

use op_protocol::rest::{user_state, vault_type};
use sqlx::FromRow;

use super::access::{check_sealed_for, insert_access, managed_vault, raise_access_version, standing};
use super::accounts::{NewUser, insert_user};
use super::audit::{Actor, Event, record};
use super::new_keys::replace_keys;
use super::vaults::{AccessRow, NewAccess};
use super::{Result, Store, Transaction};
use crate::policy::refusal::Refusal;
use crate::system::now;

/// Vaults that no program gets access to.
const PERSONAL: [&str; 3] = [vault_type::PERSONAL, vault_type::EVERYONE, vault_type::TRANSFER];

/// A stored service account.
#[derive(FromRow)]
pub(crate) struct ServiceAccountRow {
    pub(crate) uuid: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) can_create_vaults: i64,
    pub(crate) created_at: i64,
}

impl Store {
    /// The service accounts of an account, by age; revoked ones too.
    pub(crate) async fn service_accounts(&self, account: &str) -> Result<Vec<ServiceAccountRow>> {
        Ok(sqlx::query_as(
            "SELECT uuid, email, name, state, can_create_vaults, created_at FROM users
             WHERE account_uuid = $1 AND role = 'service' ORDER BY created_at, uuid",
        )
        .bind(account)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// What the service accounts of an account have access to.
    pub(crate) async fn service_account_accesses(&self, account: &str) -> Result<Vec<AccessRow>> {
        Ok(sqlx::query_as(
            "SELECT a.* FROM users u JOIN vault_access a ON a.accessor_uuid = u.uuid AND a.accessor_type = 'user'
             WHERE u.account_uuid = $1 AND u.role = 'service' ORDER BY a.vault_uuid",
        )
        .bind(account)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Makes a service account with access to vaults that the actor manages.
    pub(crate) async fn create_service_account(
        &self,
        actor: &Actor,
        user: &NewUser<'_>,
        grants: &[NewAccess],
    ) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        insert_user(&mut tx, user, now()).await?;
        record(&mut tx, actor, Event::new("service-account.create", &user.sign_in.uuid)).await?;
        for grant in grants {
            let vault = &grant.vault_uuid;
            let managed = managed_vault(&mut tx, actor, vault).await?;
            if PERSONAL.contains(&managed.kind.as_str()) {
                let message = "service accounts have no access to personal, everyone's and transfer vaults";
                return Err(Refusal::impossible(message).into());
            }
            managed.rights.check_grant(0, grant.acl)?;
            managed.check_key(grant)?;
            check_sealed_for(&user.keyset.uuid, grant)?;
            insert_access(&mut tx, grant).await?;
            let event = Event::new("vault.grant", vault).with(&user.sign_in.uuid).acl(grant.acl);
            record(&mut tx, actor, event).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Gives a service account new secrets and keys; what it may do stays the same.
    pub(crate) async fn rotate_service_account(
        &self,
        actor: &Actor,
        user: &NewUser<'_>,
        grants: &[NewAccess],
    ) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        let sign_in = &user.sign_in;
        require_service_account(&mut tx, actor, &sign_in.uuid).await?;
        for grant in grants {
            managed_vault(&mut tx, actor, &grant.vault_uuid).await?;
        }
        replace_keys(&mut tx, user, grants).await?;
        record(&mut tx, actor, Event::new("service-account.rotate", &sign_in.uuid)).await?;
        self.commit_new_keys(tx, &sign_in.uuid).await
    }

    /// Ends a service account: its token stops working, its access and its keys go. Its id stays, as items name it.
    pub(crate) async fn revoke_service_account(&self, actor: &Actor, user: &str) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        require_service_account(&mut tx, actor, user).await?;
        for vault in vaults_of(&mut tx, user).await? {
            raise_access_version(&mut tx, &vault).await?;
        }
        for statement in [
            "DELETE FROM vault_access WHERE accessor_type = 'user' AND accessor_uuid = $1",
            "DELETE FROM keysets WHERE user_uuid = $1",
        ] {
            sqlx::query(statement).bind(user).execute(&mut *tx).await?;
        }
        sqlx::query("UPDATE users SET state = $1 WHERE uuid = $2")
            .bind(user_state::DELETED)
            .bind(user)
            .execute(&mut *tx)
            .await?;
        record(&mut tx, actor, Event::new("service-account.revoke", user)).await?;
        tx.commit().await?;
        self.end_sessions(user, None).await
    }
}

async fn require_service_account(tx: &mut Transaction<'_>, actor: &Actor, user: &str) -> Result<()> {
    let state: Option<String> = sqlx::query_scalar(
        "SELECT state FROM users WHERE uuid = $1 AND account_uuid = $2 AND role = 'service' AND state = 'A'",
    )
    .bind(user)
    .bind(&actor.account)
    .fetch_optional(&mut **tx)
    .await?;
    if state.is_some() { Ok(()) } else { Err(Refusal::not_found("service account").into()) }
}

async fn vaults_of(tx: &mut Transaction<'_>, user: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar("SELECT vault_uuid FROM vault_access WHERE accessor_type = 'user' AND accessor_uuid = $1")
        .bind(user)
        .fetch_all(&mut **tx)
        .await?)
}
