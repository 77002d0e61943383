//! What people with a link do with a share.

use op_protocol::id::ShareId;
use op_protocol::rest::{ShareRecipient, ShareState};
use sqlx::{Any, Executor, FromRow};
use subtle::ConstantTimeEq;

use super::shares::{end_share, recipients_of};
use super::{Result, Store, Transaction, to_u32};
use crate::policy::shares::{Access, HOUR, MAX_WRONG_PROOFS, is_anyone_left};

/// A share and a tab, as somebody with the link names them.
pub(crate) struct Bearer {
    pub(crate) share: ShareId,
    pub(crate) token_hash: [u8; 32],
    pub(crate) ticket_hash: [u8; 32],
}

/// A share as a ticket finds it.
pub(crate) struct Found {
    /// The name of whoever shared it.
    pub(crate) sender: String,
    /// The name of their account.
    pub(crate) account: String,
    pub(crate) template: String,
    pub(crate) access: Access,
    pub(crate) recipients: Option<Vec<ShareRecipient>>,
    /// The address that the ticket has proved; empty if the share has no recipients.
    pub(crate) viewer: Option<String>,
    proof_hash: Option<Vec<u8>>,
    /// Wrong passwords in the hour that began at `wrong_since`.
    wrong_proofs: i64,
    wrong_since: i64,
    pub(crate) files: u32,
}

impl Found {
    pub(crate) fn has_password(&self) -> bool {
        self.proof_hash.is_some()
    }

    /// Seconds until a password can be tried again. None: now.
    fn locked_for(&self, now: i64) -> Option<u32> {
        let ends_at = self.wrong_since + HOUR;
        let is_locked = self.wrong_proofs >= MAX_WRONG_PROOFS && now < ends_at;
        is_locked.then(|| u32::try_from(ends_at - now).unwrap_or(1))
    }
}

/// What became of an attempt to open a share.
pub(crate) enum Opened {
    Content {
        enc_overview: String,
        enc_details: String,
        found: Box<Found>,
    },
    /// The share, or this viewer's part in it, has ended.
    Gone(ShareState),
    /// The ticket has proved no address.
    NeedsEmail,
    WrongPassword,
    /// There were too many wrong passwords: seconds to wait.
    Locked(u32),
    /// There is no such share, or the token is another one's.
    Nothing,
}

#[derive(FromRow)]
struct Row {
    sender: String,
    account: String,
    template_uuid: String,
    #[sqlx(try_from = "String")]
    state: ShareState,
    token_hash: Vec<u8>,
    proof_hash: Option<Vec<u8>>,
    wrong_proofs: i64,
    wrong_since: i64,
    recipients: Option<String>,
    max_views: Option<i64>,
    expires_at: i64,
    files: i64,
    viewer: Option<String>,
    open_until: Option<i64>,
    views: Option<i64>,
    ended: Option<i64>,
}

impl Store {
    /// The share, if the token is right.
    pub(crate) async fn find_share(&self, bearer: &Bearer) -> Result<Option<Found>> {
        find(&self.durable.reader, bearer).await
    }

