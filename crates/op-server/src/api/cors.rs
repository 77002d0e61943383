//! The web pages that may call the server.

use std::time::Duration;

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::rate_limit_headers::{POLICY_HEADER, STATUS_HEADER};
use crate::{Origin, Origins};

/// Browsers keep a preflight's answer no longer than this (Chromium's own cap).
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// The headers of the protocol, for pages of these origins; never with credentials.
pub(super) fn layer(origins: &Origins) -> CorsLayer {
    let origin = match origins {
        Origins::Any => AllowOrigin::any(),
        Origins::List(list) => AllowOrigin::list(list.iter().map(Origin::header)),
    };
    CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::CONTENT_TYPE,
            header::USER_AGENT,
            HeaderName::from_static("op-data-consistency"),
            HeaderName::from_static("op-throttling-token"),
            HeaderName::from_static("op-user-agent"),
            HeaderName::from_static("x-agilebits-client"),
            HeaderName::from_static("x-agilebits-mac"),
            HeaderName::from_static("x-agilebits-session-id"),
            HeaderName::from_static("x-opwire-setup-token"),
        ])
        .expose_headers([header::RETRY_AFTER, STATUS_HEADER, POLICY_HEADER])
        .max_age(MAX_AGE)
}
