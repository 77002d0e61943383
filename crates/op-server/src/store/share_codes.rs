//! Codes that prove e-mail addresses. Each is counted before it is compared, so that no number of simultaneous requests,
//! on any number of servers, has more tries.

use op_protocol::id::ShareId;

use super::{Result, Store};
use crate::policy::shares::{CODE_TTL, HOUR, MAX_TRIES};

/// Whom a code is for. All of it is hashed.
pub(crate) struct CodeOwner<'a> {
    pub(crate) share: &'a ShareId,
    pub(crate) ticket_hash: &'a [u8; 32],
    /// Of the share and the address.
    pub(crate) email_hash: &'a [u8; 32],
}

/// A try of a code.
pub(crate) struct Try {
    pub(crate) code_hash: Vec<u8>,
    /// Whether it was the last one.
    pub(crate) is_last: bool,
}

impl Store {
    /// Counts a code of a share or of an address. Returns the seconds to wait if there were `most` in this hour.
    pub(crate) async fn count_code(&self, name: &str, most: i64, now: i64) -> Result<Option<u32>> {
        let ends_at = (now / HOUR + 1) * HOUR;
        let count: Option<i64> = sqlx::query_scalar(
            "INSERT INTO counters (name, ends_at, count) VALUES ($1, $2, 1)
             ON CONFLICT (name, ends_at) DO UPDATE SET count = counters.count + 1 WHERE counters.count < $3
             RETURNING count",
        )
        .bind(name)
        .bind(ends_at)
        .bind(most)
        .fetch_optional(&self.volatile.writer)
        .await?;
        Ok(if count.is_some() { None } else { Some(u32::try_from(ends_at - now).unwrap_or(1)) })
    }

    /// Stores a code in place of the ticket's last one.
    pub(crate) async fn store_code(&self, owner: &CodeOwner<'_>, code_hash: &[u8; 32], now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO share_codes (share_uuid, ticket_hash, email_hash, code_hash, tries, expires_at)
             VALUES ($1, $2, $3, $4, 0, $5)
             ON CONFLICT (share_uuid, ticket_hash) DO UPDATE SET email_hash = excluded.email_hash,
                 code_hash = excluded.code_hash, tries = 0, expires_at = excluded.expires_at",
        )
        .bind(owner.share.as_str())
        .bind(owner.ticket_hash.as_slice())
        .bind(owner.email_hash.as_slice())
        .bind(code_hash.as_slice())
        .bind(now + CODE_TTL)
        .execute(&self.volatile.writer)
        .await?;
        Ok(())
    }

    /// Takes a try of the ticket's code. None: there is no valid code for this address, or it was tried too often.
    pub(crate) async fn try_code(&self, owner: &CodeOwner<'_>, now: i64) -> Result<Option<Try>> {
        let row: Option<(Vec<u8>, i64)> = sqlx::query_as(
            "UPDATE share_codes SET tries = tries + 1
             WHERE share_uuid = $1 AND ticket_hash = $2 AND email_hash = $3 AND tries < $4 AND expires_at > $5
             RETURNING code_hash, tries",
        )
        .bind(owner.share.as_str())
        .bind(owner.ticket_hash.as_slice())
        .bind(owner.email_hash.as_slice())
        .bind(MAX_TRIES)
        .bind(now)
        .fetch_optional(&self.volatile.writer)
        .await?;
        Ok(row.map(|(code_hash, tries)| Try { code_hash, is_last: tries >= MAX_TRIES }))
    }

    /// Deletes a code that was used.
    pub(crate) async fn drop_code(&self, owner: &CodeOwner<'_>) -> Result<()> {
        sqlx::query("DELETE FROM share_codes WHERE share_uuid = $1 AND ticket_hash = $2")
            .bind(owner.share.as_str())
            .bind(owner.ticket_hash.as_slice())
            .execute(&self.volatile.writer)
            .await?;
        Ok(())
    }
}
