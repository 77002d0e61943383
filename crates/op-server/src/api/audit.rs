//! The audit log.

use axum::http::Uri;
use axum::response::Response;
use op_protocol::rest::{AuditEvent, AuditPage};

use super::error::{ApiError, Result};
use super::extract::{Caller, query_list};
use super::time;
use crate::State;
use crate::store::audit::AuditRow;

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

/// Newest first.
pub(super) async fn list(server: State, caller: Caller, uri: Uri) -> Result<Response> {
    caller.standing(&server).await?.require_administrator()?;
    let limit = match query_list(&uri, "limit").first() {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| ApiError::bad_request(format!("limit must be a number from 1 to {MAX_LIMIT}")))?,
    };
    let before = query_list(&uri, "before").into_iter().next();
    let sql_limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = server.store.audit(caller.account(), before.as_deref(), sql_limit).await?;
    let next = if rows.len() == limit { rows.last().map(|row| row.id.clone()) } else { None };
    caller.seal(&AuditPage { events: rows.into_iter().map(event).collect(), next })
}

fn event(row: AuditRow) -> AuditEvent {
    AuditEvent {
        id: row.id,
        at: time::write(row.at),
        actor_uuid: row.actor_uuid,
        action: row.action,
        object_uuid: row.object_uuid,
        other_uuid: row.other_uuid,
        acl: row.acl.and_then(|acl| u32::try_from(acl).ok()),
        address: row.address,
        request_id: row.request_id,
    }
}
