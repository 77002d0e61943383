//! The people of an account.

use op_protocol::keyset::Keyset;
use op_protocol::rest::{
    AuditAction, ChangePasswordRequest, GroupKey, accessor_type, group_state, group_type, user_state,
};

use super::access::{accesses_of, standing};
use super::audit::{Actor, Event, record};
use super::groups::insert_team_key;
use super::rows::{UserAccessRow, UserRow, access_columns};
use super::vaults::remove_vault;
use super::{Result, Store, Transaction};
use crate::policy::account::role;
use crate::policy::refusal::Refusal;

impl Store {
    /// The people of an account, by age.
    pub(crate) async fn users(&self, account: &str) -> Result<Vec<UserRow>> {
        Ok(sqlx::query_as(
            "SELECT u.uuid, u.email, u.name, u.state, u.created_at, k.body AS keyset
             FROM users u JOIN keysets k ON k.user_uuid = u.uuid
             WHERE u.account_uuid = $1 AND u.role <> $2 ORDER BY u.created_at, u.uuid",
        )
        .bind(account)
        .bind(role::SERVICE)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// The members of an account's active groups, as pairs of user and group.
    pub(crate) async fn memberships(&self, account: &str) -> Result<Vec<(String, String)>> {
        Ok(sqlx::query_as(
            "SELECT k.holder_uuid, k.group_uuid FROM account_groups g JOIN group_keys k ON k.group_uuid = g.uuid
             WHERE g.account_uuid = $1 AND g.state = $2 AND k.holder_type = $3 ORDER BY g.created_at, g.uuid",
        )
        .bind(account)
        .bind(group_state::ACTIVE)
        .bind(accessor_type::USER)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Every access of an active user of the account, by vault.
    pub(crate) async fn user_accesses(&self, account: &str, user: &str) -> Result<Vec<UserAccessRow>> {
        Ok(sqlx::query_as(concat!(
            "SELECT v.type, ",
            access_columns!(),
            " FROM user_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.user_uuid = $1 AND v.account_uuid = $2 ORDER BY a.vault_uuid, a.accessor_type DESC, a.accessor_uuid"
        ))
        .bind(user)
        .bind(account)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Confirms a person who accepted an invite, and gives them the team members' key.
    pub(crate) async fn confirm_user(&self, actor: &Actor, user: &str, keys: &[GroupKey]) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        if person_state(&mut tx, actor, user).await? != user_state::PENDING {
            return Err(Refusal::conflict(
                "this person is not waiting for confirmation: an invited person has to join first, and is confirmed once",
            )
            .into());
        }
        insert_team_key(&mut tx, actor, user, keys).await?;
        set_state(&mut tx, user, user_state::ACTIVE).await?;
        record(&mut tx, actor, Event::new(AuditAction::UserConfirm, user)).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a person who is waiting for confirmation, with their personal vault. The address can be invited again.
    pub(crate) async fn reject_user(&self, actor: &Actor, user: &str) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        if person_state(&mut tx, actor, user).await? != user_state::PENDING {
            return Err(Refusal::conflict(
                "this person is not waiting for confirmation: an invited person has to join first, and is confirmed once",
            )
            .into());
        }
        for access in accesses_of(&mut tx, accessor_type::USER, user).await? {
            remove_vault(&mut tx, &access.vault_uuid).await?;
        }
        for statement in ["DELETE FROM keysets WHERE user_uuid = $1", "DELETE FROM users WHERE uuid = $1"] {
            sqlx::query(statement).bind(user).execute(&mut *tx).await?;
        }
        record(&mut tx, actor, Event::new(AuditAction::UserReject, user)).await?;
        Ok(tx.commit().await?)
    }

    /// Stops a person from signing in, and ends their sessions.
    pub(crate) async fn suspend_user(&self, actor: &Actor, user: &str) -> Result<()> {
        if user == actor.user {
            return Err(Refusal::impossible("you cannot suspend yourself: ask another administrator").into());
        }
        let mut tx = self.write(&actor.account).await?;
        require_power_over(&mut tx, actor, user).await?;
        set_state(&mut tx, user, user_state::SUSPENDED).await?;
        record(&mut tx, actor, Event::new(AuditAction::UserSuspend, user)).await?;
        tx.commit().await?;
        // Sessions are in another database. If this process dies here, they still reach no vault: only active users
        // have access to vaults.
        self.end_sessions(user, None).await
    }

    /// Lets a suspended person sign in again.
    pub(crate) async fn reactivate_user(&self, actor: &Actor, user: &str) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        if require_power_over(&mut tx, actor, user).await? != user_state::SUSPENDED {
            return Err(Refusal::conflict("this person is not suspended: there is nothing to reactivate").into());
        }
        set_state(&mut tx, user, user_state::ACTIVE).await?;
        record(&mut tx, actor, Event::new(AuditAction::UserReactivate, user)).await?;
        Ok(tx.commit().await?)
    }

    /// Replaces what a person signs in with, and the seal of their primary keyset. `salt` is decoded.
    pub(crate) async fn change_credentials(
        &self,
        actor: &Actor,
        request: &ChangePasswordRequest,
        salt: &[u8],
    ) -> Result<()> {
        let mut tx = self.write(&actor.account).await?;
        standing(&mut tx, &actor.user).await?.require_person()?;
        let body: Option<String> = sqlx::query_scalar("SELECT body FROM keysets WHERE user_uuid = $1 AND uuid = $2")
            .bind(&actor.user)
            .bind(&request.keyset_uuid)
            .fetch_optional(&mut *tx)
            .await?;
        let mut keyset: Keyset = serde_json::from_str(&body.ok_or_else(|| Refusal::not_found("keyset of this user"))?)?;
        keyset.enc_sym_key = request.enc_sym_key.clone();
        sqlx::query("UPDATE keysets SET body = $1 WHERE uuid = $2")
            .bind(serde_json::to_string(&keyset)?)
            .bind(&keyset.uuid)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "UPDATE users SET verifier = $1, salt = $2, iterations = $3, method = $4, alg = $5, secret_key_id = $6
             WHERE uuid = $7",
        )
        .bind(&request.verifier)
        .bind(salt)
        .bind(i64::from(request.iterations))
        .bind(&request.method)
        .bind(&request.alg)
        .bind(request.secret_key_id.to_ascii_uppercase())
        .bind(&actor.user)
        .execute(&mut *tx)
        .await?;
        record(&mut tx, actor, Event::new(AuditAction::UserChangePassword, &actor.user)).await?;
        Ok(tx.commit().await?)
    }
}

/// Refuses an actor who may not suspend or recover this person, and returns the person's state. Administrators may, but
/// only owners may do it to an owner.
pub(super) async fn require_power_over(tx: &mut Transaction<'_>, actor: &Actor, user: &str) -> Result<String> {
    let own = standing(tx, &actor.user).await?;
    own.require_administrator()?;
    let state = person_state(tx, actor, user).await?;
    if state == user_state::PENDING {
        return Err(Refusal::conflict("this person is waiting for confirmation: confirm or reject them").into());
    }
    let owns: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM users u WHERE u.uuid = $1 AND (u.role = $2 OR EXISTS (
             SELECT 1 FROM group_keys k JOIN account_groups g ON g.uuid = k.group_uuid
             WHERE k.holder_type = $3 AND k.holder_uuid = u.uuid AND g.type = $4))",
    )
    .bind(user)
    .bind(role::OWNER)
    .bind(accessor_type::USER)
    .bind(group_type::OWNERS)
    .fetch_one(&mut **tx)
    .await?;
    if owns > 0 {
        own.require_owner()?;
    }
    Ok(state)
}

async fn person_state(tx: &mut Transaction<'_>, actor: &Actor, user: &str) -> Result<String> {
    let state: Option<String> =
        sqlx::query_scalar("SELECT state FROM users WHERE uuid = $1 AND account_uuid = $2 AND role <> $3")
            .bind(user)
            .bind(&actor.account)
            .bind(role::SERVICE)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(state.ok_or_else(|| Refusal::not_found("person in this account"))?)
}

async fn set_state(tx: &mut Transaction<'_>, user: &str, state: &str) -> Result<()> {
    sqlx::query("UPDATE users SET state = $1 WHERE uuid = $2").bind(state).bind(user).execute(&mut **tx).await?;
    Ok(())
}
