//! Accounts, the users in them, and their keysets.

use op_protocol::id::UserId;
use op_protocol::keyset::Keyset;
use op_protocol::rest::{AuditAction, NewGroup};

use super::audit::{Actor, Event, record};
use super::groups::insert_account_groups;
use super::rows::{NewAccount, NewUser, NewVault, Profile, SignIn};
use super::vaults::insert_personal_vault;
use super::{Result, Store, Transaction};
use crate::system::now;

macro_rules! sign_in_query {
    ($which:literal) => {
        concat!(
            "SELECT uuid, account_uuid, role, email, method, alg, iterations, salt, secret_key_id, verifier, state
             FROM users WHERE ",
            $which
        )
    };
}

impl Store {
    /// The user of a lower-case e-mail address.
    pub(crate) async fn sign_in_by_email(&self, email: &str) -> Result<Option<SignIn>> {
        Ok(sqlx::query_as(sign_in_query!("email = $1")).bind(email).fetch_optional(&self.durable.reader).await?)
    }

    /// The user of this id.
    pub(crate) async fn sign_in_by_user(&self, user: &UserId) -> Result<Option<SignIn>> {
        Ok(sqlx::query_as(sign_in_query!("uuid = $1")).bind(user.as_str()).fetch_optional(&self.durable.reader).await?)
    }

    /// Creates an account with its first user, its groups, and the user's personal vault.
    pub(crate) async fn create_account(
        &self,
        actor: &Actor,
        account: &NewAccount<'_>,
        owner: &NewUser<'_>,
        groups: &[NewGroup],
        vault: Option<&NewVault<'_>>,
    ) -> Result<()> {
        let mut tx = self.lock(account.uuid).await?;
        sqlx::query("INSERT INTO accounts (uuid, name, domain, created_at) VALUES ($1, $2, $3, $4)")
            .bind(account.uuid)
            .bind(account.name)
            .bind(account.domain)
            .bind(now())
            .execute(&mut *tx)
            .await?;
        insert_user(&mut tx, owner, now()).await?;
        record(&mut tx, actor, Event::new(AuditAction::AccountCreate, account.uuid)).await?;
        if !groups.is_empty() {
            insert_account_groups(&mut tx, actor, groups).await?;
        }
        if let Some(vault) = vault {
            insert_personal_vault(&mut tx, owner, vault).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The keysets of a user, oldest first.
    pub(crate) async fn keysets(&self, user: &UserId) -> Result<Vec<Keyset>> {
        let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM keysets WHERE user_uuid = $1 ORDER BY sn")
            .bind(user.as_str())
            .fetch_all(&self.durable.reader)
            .await?;
        bodies.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
    }

    /// The name of an existing account.
    pub(crate) async fn account_name(&self, account: &str) -> Result<String> {
        Ok(sqlx::query_scalar("SELECT name FROM accounts WHERE uuid = $1")
            .bind(account)
            .fetch_one(&self.durable.reader)
            .await?)
    }

    /// A user and the account that it belongs to.
    pub(crate) async fn profile(&self, user: &UserId) -> Result<Option<Profile>> {
        Ok(sqlx::query_as(
            "SELECT a.name AS account_name, a.domain, a.attr_version AS account_version, a.created_at AS account_created_at,
                    u.email, u.name AS user_name, u.attr_version AS user_version, u.created_at AS user_created_at
             FROM users u JOIN accounts a ON a.uuid = u.account_uuid WHERE u.uuid = $1",
        )
        .bind(user.as_str())
        .fetch_optional(&self.durable.reader)
        .await?)
    }
}

pub(super) async fn insert_user(tx: &mut Transaction<'_>, user: &NewUser<'_>, now: i64) -> Result<()> {
    let sign_in = &user.sign_in;
    sqlx::query(
        "INSERT INTO users (uuid, account_uuid, role, can_create_vaults, email, name, method, alg, iterations, salt,
                            secret_key_id, verifier, created_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(sign_in.uuid.as_str())
    .bind(&sign_in.account_uuid)
    .bind(sign_in.role.as_str())
    .bind(i64::from(user.can_create_vaults))
    .bind(&sign_in.email)
    .bind(user.name)
    .bind(&sign_in.method)
    .bind(&sign_in.alg)
    .bind(i64::from(sign_in.iterations))
    .bind(sign_in.salt.as_slice())
    .bind(&sign_in.secret_key_id)
    .bind(&sign_in.verifier)
    .bind(now)
    .bind(sign_in.state.as_str())
    .execute(&mut **tx)
    .await?;
    insert_keyset(tx, &sign_in.uuid, user.keyset, now).await
}

pub(super) async fn insert_keyset(tx: &mut Transaction<'_>, user: &UserId, keyset: &Keyset, now: i64) -> Result<()> {
    sqlx::query("INSERT INTO keysets (uuid, user_uuid, sn, body, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(&keyset.uuid)
        .bind(user.as_str())
        .bind(i64::from(keyset.sn))
        .bind(serde_json::to_string(keyset)?)
        .bind(now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
