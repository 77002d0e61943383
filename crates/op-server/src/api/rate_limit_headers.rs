//! Each answer reports the limits that its request was counted against, in the headers of
//! draft-ietf-httpapi-ratelimit-headers: `ratelimit-policy: "reads";q=10000;w=3600`, `ratelimit:
//! "reads";r=9999;t=1800`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::State;
use crate::policy::limits::Limit;
use crate::quota::Usage;
use crate::system::now;

pub(super) const POLICY_HEADER: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(super) const STATUS_HEADER: HeaderName = HeaderName::from_static("ratelimit");

/// What a request counts against.
#[derive(Clone, Default)]
pub(super) struct Counted(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    /// The limits, with their usage before the request.
    limits: Vec<(Limit, Usage)>,
    /// The account whose day the request counts against if it succeeds.
    account: Option<String>,
}

impl Counted {
    pub(super) fn add(&self, limit: Limit, usage: Usage) {
        // `u32::MAX` is no limit, and has no header.
        if limit.most < u32::MAX {
            self.counts().limits.push((limit, usage));
        }
    }

    pub(super) fn owe(&self, account: &str) {
        self.counts().account = Some(account.to_owned());
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn headers(&self) -> Option<(String, String)> {
        let counted = &self.counts().limits;
        let policies = counted
            .iter()
            .map(|(limit, _)| format!("\"{}\";q={};w={}", limit.name, limit.most, limit.period.as_secs()));
        let statuses = counted.iter().map(|(limit, usage)| {
            // This request counts as well, unless it was refused.
            let remaining = usage.limit.saturating_sub(usage.used).saturating_sub(1);
            format!("\"{}\";r={remaining};t={}", limit.name, usage.resets_in)
        });
        let joined = |parts: Vec<String>| parts.join(", ");
        (!counted.is_empty()).then(|| (joined(policies.collect()), joined(statuses.collect())))
    }
}

/// Counts a request that has succeeded against its account's day, and adds the headers to the answer.
pub(super) async fn add(server: State, mut request: Request, next: Next) -> Response {
    let counted = Counted::default();
    request.extensions_mut().insert(counted.clone());
    let mut response = next.run(request).await;
    let account = counted.counts().account.take().filter(|_| response.status().is_success());
    if let Some(account) = account {
        let limit = server.limits.account_requests();
        if let Err(cause) = server.quota.take(&server.store, limit, &account, now()).await {
            tracing::warn!(%cause, "a request is not counted");
        }
    }
    if let Some((policies, statuses)) = counted.headers() {
        for (name, text) in [(POLICY_HEADER, policies), (STATUS_HEADER, statuses)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}
