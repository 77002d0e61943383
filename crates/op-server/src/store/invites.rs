//! Invites: how people join an account.

use op_protocol::id::{InviteId, UserId};
use op_protocol::rest::AuditAction;
use subtle::ConstantTimeEq;

use super::access::standing;
use super::accounts::insert_user;
use super::audit::{Actor, Event, record};
use super::recovery::require_recoverable;
use super::rows::{InviteRow, NewInvite, NewUser, NewVault};
use super::vaults::insert_personal_vault;
use super::{Result, Store, StoreError};
use crate::ids::IdText;
use crate::policy::limits;
use crate::policy::refusal::Refusal;
use crate::system::now;

macro_rules! invite_query {
    ($which:literal) => {
        concat!(
            "SELECT uuid, account_uuid, email, name, secret_hash, creator_uuid, created_at, expires_at, user_uuid, accepted
             FROM invites WHERE ",
            $which
        )
    };
}

impl Store {
    /// The invites of an account that have not expired, newest first.
    pub(crate) async fn invites(&self, account: &str) -> Result<Vec<InviteRow>> {
        Ok(sqlx::query_as(invite_query!("account_uuid = $1 AND expires_at > $2 ORDER BY created_at DESC, uuid"))
            .bind(account)
            .bind(now())
            .fetch_all(&self.durable.reader)
            .await?)
    }

    /// The invite of this id, if it can still be accepted and its secret has this hash.
    pub(crate) async fn opened_invite(&self, invite: &InviteId, secret_hash: &[u8]) -> Result<InviteRow> {
        let row: Option<InviteRow> =
            sqlx::query_as(invite_query!("uuid = $1 AND expires_at > $2 AND accepted IS NULL"))
                .bind(invite.as_str())
                .bind(now())
                .fetch_optional(&self.durable.reader)
                .await?;
        let row = row.filter(|row| bool::from(row.secret_hash.ct_eq(secret_hash)));
        row.ok_or_else(|| Refusal::not_found("invite, or it has expired, was used, or has another secret").into())
    }

    /// Creates an invite. It replaces an earlier one for the same address.
    pub(crate) async fn create_invite(&self, actor: &Actor, invite: &NewInvite<'_>) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        let known: Option<IdText> = sqlx::query_scalar("SELECT uuid FROM users WHERE email = $1")
            .bind(invite.email)
            .fetch_optional(&mut *tx)
            .await?;
        match (known.map(UserId::from), &invite.user) {
            (None, None) => {}
            (Some(known), Some(user)) if known == *user => require_recoverable(&mut tx, actor, user).await?,
            (_, None) => return Err(StoreError::Duplicate),
            (_, Some(_)) => return Err(Refusal::not_found("person with this e-mail address in this account").into()),
        }
        sqlx::query("DELETE FROM invites WHERE account_uuid = $1 AND email = $2")
            .bind(&actor.account)
            .bind(invite.email)
            .execute(&mut *tx)
            .await?;
        let user = invite.user.as_ref().map(UserId::as_str);
        sqlx::query(
            "INSERT INTO invites (uuid, account_uuid, email, name, secret_hash, creator_uuid, created_at, expires_at, user_uuid)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(invite.uuid.as_str())
        .bind(&actor.account)
        .bind(invite.email)
        .bind(invite.name)
        .bind(invite.secret_hash)
        .bind(actor.user.as_str())
        .bind(now())
        .bind(invite.expires_at)
        .bind(user)
        .execute(&mut *tx)
        .await?;
        let open = sqlx::query_scalar("SELECT count(*) FROM invites WHERE account_uuid = $1 AND expires_at > $2")
            .bind(&actor.account)
            .bind(now())
            .fetch_one(&mut *tx)
            .await?;
        limits::INVITES.check(open)?;
        let event = Event { other: user, ..Event::new(AuditAction::InviteCreate, invite.uuid.as_str()) };
        record(&mut tx, actor, event).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes an invite.
    pub(crate) async fn delete_invite(&self, actor: &Actor, invite: &InviteId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        let done = sqlx::query("DELETE FROM invites WHERE uuid = $1 AND account_uuid = $2")
            .bind(invite.as_str())
            .bind(&actor.account)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(Refusal::not_found("invite").into());
        }
        record(&mut tx, actor, Event::new(AuditAction::InviteDelete, invite.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Creates the invited person with their personal vault. They wait for confirmation, and the invite is used up.
    pub(crate) async fn accept_invite(
        &self,
        actor: &Actor,
        invite: &InviteRow,
        user: &NewUser<'_>,
        vault: &NewVault<'_>,
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let done = sqlx::query("DELETE FROM invites WHERE uuid = $1").bind(&invite.uuid).execute(&mut *tx).await?;
        if done.rows_affected() != 1 {
            return Err(Refusal::conflict("the invite has already been used").into());
        }
        insert_user(&mut tx, user, now()).await?;
        insert_personal_vault(&mut tx, user, vault).await?;
        record(&mut tx, actor, Event::new(AuditAction::InviteAccept, &invite.uuid).with(user.sign_in.uuid.as_str()))
            .await?;
        Ok(tx.commit().await?)
    }
}
