//! The audit log.

use op_protocol::rest::AuditPage;

use crate::{client::Client, error::Result, transport::Resource};

impl Client {
    /// Up to `limit` events, newest first, before the event `before`; the newest of all without it.
    ///
    /// # Errors
    /// This user is no administrator.
    pub async fn audit(&self, limit: u32, before: Option<&str>) -> Result<AuditPage> {
        let mut route = format!("/api/opwire/v1/audit?limit={limit}");
        if let Some(before) = before {
            route.push_str("&before=");
            route.push_str(before);
        }
        self.api.get(route, Resource::User).await
    }
}
