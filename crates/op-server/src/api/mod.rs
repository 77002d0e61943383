//! The routes, one file a resource.

mod access;
mod accounts;
mod answer;
mod audit;
mod auth;
mod checks;
mod cors;
mod error;
mod extract;
mod files;
mod groups;
mod health;
mod invites;
mod items;
mod keysets;
mod log;
mod me;
mod rate_limit_headers;
mod recovery;
mod rotation;
mod service_accounts;
mod time;
mod users;
mod vaults;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use tower_http::timeout::TimeoutLayer;

use crate::State;
use error::ApiError;

/// The largest body of a request, in bytes, and the time after which it is aborted, the arrival of its body included.
struct Bounds {
    body: usize,
    time: Duration,
}

/// For requests before sign-in.
const SIGN_IN: Bounds = Bounds { body: 16 * 1024, time: MINUTE };
/// For requests that describe users, groups and their keys.
const KEYS: Bounds = Bounds { body: 1024 * 1024, time: MINUTE };
/// For uploads and downloads, which may be slow. The handler limits the size.
const FILE: Bounds = Bounds { body: 0, time: Duration::from_secs(15 * 60) };
/// For all other requests.
const DATA: Bounds = Bounds { body: 16 * 1024 * 1024, time: MINUTE };

const MINUTE: Duration = Duration::from_secs(60);

impl Bounds {
    fn around(self, route: MethodRouter<State>) -> MethodRouter<State> {
        route
            .layer::<_, Infallible>(DefaultBodyLimit::max(self.body))
            .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, self.time))
    }
}

/// Declares every route once: its bounds, its method, its path, and what answers it.
macro_rules! routes {
    ($($bounds:ident $method:ident $path:literal => $handler:path;)+) => {
        /// Method, in lower case, and path of each route. Tests go through them, so that none is forgotten.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),+];

        fn routes() -> Router<State> {
            Router::new()$(.route($path, $bounds.around($method($handler))))+
        }
    };
}

routes! {
    SIGN_IN post "/api/v3/auth/start" => auth::start;
    SIGN_IN post "/api/v2/auth" => auth::exchange;
    SIGN_IN post "/api/v2/auth/confirm-key" => auth::confirm_key;
    SIGN_IN post "/api/v2/auth/complete" => auth::complete;
    SIGN_IN post "/api/v1/auth" => auth::exchange_older;
    SIGN_IN post "/api/v2/auth/verify" => auth::verify;

    DATA get "/api/v2/account/keysets" => keysets::list;
    DATA get "/api/v3/account" => accounts::show;
    DATA get "/api/v1/vaults" => vaults::list;
    DATA get "/api/v1/vault/preflight/create" => vaults::preflight;
    KEYS post "/api/v2/vault" => vaults::create;
    DATA get "/api/v3/vault/{vault}" => vaults::show;
    KEYS put "/api/v3/vault/{vault}/attrs" => vaults::update;
    DATA delete "/api/v4/vault/{vault}" => vaults::delete;
    KEYS patch "/api/v2/vault/{vault}/vaultaccess" => access::grant;
    KEYS patch "/api/v2/acl/groups" => access::change_groups;
    DATA delete "/api/v1/vault/{vault}/group/{group}" => access::revoke_group;
    DATA get "/api/v1/group/pubkeys" => groups::public_keys;
    DATA get "/api/v2/group/{group}" => groups::show;
    DATA get "/api/v1/vault/{vault}/items/overviews" => items::overviews;
    DATA get "/api/v1/vault/{vault}/item/{item}" => items::show;
    DATA post "/api/v3/vault/{vault}/items/batch" => items::batch;
    DATA patch "/api/v3/vault/{vault}/{content_version}/items" => items::change;

    FILE post "/api/v3/file" => files::upload;
    FILE get "/api/v2/file/{vault}/{item}/{file}" => files::download;

    DATA get "/api/opwire/v1/health" => health::show;
    DATA get "/api/opwire/v1/limits" => health::limits;
    KEYS post "/api/opwire/v1/accounts" => accounts::create;
    KEYS post "/api/opwire/v1/account/groups" => accounts::create_groups;
    DATA get "/api/opwire/v1/users" => users::list;
    DATA get "/api/opwire/v1/users/{user}" => users::show;
    DATA delete "/api/opwire/v1/users/{user}" => users::reject;
    DATA get "/api/opwire/v1/users/{user}/vaults" => users::vaults;
    KEYS post "/api/opwire/v1/users/{user}/confirm" => users::confirm;
    DATA post "/api/opwire/v1/users/{user}/suspend" => users::suspend;
    DATA post "/api/opwire/v1/users/{user}/reactivate" => users::reactivate;
    DATA get "/api/opwire/v1/users/{user}/recovery" => recovery::show;
    KEYS post "/api/opwire/v1/users/{user}/recovery" => recovery::complete;
    DATA get "/api/opwire/v1/invites" => invites::list;
    KEYS post "/api/opwire/v1/invites" => invites::create;
    DATA delete "/api/opwire/v1/invites/{invite}" => invites::delete;
    SIGN_IN post "/api/opwire/v1/invites/{invite}" => invites::open;
    KEYS post "/api/opwire/v1/invites/{invite}/accept" => invites::accept;
    KEYS put "/api/opwire/v1/me/credentials" => me::change_credentials;
    DATA get "/api/opwire/v1/sessions" => me::list_sessions;
    DATA delete "/api/opwire/v1/sessions" => me::end_sessions;
    DATA delete "/api/opwire/v1/sessions/{session}" => me::end_session;
    DATA get "/api/opwire/v1/groups" => groups::list;
    KEYS post "/api/opwire/v1/groups" => groups::create;
    KEYS put "/api/opwire/v1/groups/{group}" => groups::update;
    DATA delete "/api/opwire/v1/groups/{group}" => groups::delete;
    DATA get "/api/opwire/v1/groups/{group}/members" => groups::members;
    KEYS put "/api/opwire/v1/groups/{group}/members/{user}" => groups::add_member;
    DATA delete "/api/opwire/v1/groups/{group}/members/{user}" => groups::remove_member;
    DATA get "/api/opwire/v1/environments" => vaults::environments;
    DATA get "/api/opwire/v1/vaults/{vault}/accessors" => access::accessors;
    DATA delete "/api/opwire/v1/vaults/{vault}/users/{user}" => access::revoke_user;
    DATA put "/api/opwire/v1/vaults/{vault}/rotation/{key}/items" => rotation::put_items;
    KEYS post "/api/opwire/v1/vaults/{vault}/rotation/{key}" => rotation::finish;
    DATA delete "/api/opwire/v1/vaults/{vault}/rotation/{key}" => rotation::abandon;
    DATA get "/api/opwire/v1/service-accounts" => service_accounts::list;
    KEYS post "/api/opwire/v1/service-accounts" => service_accounts::create;
    KEYS put "/api/opwire/v1/service-accounts/{user}" => service_accounts::rotate;
    DATA delete "/api/opwire/v1/service-accounts/{user}" => service_accounts::revoke;
    DATA get "/api/opwire/v1/audit" => audit::list;
}

/// The routes over an open server.
pub fn app(state: State) -> Router {
    routes()
        .fallback(async || ApiError::not_found("route"))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "this route does not have this method")
        })
        .layer(from_fn(rate_limit_headers::add))
        .layer(cors::layer(&state.origins))
        .layer(from_fn(log::request))
        .with_state(state)
}
