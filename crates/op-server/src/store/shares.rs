//! Shares, for those who make them. What people with a link do is in [`super::share_views`].
//!
//! A change has the share to itself, and so has each view. An end, however, also comes with a sender's suspension, which
//! has the account to itself and not its shares: so whatever counts or closes names the state that it starts from.

use op_protocol::id::{ItemId, ShareId, UserId, VaultId};
use op_protocol::permissions::{MANAGE_VAULT, READ_ITEMS, REVEAL_ITEM_PASSWORD, SEND_ITEMS};
use op_protocol::rest::{AuditAction, CreateShareRequest, ItemState, ResealedShare, ShareRecipient, ShareState};
use op_protocol::share::stored_hash;
use sqlx::FromRow;

use super::access::standing;
use super::audit::{Actor, Event, record, record_all};
use super::items::vault_of;
use super::share_policies::policy_of;
use super::{Result, Store, Transaction, to_u32};
use crate::ids::IdText;
use crate::policy::refusal::Refusal;
use crate::policy::shares::{KEPT, StoredFile, review, without_mail};

/// What sharing an item of a vault needs.
pub(crate) const SHARE: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD | SEND_ITEMS;

/// What this server is able to do.
#[derive(Clone, Copy)]
pub(crate) struct Abilities {
    /// The largest encrypted file.
    pub(crate) max_file_size: u32,
    pub(crate) has_mail: bool,
}

/// A share as its sender sees it.
#[derive(FromRow)]
pub(crate) struct ShareRow {
    pub(crate) uuid: String,
    pub(crate) vault_uuid: String,
    pub(crate) item_uuid: String,
    #[sqlx(try_from = "i64")]
    pub(crate) item_version: u32,
    pub(crate) creator_uuid: String,
    #[sqlx(try_from = "String")]
    pub(crate) state: ShareState,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) ended_at: Option<i64>,
    pub(crate) max_views: Option<i64>,
    pub(crate) recipients: Option<String>,
    pub(crate) has_password: i64,
    #[sqlx(try_from = "i64")]
    pub(crate) views: u32,
    pub(crate) enc_overview: Option<String>,
    pub(crate) enc_share_secret: Option<String>,
}

/// A view, as the sender sees it.
#[derive(FromRow)]
pub(crate) struct ViewRow {
    pub(crate) at: i64,
    /// Empty if the share has no recipients.
    pub(crate) email: String,
    pub(crate) address: String,
}

// The shares of the account $1 that the user $2 made, or whose vault they manage ($3).
macro_rules! shares_query {
    ($which:literal) => {
        concat!(
            "SELECT s.uuid, s.vault_uuid, s.item_uuid, s.item_version, s.creator_uuid, s.state, s.created_at,
                    s.expires_at, s.ended_at, s.max_views, s.recipients,
                    CASE WHEN s.proof_hash IS NULL THEN 0 ELSE 1 END AS has_password, s.views, s.enc_overview,
                    s.enc_share_secret
             FROM shares s WHERE s.account_uuid = $1 AND (s.creator_uuid = $2 OR s.vault_uuid IN (
                 SELECT a.vault_uuid FROM user_access a WHERE a.user_uuid = $2 AND a.acl & $3 <> 0)) ",
            $which
        )
    };
}

