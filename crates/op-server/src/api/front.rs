//! What comes before the routes: links that were damaged on their way, requests that do not name one host, and the host
//! of shares.

use axum::Router;
use axum::extract::{Request, State as Extracted};
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{Uri, Version, header};
use axum::middleware::{Next, map_request};
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::extract::authority;
use super::page;
use crate::State;

/// Mail gateways encode the `#` of a link, so that what follows it, the secret, is sent to the server. Nothing behind
/// this, the log least of all, gets to see it.
pub(super) fn around(routes: Router) -> Router {
    Router::new().fallback_service(routes).layer(map_request(without_secret))
}

async fn without_secret(mut request: Request) -> Request {
    if request.uri().path().starts_with("/s%23") {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::from_static(page::PATH));
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or(Uri::from_static(page::PATH));
    }
    request
}

/// Refuses requests that do not name one host (RFC 9112, section 3.2). A proxy in front may have taken another one of
/// several for the host.
pub(super) async fn one_host(request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let refusal = match (hosts.next(), hosts.next()) {
        (Some(_), Some(_)) => "the request has more than one Host header",
        (None, _) if request.version() == Version::HTTP_11 && request.uri().authority().is_none() => {
            "the request has no Host header"
        }
        (Some(host), None) if !host.is_empty() && Authority::try_from(host.as_bytes()).is_err() => {
            "the request's Host header is not a host"
        }
        _ => return next.run(request).await,
    };
    ApiError::bad_request(refusal).into_response()
}

/// Refuses all requests to the host of shares, which the routes of shares are not behind.
pub(super) async fn only_shares(Extracted(server): Extracted<State>, request: Request, next: Next) -> Response {
    let host = authority(request.uri(), request.headers());
    let is_for_shares = server.share_url.as_ref().zip(host).is_some_and(|(url, host)| url.has_host(host.as_str()));
    if is_for_shares { ApiError::not_found("route").into_response() } else { next.run(request).await }
}