    /// Records that a ticket has proved an address.
    pub(crate) async fn verify_ticket(&self, bearer: &Bearer, email: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO share_tickets (share_uuid, ticket_hash, email) VALUES ($1, $2, $3)
             ON CONFLICT (share_uuid, ticket_hash) DO UPDATE SET email = excluded.email, open_until = NULL
                 WHERE share_tickets.email <> excluded.email",
        )
        .bind(bearer.share.as_str())
        .bind(bearer.ticket_hash.as_slice())
        .bind(email)
        .execute(&self.durable.writer)
        .await?;
        Ok(())
    }

    /// Opens a share: counts a view, unless the ticket has it open.
    pub(crate) async fn open_share(
        &self,
        bearer: &Bearer,
        proof_hash: Option<[u8; 32]>,
        address: &str,
        now: i64,
    ) -> Result<Opened> {
        // Most refusals need no lock, which others wait for.
        match self.find_share(bearer).await? {
            None => return Ok(Opened::Nothing),
            Some(found) => {
                if let Some(refused) = refusal(&found, now) {
                    return Ok(refused);
                }
            }
        }
        let mut tx = self.lock(bearer.share.as_str()).await?;
        let Some(mut found) = find(&mut *tx, bearer).await? else { return Ok(Opened::Nothing) };
        if let Some(refused) = refusal(&found, now) {
            return Ok(refused);
        }
        if let Some(stored) = &found.proof_hash {
            match proof_hash {
                Some(proof) if bool::from(stored.as_slice().ct_eq(&proof)) => {}
                // What is missing is no guess.
                None => return Ok(Opened::WrongPassword),
                Some(_) => {
                    count_wrong_proof(&mut tx, &bearer.share, &found, now).await?;
                    tx.commit().await?;
                    return Ok(Opened::WrongPassword);
                }
            }
        }
        let viewer = found.viewer.clone().unwrap_or_default();
        if !found.access.is_open(now) {
            let until = found.access.reopens_until(now);
            let Some(number) = count_view(&mut tx, &bearer.share, now).await? else {
                drop(tx);
                // It ended in this moment.
                return self.gone(bearer, now).await;
            };
            log_view(&mut tx, bearer, &viewer, until, number, address, now).await?;
            found.access.views += 1;
            close_if_spent(&mut tx, &bearer.share, &found, ShareState::Spent, now).await?;
        }
        let content: Option<(String, String)> =
            sqlx::query_as("SELECT enc_overview, enc_details FROM shares WHERE uuid = $1 AND enc_details IS NOT NULL")
                .bind(bearer.share.as_str())
                .fetch_optional(&mut *tx)
                .await?;
        let Some((enc_overview, enc_details)) = content else {
            drop(tx);
            return self.gone(bearer, now).await;
        };
        tx.commit().await?;
        Ok(Opened::Content { enc_overview, enc_details, found: Box::new(found) })
    }

    async fn gone(&self, bearer: &Bearer, now: i64) -> Result<Opened> {
        let found = self.find_share(bearer).await?;
        Ok(found.map_or(Opened::Nothing, |found| {
            let state = found.access.state(now);
            Opened::Gone(if state == ShareState::Active { ShareState::Expired } else { state })
        }))
    }

    /// Ends a share for a ticket's viewer; for everybody if it has no recipients. Returns false if the ticket has not
    /// opened it.
    pub(crate) async fn end_share_for(&self, bearer: &Bearer, now: i64) -> Result<Option<bool>> {
        let mut tx = self.lock(bearer.share.as_str()).await?;
        let Some(mut found) = find(&mut *tx, bearer).await? else { return Ok(None) };
        let Some(viewer) = found.viewer.clone().filter(|_| found.access.open_until.is_some()) else {
            return Ok(Some(false));
        };
        if found.recipients.is_none() {
            end_share(&mut tx, &bearer.share, ShareState::Ended, now).await?;
        } else {
            sqlx::query("UPDATE share_viewers SET ended = 1 WHERE share_uuid = $1 AND email = $2")
                .bind(bearer.share.as_str())
                .bind(&viewer)
                .execute(&mut *tx)
                .await?;
            // Their other tabs have it open no more either.
            sqlx::query("UPDATE share_tickets SET open_until = $1 WHERE share_uuid = $2 AND email = $3")
                .bind(now)
                .bind(bearer.share.as_str())
                .bind(&viewer)
                .execute(&mut *tx)
                .await?;
            found.access.ended = true;
            close_if_spent(&mut tx, &bearer.share, &found, ShareState::Ended, now).await?;
        }
        tx.commit().await?;
        Ok(Some(true))
    }

    /// The size of a file of a share. None: it has no such file.
    pub(crate) async fn size_of_shared_file(&self, bearer: &Bearer, file: &str) -> Result<Option<u64>> {
        let size: Option<i64> = sqlx::query_scalar(
            "SELECT f.size FROM share_files s JOIN files f ON f.uuid = s.file_uuid
             WHERE s.share_uuid = $1 AND s.file_uuid = $2",
        )
        .bind(bearer.share.as_str())
        .bind(file)
        .fetch_optional(&self.durable.reader)
        .await?;
        Ok(size.and_then(|size| size.try_into().ok()))
    }
}

/// Why a ticket cannot open a share, password aside.
fn refusal(found: &Found, now: i64) -> Option<Opened> {
    match found.access.state(now) {
        ShareState::Active => {}
        ended => return Some(Opened::Gone(ended)),
    }
    if found.viewer.is_none() {
        return Some(Opened::NeedsEmail);
    }
    found.locked_for(now).filter(|_| found.has_password()).map(Opened::Locked)
}

