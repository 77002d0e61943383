//! One log line for each request, and the body of every refusal.
//!
//! The line has the client's network address and the route's pattern, never the path, the query, a header or a body, which may hold ids and secrets.

use std::net::SocketAddr;
use std::time::Instant;

use axum::Json;
use axum::extract::{ConnectInfo, MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use op_protocol::rest::ErrorBody;
use tracing::Instrument;
use tracing::field::Empty;

use super::error::ApiError;
use super::extract::{ClientAddress, RequestId};
use crate::State;
use crate::proxies;
use crate::system::new_id;

pub(super) async fn request(server: State, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    // Without random numbers the request has no id, and fails later where it needs them.
    let request_id = new_id().unwrap_or_default();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let client = peer.map(|peer| proxies::client(peer, request.headers(), &server.trusted_proxies));
    request.extensions_mut().insert(ClientAddress(client));
    let span = tracing::info_span!(
        "request",
        id = %request_id,
        client = client.map(tracing::field::display),
        method = %request.method(),
        route,
        user = Empty,
        account = Empty,
    );
    async move {
        let response = next.run(request).await;
        let response = if is_error(response.status()) { with_body(response, request_id) } else { response };
        let status = response.status().as_u16();
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(status, micros, "answered");
        response
    }
    .instrument(span)
    .await
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// Adds the JSON body to a refusal, including those that a layer or the router made.
fn with_body(response: Response, request_id: String) -> Response {
    let (mut parts, _) = response.into_parts();
    let (code, error_message) = match parts.extensions.remove::<ApiError>() {
        Some(error) => (error.code, error.message),
        None => (None, parts.status.canonical_reason().unwrap_or("refused").to_lowercase()),
    };
    let error_code = code.unwrap_or_else(|| parts.status.as_u16().into());
    let body = ErrorBody { error_code, error_message, request_id };
    parts.headers.remove(axum::http::header::CONTENT_TYPE);
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    let (json, body) = Json(body).into_response().into_parts();
    parts.headers.extend(json.headers);
    Response::from_parts(parts, body)
}
