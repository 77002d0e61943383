//! The audit log.

use op_protocol::rest::{AuditPage, routes};

use crate::{client::Client, error::Result};

/// Returns up to `limit` events, newest first: those before the event `before`, or the newest.
///
/// # Errors
/// This user is not an administrator.
pub async fn audit(client: &Client, limit: u32, before: Option<&str>) -> Result<AuditPage> {
    let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
    client.api.get(routes::AUDIT.at([]).query(format_args!("limit={limit}{before}"))).await
}
