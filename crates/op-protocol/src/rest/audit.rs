//! The audit log.

use serde::{Deserialize, Serialize};

/// Answer of `GET /api/opwire/v1/audit?limit=100&before={id}`: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The events.
    pub events: Vec<AuditEvent>,
    /// Pass it as `before` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One change that somebody made, or a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Names the event, and orders events by time.
    pub id: String,
    /// RFC 3339.
    pub at: String,
    /// The user who did it; of a new account or an accepted invite, the new user.
    pub actor_uuid: String,
    /// What was done, such as `vault.grant`.
    pub action: String,
    /// What it was done to: the id of a vault, item, group, user, service account, invite or session.
    pub object_uuid: String,
    /// The other object that the action is about, such as the group that got access, or the vault of an item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_uuid: Option<String>,
    /// The permissions that were given, for actions that give some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<u32>,
    /// Where the request came from.
    pub address: String,
    /// Names the request in the server's log.
    pub request_id: String,
}
