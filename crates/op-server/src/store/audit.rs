//! The audit log. Each change writes its line in its own transaction; sign-ins have lines too, reads have none.

use std::sync::atomic::{AtomicI64, Ordering};

use op_protocol::id::{SessionId, UserId};
use op_protocol::rest::AuditAction;
use sqlx::{AssertSqlSafe, FromRow};

use super::{Result, Store, Transaction};
use crate::system::{now, now_micros};

/// Databases limit the placeholders of a statement, SQLite to 32,766.
const MAX_ROWS: usize = 1_000;

const MICROS_OF_DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// So that no writer waits long for the deletion of old lines.
const PURGED_AT_ONCE: i64 = 10_000;

/// The author of a change.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) account: String,
    pub(crate) user: UserId,
    /// The id of the session in which the user makes the change. None: they have no session yet.
    pub(crate) session: Option<String>,
    /// The client's network address.
    pub(crate) address: String,
    pub(crate) request_id: String,
}

/// What is done.
#[derive(Clone, Copy)]
pub(super) struct Event<'a> {
    pub(super) action: AuditAction,
    pub(super) object: &'a str,
    pub(super) other: Option<&'a str>,
    pub(super) acl: Option<u32>,
}

impl<'a> Event<'a> {
    pub(super) fn new(action: AuditAction, object: &'a str) -> Self {
        Self { action, object, other: None, acl: None }
    }

    pub(super) fn with(self, other: &'a str) -> Self {
        Self { other: Some(other), ..self }
    }

    pub(super) fn acl(self, acl: u32) -> Self {
        Self { acl: Some(acl), ..self }
    }
}

/// A line of the log.
#[derive(FromRow)]
pub(crate) struct AuditRow {
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) actor_uuid: String,
    pub(crate) action: String,
    pub(crate) object_uuid: String,
    pub(crate) other_uuid: Option<String>,
    pub(crate) acl: Option<i64>,
    pub(crate) address: String,
    pub(crate) request_id: String,
}

pub(super) async fn record(tx: &mut Transaction<'_>, actor: &Actor, event: Event<'_>) -> Result<()> {
    record_all(tx, actor, &[event]).await
}

/// Records what one request did, in one statement for many events.
pub(super) async fn record_all(tx: &mut Transaction<'_>, actor: &Actor, events: &[Event<'_>]) -> Result<()> {
    for events in events.chunks(MAX_ROWS) {
        let rows: Vec<String> = (0..events.len()).map(row).collect();
        let statement = format!(
            "INSERT INTO audit (account_uuid, at, actor_uuid, address, request_id, id, action, object_uuid, other_uuid, acl)
             VALUES {}",
            rows.join(", ")
        );
        // The text contains no input. Statements of many rows are rarely the same twice, so they are not kept prepared.
        let mut query = sqlx::query(AssertSqlSafe(statement))
            .persistent(events.len() == 1)
            .bind(&actor.account)
            .bind(now())
            .bind(actor.user.as_str())
            .bind(&actor.address)
            .bind(&actor.request_id);
        for event in events {
            query = query
                .bind(format!("{:014x}{}", next_micros(), actor.request_id))
                .bind(event.action.as_str())
                .bind(event.object)
                .bind(event.other)
                .bind(event.acl.map(i64::from));
        }
        query.execute(&mut **tx).await?;
    }
    Ok(())
}

/// The placeholders of a row: five that all rows share, and five of its own.
fn row(number: usize) -> String {
    let own: Vec<String> = (1..=5).map(|column| format!("${}", 5 * (number + 1) + column)).collect();
    format!("($1, $2, $3, $4, $5, {})", own.join(", "))
}

/// Microseconds since 1970, never the same twice in this process.
fn next_micros() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let clock = now_micros();
    let next = |last: i64| clock.max(last.saturating_add(1));
    LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last))).map_or(clock, next)
}

impl Store {
    /// `session` is the session's name, by which its user knows it.
    pub(crate) async fn record_sign_in(&self, actor: &Actor, session: &SessionId) -> Result<()> {
        // The line depends on nothing else in the account, so a sign-in does not wait for changes of the account.
        let mut tx = self.begin(&self.durable).await?;
        record(&mut tx, actor, Event::new(AuditAction::SessionStart, session.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes the lines of all accounts that are older than so many days.
    pub(crate) async fn purge_audit(&self, days: u32) -> Result<()> {
        let oldest = now_micros().saturating_sub(i64::from(days).saturating_mul(MICROS_OF_DAY));
        loop {
            let deleted =
                sqlx::query("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE id < $1 ORDER BY id LIMIT $2)")
                    .bind(format!("{:014x}", oldest.max(0)))
                    .bind(PURGED_AT_ONCE)
                    .execute(&self.durable.writer)
                    .await?;
            if i64::try_from(deleted.rows_affected()).unwrap_or(0) < PURGED_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// The newest lines of an account's log that are older than `before`.
    pub(crate) async fn audit(&self, account: &str, before: Option<&str>, limit: i64) -> Result<Vec<AuditRow>> {
        // Ids begin with hex digits, so all of them sort before this.
        let before = before.unwrap_or("g");
        Ok(sqlx::query_as(
            "SELECT id, at, actor_uuid, action, object_uuid, other_uuid, acl, address, request_id FROM audit
             WHERE account_uuid = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(account)
        .bind(before)
        .bind(limit)
        .fetch_all(&self.durable.reader)
        .await?)
    }
}
