//! Each answer reports the limits that its request was counted against, in the headers of
//! draft-ietf-httpapi-ratelimit-headers: `ratelimit-policy: "reads";q=10000;w=3600`, `ratelimit:
//! "reads";r=9999;t=1800`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::policy::limits::Limit;
use crate::quota::Usage;

pub(super) const POLICY_HEADER: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(super) const STATUS_HEADER: HeaderName = HeaderName::from_static("ratelimit");

/// The limits that a request was counted against, with their usage before it.
#[derive(Clone, Default)]
pub(super) struct Counted(Arc<Mutex<Vec<(Limit, Usage)>>>);

impl Counted {
    pub(super) fn add(&self, limit: Limit, usage: Usage) {
        // `u32::MAX` is no limit, and has no header.
        if limit.most < u32::MAX {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push((limit, usage));
        }
    }

    fn headers(&self) -> Option<(String, String)> {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

/// Adds the headers to an answer.
pub(super) async fn add(mut request: Request, next: Next) -> Response {
    let counted = Counted::default();
    request.extensions_mut().insert(counted.clone());
    let mut response = next.run(request).await;
    if let Some((policies, statuses)) = counted.headers() {
        for (name, text) in [(POLICY_HEADER, policies), (STATUS_HEADER, statuses)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}
