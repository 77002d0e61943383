//! The audit log.

use op_protocol::rest::{AuditPage, routes};

use crate::{client::Client, error::Result};

/// Up to `limit` events, newest first, before the event `before`; the newest of all without it.
///
/// # Errors
/// This user is no administrator.
pub async fn audit(client: &Client, limit: u32, before: Option<&str>) -> Result<AuditPage> {
    let before = before.map(|id| format!("&before={id}")).unwrap_or_default();
    client.api.get(routes::AUDIT.at([]).query(format_args!("limit={limit}{before}"))).await
}