impl Store {
    /// Stores a share of an item in its current version.
    pub(crate) async fn create_share(
        &self,
        actor: &Actor,
        request: &CreateShareRequest,
        abilities: Abilities,
        now: i64,
    ) -> Result<()> {
        let vault = VaultId::from_server(&request.vault_uuid);
        let mut tx = self.write_items(actor, vault.as_str()).await?;
        let found = vault_of(&mut tx, &vault, &actor.user).await?;
        found.rights.require(SHARE)?;
        let template = item_to_share(&mut tx, request).await?;
        let files = files_to_share(&mut tx, request).await?;
        let mut policy = policy_of(&mut *tx, &actor.account, Some(&vault), abilities.max_file_size).await?;
        if !abilities.has_mail {
            policy = without_mail(policy);
        }
        let max_views = review(&policy, request, &files)?;
        if request.enc_share_secret.kid != found.key_id {
            return Err(Refusal::conflict("the vault's key has changed: read the vault again and retry").into());
        }
        sqlx::query(
            "INSERT INTO shares (uuid, account_uuid, vault_uuid, item_uuid, item_version, template_uuid, creator_uuid, state,
                                 token_hash, proof_hash, recipients, max_views, created_at, expires_at,
                                 enc_share_secret, enc_overview, enc_details)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        )
        .bind(&request.uuid)
        .bind(&actor.account)
        .bind(vault.as_str())
        .bind(&request.item_uuid)
        .bind(i64::from(request.item_version))
        .bind(template)
        .bind(actor.user.as_str())
        .bind(ShareState::Active.as_str())
        .bind(stored_hash(&request.token).to_vec())
        .bind(request.password_proof.as_ref().map(|proof| stored_hash(proof).to_vec()))
        .bind(request.recipients.as_ref().map(serde_json::to_string).transpose()?)
        .bind(max_views.map(i64::from))
        .bind(now)
        .bind(now.saturating_add(i64::from(request.expiry)))
        .bind(serde_json::to_string(&request.enc_share_secret)?)
        .bind(serde_json::to_string(&request.enc_overview)?)
        .bind(serde_json::to_string(&request.enc_details)?)
        .execute(&mut *tx)
        .await?;
        for file in &request.file_references {
            sqlx::query("INSERT INTO share_files (share_uuid, file_uuid) VALUES ($1, $2)")
                .bind(&request.uuid)
                .bind(&file.file_uuid)
                .execute(&mut *tx)
                .await?;
        }
        record(&mut tx, actor, Event::new(AuditAction::ShareCreate, &request.uuid).with(&request.item_uuid)).await?;
        Ok(tx.commit().await?)
    }

    /// The shares that a user made, and all of the vaults that they manage; of one vault and one item if these are
    /// given. The newest ones come first.
    pub(crate) async fn shares(
        &self,
        account: &str,
        user: &UserId,
        vault: Option<&VaultId>,
        item: Option<&ItemId>,
    ) -> Result<Vec<ShareRow>> {
        Ok(sqlx::query_as(shares_query!(
            "AND ($4 = '' OR s.vault_uuid = $4) AND ($5 = '' OR s.item_uuid = $5) ORDER BY s.created_at DESC, s.uuid"
        ))
        .bind(account)
        .bind(user.as_str())
        .bind(i64::from(MANAGE_VAULT))
        .bind(vault.map_or("", VaultId::as_str))
        .bind(item.map_or("", ItemId::as_str))
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// One share.
    pub(crate) async fn share(&self, account: &str, user: &UserId, share: &ShareId) -> Result<Option<ShareRow>> {
        Ok(sqlx::query_as(shares_query!("AND s.uuid = $4"))
            .bind(account)
            .bind(user.as_str())
            .bind(i64::from(MANAGE_VAULT))
            .bind(share.as_str())
            .fetch_optional(&self.durable.reader)
            .await?)
    }

    /// Who viewed a share, in order.
    pub(crate) async fn views_of(&self, share: &ShareId) -> Result<Vec<ViewRow>> {
        Ok(sqlx::query_as("SELECT at, email, address FROM share_views WHERE share_uuid = $1 ORDER BY number")
            .bind(share.as_str())
            .fetch_all(&self.durable.reader)
            .await?)
    }

    /// Ends a share, for its sender or for whoever manages the vault. It is no error if it has ended already.
    pub(crate) async fn revoke_share(&self, actor: &Actor, share: &ShareId, now: i64) -> Result<()> {
        let mut tx = self.write_items(actor, share.as_str()).await?;
        standing(&mut tx, &actor.user).await?;
        let row: Option<ShareRow> = sqlx::query_as(shares_query!("AND s.uuid = $4"))
            .bind(&actor.account)
            .bind(actor.user.as_str())
            .bind(i64::from(MANAGE_VAULT))
            .bind(share.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        let row = row.ok_or_else(|| Refusal::not_found("share"))?;
        if end_share(&mut tx, share, ShareState::Revoked, now).await? {
            record(&mut tx, actor, Event::new(AuditAction::ShareRevoke, share.as_str()).with(&row.item_uuid)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Deletes the content of shares that have expired, or that nobody has open any more, and shares that ended long
    /// ago.
    pub(crate) async fn sweep_shares(&self, now: i64) -> Result<()> {
        let mut tx = self.begin(&self.durable).await?;
        expire(&mut tx, None, now).await?;
        sqlx::query(
            "UPDATE shares SET enc_overview = NULL, enc_details = NULL
             WHERE enc_details IS NOT NULL AND state <> $1 AND NOT EXISTS (
                 SELECT 1 FROM share_tickets t WHERE t.share_uuid = shares.uuid AND t.open_until > $2)",
        )
        .bind(ShareState::Active.as_str())
        .bind(now)
        .execute(&mut *tx)
        .await?;
        release(&mut tx).await?;
        sqlx::query("DELETE FROM shares WHERE ended_at <= $1").bind(now - KEPT).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}

/// The category of the item, if it is what the request shares.
async fn item_to_share(tx: &mut Transaction<'_>, request: &CreateShareRequest) -> Result<String> {
    let item: Option<(i64, String, String)> =
        sqlx::query_as("SELECT item_version, trashed, template_uuid FROM items WHERE vault_uuid = $1 AND uuid = $2")
            .bind(&request.vault_uuid)
            .bind(&request.item_uuid)
            .fetch_optional(&mut **tx)
            .await?;
    let (version, trashed, template) = item.ok_or_else(|| Refusal::not_found("item"))?;
    match ItemState::from(Some(trashed)) {
        ItemState::Active if to_u32(version)? == request.item_version => Ok(template),
        ItemState::Active => Err(Refusal::conflict("the item has changed: read it again and retry").into()),
        ItemState::Archived => Err(Refusal::impossible("an archived item cannot be shared: restore it first").into()),
        ItemState::Deleted => Err(Refusal::not_found("item").into()),
    }
}

/// The files that the request shares, if they are the item's.
async fn files_to_share(tx: &mut Transaction<'_>, request: &CreateShareRequest) -> Result<Vec<StoredFile>> {
    if request.file_references.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = request.file_references.iter().map(|file| file.file_uuid.as_str()).collect();
    let sizes: Vec<i64> = sqlx::query_scalar(
        "SELECT size FROM files WHERE vault_uuid = $1 AND item_uuid = $2 AND expires_at IS NULL
         AND uuid IN (SELECT value FROM json_each($3))",
    )
    .bind(&request.vault_uuid)
    .bind(&request.item_uuid)
    .bind(serde_json::to_string(&ids)?)
    .fetch_all(&mut **tx)
    .await?;
    if sizes.len() != ids.len() {
        return Err(Refusal::not_found("file of this item").into());
    }
    Ok(sizes.into_iter().map(|size| StoredFile { size }).collect())
}

/// Ends a share and deletes its content. Returns false if it has no content any more.
pub(super) async fn end_share(tx: &mut Transaction<'_>, share: &ShareId, state: ShareState, now: i64) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE shares SET state = $1, ended_at = COALESCE(ended_at, $2), enc_share_secret = NULL, enc_overview = NULL,
                           enc_details = NULL
         WHERE uuid = $3 AND enc_details IS NOT NULL",
    )
    .bind(state.as_str())
    .bind(now)
    .bind(share.as_str())
    .execute(&mut **tx)
    .await?;
    release_of(tx, share).await?;
    Ok(done.rows_affected() == 1)
}

/// Revokes all shares of a user who can no longer act.
pub(super) async fn revoke_shares_of(tx: &mut Transaction<'_>, actor: &Actor, user: &UserId, now: i64) -> Result<()> {
    #[derive(FromRow)]
    struct Revoked {
        #[sqlx(try_from = "IdText")]
        uuid: ShareId,
        item_uuid: String,
    }
    let shares: Vec<Revoked> = sqlx::query_as(
        "UPDATE shares SET state = $1, ended_at = COALESCE(ended_at, $2), enc_share_secret = NULL, enc_overview = NULL,
                           enc_details = NULL
         WHERE creator_uuid = $3 AND enc_details IS NOT NULL RETURNING uuid, item_uuid",
    )
    .bind(ShareState::Revoked.as_str())
    .bind(now)
    .bind(user.as_str())
    .fetch_all(&mut **tx)
    .await?;
    for share in &shares {
        release_of(tx, &share.uuid).await?;
    }
    let events = shares
        .iter()
        .map(|share| Event::new(AuditAction::ShareRevoke, share.uuid.as_str()).with(&share.item_uuid))
        .collect::<Vec<_>>();
    record_all(tx, actor, &events).await
}

/// Replaces the secrets of all active shares of a vault, whose key is changed. Refuses a list that lacks one.
pub(super) async fn reseal(tx: &mut Transaction<'_>, vault: &VaultId, list: &[ResealedShare], now: i64) -> Result<()> {
    expire(tx, Some(vault), now).await?;
    let ids: Vec<&str> = list.iter().map(|share| share.uuid.as_str()).collect();
    let missing: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM shares WHERE vault_uuid = $1 AND enc_share_secret IS NOT NULL
         AND uuid NOT IN (SELECT value FROM json_each($2))",
    )
    .bind(vault.as_str())
    .bind(serde_json::to_string(&ids)?)
    .fetch_one(&mut **tx)
    .await?;
    if missing > 0 {
        let message = format!(
            "the secrets of {missing} shares are not sealed with the new key: list the vault's shares and retry"
        );
        return Err(Refusal::conflict(message).into());
    }
    for share in list {
        sqlx::query(
            "UPDATE shares SET enc_share_secret = $1
             WHERE uuid = $2 AND vault_uuid = $3 AND enc_share_secret IS NOT NULL",
        )
        .bind(serde_json::to_string(&share.enc_share_secret)?)
        .bind(&share.uuid)
        .bind(vault.as_str())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Ends the shares whose time is over, and deletes their content.
async fn expire(tx: &mut Transaction<'_>, vault: Option<&VaultId>, now: i64) -> Result<()> {
    sqlx::query(
        "UPDATE shares SET state = $1, ended_at = expires_at, enc_share_secret = NULL, enc_overview = NULL,
                           enc_details = NULL
         WHERE state = $2 AND expires_at <= $3 AND ($4 = '' OR vault_uuid = $4)",
    )
    .bind(ShareState::Expired.as_str())
    .bind(ShareState::Active.as_str())
    .bind(now)
    .bind(vault.map_or("", VaultId::as_str))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Lets go of the files and tickets of shares without content.
async fn release(tx: &mut Transaction<'_>) -> Result<()> {
    for statement in [
        "DELETE FROM share_files WHERE share_uuid IN (SELECT uuid FROM shares WHERE enc_details IS NULL)",
        "DELETE FROM share_tickets WHERE share_uuid IN (SELECT uuid FROM shares WHERE enc_details IS NULL)",
    ] {
        sqlx::query(statement).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn release_of(tx: &mut Transaction<'_>, share: &ShareId) -> Result<()> {
    for statement in
        ["DELETE FROM share_files WHERE share_uuid = $1", "DELETE FROM share_tickets WHERE share_uuid = $1"]
    {
        sqlx::query(statement).bind(share.as_str()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// The recipients in the column `shares.recipients`.
pub(crate) fn recipients_of(stored: Option<&str>) -> Result<Option<Vec<ShareRecipient>>> {
    Ok(stored.map(serde_json::from_str).transpose()?)
}
