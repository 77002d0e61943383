//! The people of an account.

use op_protocol::id::UserId;
use op_protocol::keyset::Keyset;
use op_protocol::rest::{AccessorType, AuditAction, ChangePasswordRequest, GroupKey, GroupState, GroupType, UserState};

use super::access::{accesses_of, standing};
use super::audit::{Actor, Event, record};
use super::groups::insert_team_key;
use super::rows::{MembershipRow, UserAccessRow, UserRow, access_columns};
use super::shares::revoke_shares_of;
use super::vaults::remove_vault;
use super::{Result, Store, Transaction};
use crate::policy::account::Role;
use crate::policy::refusal::Refusal;
use crate::system::now;

impl Store {
    /// The people of an account, by age.
    pub(crate) async fn users(&self, account: &str) -> Result<Vec<UserRow>> {
        Ok(sqlx::query_as(
            "SELECT u.uuid, u.email, u.name, u.state, u.created_at, k.body AS keyset
             FROM users u JOIN keysets k ON k.user_uuid = u.uuid
             WHERE u.account_uuid = $1 AND u.role <> $2 ORDER BY u.created_at, u.uuid",
        )
        .bind(account)
        .bind(Role::Service.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// The members of an account's active groups.
    pub(crate) async fn memberships(&self, account: &str) -> Result<Vec<MembershipRow>> {
        Ok(sqlx::query_as(
            "SELECT k.holder_uuid, k.group_uuid FROM account_groups g JOIN group_keys k ON k.group_uuid = g.uuid
             WHERE g.account_uuid = $1 AND g.state = $2 AND k.holder_type = $3 ORDER BY g.created_at, g.uuid",
        )
        .bind(account)
        .bind(GroupState::Active.as_str())
        .bind(AccessorType::User.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Every access of an active user of the account, by vault.
    pub(crate) async fn user_accesses(&self, account: &str, user: &UserId) -> Result<Vec<UserAccessRow>> {
        Ok(sqlx::query_as(concat!(
            "SELECT v.type, ",
            access_columns!(),
            " FROM user_access a JOIN vaults v ON v.uuid = a.vault_uuid
             WHERE a.user_uuid = $1 AND v.account_uuid = $2 ORDER BY a.vault_uuid, a.accessor_type DESC, a.accessor_uuid"
        ))
        .bind(user.as_str())
        .bind(account)
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// Confirms a person who accepted an invite, and gives them the team members' key.
    pub(crate) async fn confirm_user(&self, actor: &Actor, user: &UserId, keys: &[GroupKey]) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        if person_state(&mut tx, actor, user).await? != UserState::Pending {
            return Err(Refusal::conflict(
                "this person is not waiting for confirmation: an invited person has to join first, and is confirmed once",
            )
            .into());
        }
        insert_team_key(&mut tx, actor, user, keys).await?;
        set_state(&mut tx, user, UserState::Active).await?;
        record(&mut tx, actor, Event::new(AuditAction::UserConfirm, user.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a person who is waiting for confirmation, with their personal vault. The address can be invited again.
    pub(crate) async fn reject_user(&self, actor: &Actor, user: &UserId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        if person_state(&mut tx, actor, user).await? != UserState::Pending {
            return Err(Refusal::conflict(
                "this person is not waiting for confirmation: an invited person has to join first, and is confirmed once",
            )
            .into());
        }
        for access in accesses_of(&mut tx, AccessorType::User, user.as_str()).await? {
            remove_vault(&mut tx, &access.vault_uuid).await?;
        }
        for statement in ["DELETE FROM keysets WHERE user_uuid = $1", "DELETE FROM users WHERE uuid = $1"] {
            sqlx::query(statement).bind(user.as_str()).execute(&mut *tx).await?;
        }
        record(&mut tx, actor, Event::new(AuditAction::UserReject, user.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Stops a person from signing in, and ends their sessions and shares.
    pub(crate) async fn suspend_user(&self, actor: &Actor, user: &UserId) -> Result<()> {
        if *user == actor.user {
            return Err(Refusal::impossible("you cannot suspend yourself: ask another administrator").into());
        }
        let mut tx = self.write(actor).await?;
        require_power_over(&mut tx, actor, user).await?;
        set_state(&mut tx, user, UserState::Suspended).await?;
        revoke_shares_of(&mut tx, actor, user, now()).await?;
        record(&mut tx, actor, Event::new(AuditAction::UserSuspend, user.as_str())).await?;
        tx.commit().await?;
        // Sessions are in another database. If this process dies here, they still reach no vault: only active users
        // have access to vaults.
        self.end_sessions(user, None).await
    }

    /// Lets a suspended person sign in again.
    pub(crate) async fn reactivate_user(&self, actor: &Actor, user: &UserId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        if require_power_over(&mut tx, actor, user).await? != UserState::Suspended {
            return Err(Refusal::conflict("this person is not suspended: there is nothing to reactivate").into());
        }
        set_state(&mut tx, user, UserState::Active).await?;
        record(&mut tx, actor, Event::new(AuditAction::UserReactivate, user.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Replaces what a person signs in with, and the seal of their primary keyset. `salt` is decoded.
    pub(crate) async fn change_credentials(
        &self,
        actor: &Actor,
        request: &ChangePasswordRequest,
        salt: &[u8],
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_person()?;
        let body: Option<String> = sqlx::query_scalar("SELECT body FROM keysets WHERE user_uuid = $1 AND uuid = $2")
            .bind(actor.user.as_str())
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
        .bind(actor.user.as_str())
        .execute(&mut *tx)
        .await?;
        record(&mut tx, actor, Event::new(AuditAction::UserChangePassword, actor.user.as_str())).await?;
        Ok(tx.commit().await?)
    }
}

/// Refuses an actor who may not suspend or recover this person, and returns the person's state. Administrators may, but
/// only owners may do it to an owner.
pub(super) async fn require_power_over(tx: &mut Transaction<'_>, actor: &Actor, user: &UserId) -> Result<UserState> {
    let own = standing(tx, &actor.user).await?;
    own.require_administrator()?;
    let state = person_state(tx, actor, user).await?;
    if state == UserState::Pending {
        return Err(Refusal::conflict("this person is waiting for confirmation: confirm or reject them").into());
    }
    let owns: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM users u WHERE u.uuid = $1 AND (u.role = $2 OR EXISTS (
             SELECT 1 FROM group_keys k JOIN account_groups g ON g.uuid = k.group_uuid
             WHERE k.holder_type = $3 AND k.holder_uuid = u.uuid AND g.type = $4))",
    )
    .bind(user.as_str())
    .bind(Role::Owner.as_str())
    .bind(AccessorType::User.as_str())
    .bind(GroupType::Owners.as_str())
    .fetch_one(&mut **tx)
    .await?;
    if owns > 0 {
        own.require_owner()?;
    }
    Ok(state)
}

async fn person_state(tx: &mut Transaction<'_>, actor: &Actor, user: &UserId) -> Result<UserState> {
    let state: Option<String> =
        sqlx::query_scalar("SELECT state FROM users WHERE uuid = $1 AND account_uuid = $2 AND role <> $3")
            .bind(user.as_str())
            .bind(&actor.account)
            .bind(Role::Service.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(state.ok_or_else(|| Refusal::not_found("person in this account"))?.parse()?)
}

async fn set_state(tx: &mut Transaction<'_>, user: &UserId, state: UserState) -> Result<()> {
    sqlx::query("UPDATE users SET state = $1 WHERE uuid = $2")
        .bind(state.as_str())
        .bind(user.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
