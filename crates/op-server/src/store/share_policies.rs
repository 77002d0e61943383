//! What accounts and their vaults allow to share.

use op_protocol::id::VaultId;
use op_protocol::rest::{AuditAction, SharePolicy, ShareRecipient};
use sqlx::{Any, Executor};

use super::access::{managed_vault, standing};
use super::audit::{Actor, Event, record};
use super::{Result, Store};
use crate::policy::refusal::Refusal;
use crate::policy::shares::{default_policy, is_listed, narrow};

/// The vault of an account's own policy.
const ACCOUNT: &str = "";

impl Store {
    /// What holds for an account, or for one of its vaults.
    pub(crate) async fn share_policy(
        &self,
        account: &str,
        vault: Option<&VaultId>,
        max_file_size: u32,
    ) -> Result<SharePolicy> {
        policy_of(&self.durable.reader, account, vault, max_file_size).await
    }

    /// Replaces an account's policy.
    pub(crate) async fn set_share_policy(&self, actor: &Actor, policy: &SharePolicy) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        store_policy(&mut tx, actor, None, policy).await?;
        record(&mut tx, actor, Event::new(AuditAction::SharePolicyUpdate, &actor.account)).await?;
        Ok(tx.commit().await?)
    }

    /// Replaces a vault's policy. Refuses one that allows more than the account's.
    pub(crate) async fn set_vault_share_policy(
        &self,
        actor: &Actor,
        vault: &VaultId,
        policy: &SharePolicy,
        max_file_size: u32,
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        managed_vault(&mut tx, actor, vault).await?;
        let of_account = policy_of(&mut *tx, &actor.account, None, max_file_size).await?;
        // What a vault's policy leaves out is the account's.
        let narrowed = narrow(&of_account, policy);
        if let Some(member) = wider(policy, &narrowed, &of_account) {
            let message = format!("the policy of a vault can only narrow the account's: {member} allows more");
            return Err(Refusal::impossible(message).into());
        }
        store_policy(&mut tx, actor, Some(vault), policy).await?;
        record(&mut tx, actor, Event::new(AuditAction::SharePolicyUpdate, vault.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a vault's policy, so that the account's holds.
    pub(crate) async fn clear_vault_share_policy(&self, actor: &Actor, vault: &VaultId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        managed_vault(&mut tx, actor, vault).await?;
        let done = sqlx::query("DELETE FROM share_policies WHERE account_uuid = $1 AND vault_uuid = $2")
            .bind(&actor.account)
            .bind(vault.as_str())
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() > 0 {
            record(&mut tx, actor, Event::new(AuditAction::SharePolicyUpdate, vault.as_str())).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What holds for an account, or for one of its vaults.
pub(super) async fn policy_of(
    database: impl Executor<'_, Database = Any>,
    account: &str,
    vault: Option<&VaultId>,
    max_file_size: u32,
) -> Result<SharePolicy> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT vault_uuid, body FROM share_policies WHERE account_uuid = $1 AND vault_uuid IN ($2, $3)",
    )
    .bind(account)
    .bind(ACCOUNT)
    .bind(vault.map_or(ACCOUNT, VaultId::as_str))
    .fetch_all(database)
    .await?;
    let stored = |of: &str| {
        let row = rows.iter().find(|(vault, _)| vault == of);
        row.map(|(_, body)| serde_json::from_str::<SharePolicy>(body)).transpose()
    };
    let account = stored(ACCOUNT)?.unwrap_or_else(|| default_policy(max_file_size));
    Ok(match vault.map(|vault| stored(vault.as_str())).transpose()?.flatten() {
        Some(vault) => narrow(&account, &vault),
        None => account,
    })
}

async fn store_policy(
    tx: &mut super::Transaction<'_>,
    actor: &Actor,
    vault: Option<&VaultId>,
    policy: &SharePolicy,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO share_policies (account_uuid, vault_uuid, body) VALUES ($1, $2, $3)
         ON CONFLICT (account_uuid, vault_uuid) DO UPDATE SET body = excluded.body",
    )
    .bind(&actor.account)
    .bind(vault.map_or(ACCOUNT, VaultId::as_str))
    .bind(serde_json::to_string(policy)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The first member in which a vault's policy allows more than is left of it.
fn wider(policy: &SharePolicy, narrowed: &SharePolicy, account: &SharePolicy) -> Option<&'static str> {
    let views = |asked: Option<u32>, left: Option<u32>| asked.is_some() && asked != left;
    let count = |list: &Option<Vec<String>>| list.as_ref().map(Vec::len);
    let unlisted = |list: &Vec<ShareRecipient>| {
        account.allowed_recipients.as_ref().is_some_and(|known| !list.iter().all(|one| is_listed(known, one)))
    };
    let files = (&policy.files, &narrowed.files);
    let members = [
        ("allowedTypes", policy.allowed_types.len() > narrowed.allowed_types.len()),
        ("allowedRecipientTypes", policy.allowed_recipient_types.len() > narrowed.allowed_recipient_types.len()),
        ("maxExpiry", policy.max_expiry > narrowed.max_expiry),
        ("maxViews", views(policy.max_views, narrowed.max_views)),
        ("files.allowed", files.0.allowed && !files.1.allowed),
        ("files.maxSize", files.0.max_size > files.1.max_size),
        ("files.allowedTypes", count(&files.0.allowed_types) > count(&files.1.allowed_types)),
        (
            "files.allowedRecipientTypes",
            count(&files.0.allowed_recipient_types) > count(&files.1.allowed_recipient_types),
        ),
        ("files.maxExpiry", files.0.max_expiry > files.1.max_expiry),
        ("files.maxViews", views(files.0.max_views, files.1.max_views)),
        ("allowedRecipients", policy.allowed_recipients.as_ref().is_some_and(unlisted)),
    ];
    members.into_iter().find(|(_, more)| *more).map(|(member, _)| member)
}