async fn find(database: impl Executor<'_, Database = Any>, bearer: &Bearer) -> Result<Option<Found>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT u.name AS sender, a.name AS account, s.template_uuid, s.state, s.token_hash, s.proof_hash,
                s.wrong_proofs, s.wrong_since, s.recipients, s.max_views, s.expires_at,
                (SELECT count(*) FROM share_files f WHERE f.share_uuid = s.uuid) AS files,
                t.email AS viewer, t.open_until, v.views, v.ended
         FROM shares s JOIN users u ON u.uuid = s.creator_uuid JOIN accounts a ON a.uuid = s.account_uuid
         LEFT JOIN share_tickets t ON t.share_uuid = s.uuid AND t.ticket_hash = $2
         LEFT JOIN share_viewers v ON v.share_uuid = s.uuid
            AND v.email = CASE WHEN s.recipients IS NULL THEN '' ELSE t.email END
         WHERE s.uuid = $1",
    )
    .bind(bearer.share.as_str())
    .bind(bearer.ticket_hash.as_slice())
    .fetch_optional(database)
    .await?;
    let Some(row) = row.filter(|row| bool::from(row.token_hash.as_slice().ct_eq(&bearer.token_hash))) else {
        return Ok(None);
    };
    let access = Access {
        state: row.state,
        expires_at: row.expires_at,
        max_views: row.max_views.map(to_u32).transpose()?,
        open_until: row.open_until,
        views: to_u32(row.views.unwrap_or(0))?,
        ended: row.ended.is_some_and(|ended| ended != 0),
    };
    let recipients = recipients_of(row.recipients.as_deref())?;
    Ok(Some(Found {
        sender: row.sender,
        account: row.account,
        template: row.template_uuid,
        access,
        viewer: if recipients.is_none() { Some(String::new()) } else { row.viewer },
        recipients,
        proof_hash: row.proof_hash,
        wrong_proofs: row.wrong_proofs,
        wrong_since: row.wrong_since,
        files: to_u32(row.files)?,
    }))
}

async fn count_wrong_proof(tx: &mut Transaction<'_>, share: &ShareId, found: &Found, now: i64) -> Result<()> {
    let goes_on = now < found.wrong_since + HOUR;
    sqlx::query("UPDATE shares SET wrong_proofs = $1, wrong_since = $2 WHERE uuid = $3")
        .bind(if goes_on { found.wrong_proofs + 1 } else { 1 })
        .bind(if goes_on { found.wrong_since } else { now })
        .bind(share.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Counts a view, and returns its number. None: the share is not active any more.
async fn count_view(tx: &mut Transaction<'_>, share: &ShareId, now: i64) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(
        "UPDATE shares SET views = views + 1 WHERE uuid = $1 AND state = $2 AND expires_at > $3 RETURNING views",
    )
    .bind(share.as_str())
    .bind(ShareState::Active.as_str())
    .bind(now)
    .fetch_optional(&mut **tx)
    .await?)
}

async fn log_view(
    tx: &mut Transaction<'_>,
    bearer: &Bearer,
    viewer: &str,
    until: i64,
    number: i64,
    address: &str,
    now: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO share_viewers (share_uuid, email, views, ended) VALUES ($1, $2, 1, 0)
         ON CONFLICT (share_uuid, email) DO UPDATE SET views = share_viewers.views + 1",
    )
    .bind(bearer.share.as_str())
    .bind(viewer)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO share_tickets (share_uuid, ticket_hash, email, open_until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (share_uuid, ticket_hash) DO UPDATE SET open_until = excluded.open_until",
    )
    .bind(bearer.share.as_str())
    .bind(bearer.ticket_hash.as_slice())
    .bind(viewer)
    .bind(until)
    .execute(&mut **tx)
    .await?;
    sqlx::query("INSERT INTO share_views (share_uuid, number, at, email, address) VALUES ($1, $2, $3, $4, $5)")
        .bind(bearer.share.as_str())
        .bind(number)
        .bind(now)
        .bind(viewer)
        .bind(address)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Closes a share that nobody can view any more. Its content stays while a ticket may open it again.
async fn close_if_spent(
    tx: &mut Transaction<'_>,
    share: &ShareId,
    found: &Found,
    state: ShareState,
    now: i64,
) -> Result<()> {
    if found.access.max_views.is_none() && !found.access.ended {
        return Ok(());
    }
    // Without a limit, only those who ended it are done.
    let most = found.access.max_views.map_or(i64::MAX, i64::from);
    let done: Vec<String> =
        sqlx::query_scalar("SELECT email FROM share_viewers WHERE share_uuid = $1 AND (ended <> 0 OR views >= $2)")
            .bind(share.as_str())
            .bind(most)
            .fetch_all(&mut **tx)
            .await?;
    if is_anyone_left(found.recipients.as_deref(), &done) {
        return Ok(());
    }
    // Its last view may have closed it before.
    let state = if found.access.state == ShareState::Active { state } else { found.access.state };
    sqlx::query("UPDATE shares SET state = $1, ended_at = $2, enc_share_secret = NULL WHERE uuid = $3 AND state = $4")
        .bind(state.as_str())
        .bind(now)
        .bind(share.as_str())
        .bind(ShareState::Active.as_str())
        .execute(&mut **tx)
        .await?;
    let open: i64 = sqlx::query_scalar("SELECT count(*) FROM share_tickets WHERE share_uuid = $1 AND open_until > $2")
        .bind(share.as_str())
        .bind(now)
        .fetch_one(&mut **tx)
        .await?;
    if open == 0 {
        end_share(tx, share, state, now).await?;
    }
    Ok(())
}
