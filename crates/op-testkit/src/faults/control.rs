//! Controls the proxy over HTTP, for tests in other languages.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    routing::{get, put},
};

use serde_json::{Value, json};

use super::{FaultProxy, Rule};

/// Returns the routes with which another process controls a proxy:
///
/// - `PUT /faults` with a list of [`Rule`]s, as in
///   `[{"match":"GET /api/v1/vault/","fault":"status","status":503,"times":1}]`, replaces the rules.
/// - `PUT /delay` with `{"ms":50}` delays each exchange.
/// - `GET /requests` returns the requests as a list of `METHOD /path?query`; `DELETE /requests` also clears the list.
/// - `GET /connections` returns the numbers of open connections of clients, and of stalled requests, as in
///   `{"open":2,"stalled":1}`.
pub fn control(proxy: Arc<FaultProxy>) -> Router {
    Router::new()
        .route("/faults", put(inject))
        .route("/delay", put(delay))
        .route("/requests", get(requests).delete(take_requests))
        .route("/connections", get(connections))
        .with_state(proxy)
}

#[derive(serde::Deserialize)]
struct Delay {
    ms: u64,
}

async fn inject(State(proxy): State<Arc<FaultProxy>>, Json(rules): Json<Vec<Rule>>) {
    proxy.inject(rules).await;
}

async fn delay(State(proxy): State<Arc<FaultProxy>>, Json(delay): Json<Delay>) {
    proxy.set_delay(Duration::from_millis(delay.ms));
}

async fn requests(State(proxy): State<Arc<FaultProxy>>) -> Json<Vec<String>> {
    Json(proxy.requests())
}

async fn take_requests(State(proxy): State<Arc<FaultProxy>>) -> Json<Vec<String>> {
    Json(proxy.take_requests())
}

async fn connections(State(proxy): State<Arc<FaultProxy>>) -> Json<Value> {
    Json(json!({ "open": proxy.connections(), "stalled": proxy.stalled() }))
}
