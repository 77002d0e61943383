//! The routes, one file a resource.

mod accounts;
mod auth;
mod cors;
mod error;
mod extract;
mod health;
mod items;
mod keysets;
mod log;
mod service_accounts;
mod time;
mod vaults;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{get, patch, post};
use tower_http::timeout::TimeoutLayer;

use crate::State;
use error::ApiError;

/// What a request before sign-in may hold at most, bytes.
const SIGN_IN_BODY: usize = 16 * 1024;
/// What the description of a user with its keys may hold at most, bytes.
const ADMIN_BODY: usize = 256 * 1024;
/// What any other body may hold at most, bytes.
const BODY: usize = 16 * 1024 * 1024;
/// When a request that is not answered is given up; a slow body included.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The routes over an open server.
pub fn app(state: State) -> Router {
    let sign_in = Router::new()
        .route("/api/v3/auth/start", post(auth::start))
        .route("/api/v2/auth", post(auth::exchange))
        .route("/api/v2/auth/confirm-key", post(auth::confirm_key))
        .route("/api/v2/auth/complete", post(auth::complete))
        .layer(DefaultBodyLimit::max(SIGN_IN_BODY));
    let administration = Router::new()
        .route("/api/opwire/v1/accounts", post(accounts::create))
        .route("/api/opwire/v1/service-accounts", post(service_accounts::create))
        .layer(DefaultBodyLimit::max(ADMIN_BODY));
    let objects = Router::new()
        .route("/api/v2/account/keysets", get(keysets::list))
        .route("/api/v3/account", get(accounts::show))
        .route("/api/v1/vaults", get(vaults::list))
        .route("/api/v2/vault", post(vaults::create))
        .route("/api/v3/vault/{vault}", get(vaults::show))
        .route("/api/v1/vault/{vault}/items/overviews", get(items::overviews))
        .route("/api/v1/vault/{vault}/item/{item}", get(items::show))
        .route("/api/v3/vault/{vault}/items/batch", post(items::batch))
        .route("/api/v3/vault/{vault}/{content_version}/items", patch(items::change))
        .route("/api/opwire/v1/health", get(health::show))
        .route("/api/opwire/v1/limits", get(health::limits))
        .layer(DefaultBodyLimit::max(BODY));
    Router::new()
        .merge(sign_in)
        .merge(administration)
        .merge(objects)
        .fallback(async || ApiError::not_found("route"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "this route has another method")
        })
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
        .layer(cors::layer(&state.origins))
        .layer(from_fn(log::request))
        .with_state(state)
}
