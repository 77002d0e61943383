//! The server's health, and the caller's limits.

use axum::Json;
use axum::response::Response;
use serde::Serialize;

use super::error::Result;
use super::extract::Caller;
use crate::State;
use crate::policy::limits::Limit;
use crate::system::now;

#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    version: &'static str,
}

/// Whether the server and its databases work.
pub(super) async fn show(server: State) -> Result<Json<Health>> {
    server.store.check().await?;
    Ok(Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") }))
}

#[derive(Serialize)]
struct Limits {
    reads: Remaining,
    writes: Remaining,
    account: Remaining,
}

/// A limit of `u32::MAX` means no limit.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Remaining {
    limit: u32,
    used: u32,
    remaining: u32,
    /// Seconds.
    resets_in: u32,
}

/// What is left of the caller's limits, this request counted.
pub(super) async fn limits(server: State, caller: Caller) -> Result<Response> {
    caller.seal(&Limits {
        reads: remaining(&server, server.limits.reads(), caller.user().as_str()).await?,
        writes: remaining(&server, server.limits.writes(), caller.user().as_str()).await?,
        account: remaining(&server, server.limits.account_requests(), caller.account()).await?,
    })
}

async fn remaining(server: &State, limit: Limit, subject: &str) -> Result<Remaining> {
    let usage = server.quota.usage(&server.store, limit, subject, now()).await?;
    Ok(Remaining {
        limit: usage.limit,
        used: usage.used,
        remaining: usage.limit.saturating_sub(usage.used),
        resets_in: usage.resets_in,
    })
}
