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
mod front;
mod groups;
mod health;
mod invites;
mod items;
mod keysets;
mod log;
mod me;
mod page;
mod range;
mod rate_limit_headers;
mod recovery;
mod rotation;
mod service_accounts;
mod share;
mod shares;
mod time;
mod users;
mod vaults;

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use op_protocol::rest::routes::{self, Method};
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

/// Says what answers each route, within which bounds.
macro_rules! routes {
    ($($(#[$doc:meta])* $group:ident { $($bounds:ident $route:ident => $handler:path;)+ })+) => {
        /// Method and path of each route. Tests go through them, so that none is forgotten.
        pub const ROUTES: &[(&str, &str)] = &[$($((routes::$route.method.as_str(), routes::$route.path)),+),+];

        $($(#[$doc])*
        fn $group() -> Router<State> {
            Router::new()$(.route(routes::$route.path, $bounds.around(on(filter(routes::$route.method), $handler))
                .layer(Extension(Reads(routes::$route.reads)))))+
        })+
    };
}

/// Whether the route of a request changes nothing.
#[derive(Clone, Copy)]
struct Reads(bool);

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

routes! {
    /// For clients that sign in, and those that are about to.
    account_routes {
        SIGN_IN AUTH_START => auth::start;
        SIGN_IN AUTH => auth::exchange;
        SIGN_IN AUTH_CONFIRM_KEY => auth::confirm_key;
        SIGN_IN AUTH_COMPLETE => auth::complete;
        SIGN_IN OLDER_AUTH => auth::exchange_older;
        SIGN_IN AUTH_VERIFY => auth::verify;

        DATA KEYSETS => keysets::list;
        DATA ACCOUNT => accounts::show;
        DATA VAULTS => vaults::list;
        DATA VAULT_PREFLIGHT => vaults::preflight;
        KEYS CREATE_VAULT => vaults::create;
        DATA VAULT => vaults::show;
        KEYS VAULT_ATTRIBUTES => vaults::update;
        DATA DELETE_VAULT => vaults::delete;
        KEYS GRANT_VAULT_ACCESS => access::grant;
        KEYS CHANGE_GROUP_ACCESS => access::change_groups;
        DATA REVOKE_GROUP_ACCESS => access::revoke_group;
        DATA GROUP_PUBLIC_KEYS => groups::public_keys;
        DATA GROUP => groups::show;
        DATA ITEM_OVERVIEWS => items::overviews;
        DATA ITEM => items::show;
        DATA ITEM_BATCH => items::batch;
        DATA CHANGE_ITEMS => items::change;

        DATA SHARE_PREFLIGHT => shares::preflight;
        DATA VALIDATE_RECIPIENTS => shares::validate_recipients;
        DATA CREATE_SHARE => shares::create;

        FILE UPLOAD_FILE => files::upload;
        FILE FILE => files::download;

        DATA HEALTH => health::show;
        DATA LIMITS => health::limits;
        KEYS CREATE_ACCOUNT => accounts::create;
        KEYS CREATE_BUILT_IN_GROUPS => accounts::create_groups;
        DATA USERS => users::list;
        DATA USER => users::show;
        DATA REJECT_USER => users::reject;
        DATA USER_VAULTS => users::vaults;
        KEYS CONFIRM_USER => users::confirm;
        DATA SUSPEND_USER => users::suspend;
        DATA REACTIVATE_USER => users::reactivate;
        DATA RECOVERY => recovery::show;
        KEYS COMPLETE_RECOVERY => recovery::complete;
        DATA INVITES => invites::list;
        KEYS CREATE_INVITE => invites::create;
        DATA DELETE_INVITE => invites::delete;
        SIGN_IN OPEN_INVITE => invites::open;
        KEYS ACCEPT_INVITE => invites::accept;
        KEYS CHANGE_CREDENTIALS => me::change_credentials;
        DATA SESSIONS => me::list_sessions;
        DATA END_SESSIONS => me::end_sessions;
        DATA END_SESSION => me::end_session;
        DATA GROUPS => groups::list;
        KEYS CREATE_GROUP => groups::create;
        KEYS UPDATE_GROUP => groups::update;
        DATA DELETE_GROUP => groups::delete;
        DATA GROUP_MEMBERS => groups::members;
        KEYS ADD_GROUP_MEMBER => groups::add_member;
        DATA REMOVE_GROUP_MEMBER => groups::remove_member;
        DATA ENVIRONMENTS => vaults::environments;
        DATA VAULT_ACCESSORS => access::accessors;
        DATA LEAVE_VAULT => access::leave;
        DATA ABANDONED_VAULTS => vaults::list_abandoned;
        DATA REMOVE_ABANDONED_VAULT => vaults::remove_abandoned;
        DATA REVOKE_USER_ACCESS => access::revoke_user;
        DATA REENCRYPT_ITEMS => rotation::put_items;
        KEYS FINISH_ROTATION => rotation::finish;
        DATA ABANDON_ROTATION => rotation::abandon;
        DATA SERVICE_ACCOUNTS => service_accounts::list;
        KEYS CREATE_SERVICE_ACCOUNT => service_accounts::create;
        KEYS ROTATE_SERVICE_ACCOUNT => service_accounts::rotate;
        DATA DELETE_SERVICE_ACCOUNT => service_accounts::revoke;
        DATA SHARE_POLICY => shares::policy;
        DATA SET_SHARE_POLICY => shares::set_policy;
        DATA VAULT_SHARE_POLICY => shares::vault_policy;
        DATA SET_VAULT_SHARE_POLICY => shares::set_vault_policy;
        DATA CLEAR_VAULT_SHARE_POLICY => shares::clear_vault_policy;
        DATA SHARES => shares::list;
        DATA SHARE => shares::show;
        DATA REVOKE_SHARE => shares::revoke;
        DATA AUDIT => audit::list;
    }

    /// For people with the link of a share.
    share_routes {
        SIGN_IN SHARE_STATUS => share::status;
        SIGN_IN SHARE_CODE => share::code;
        SIGN_IN VERIFY_SHARE => share::verify;
        SIGN_IN OPEN_SHARE => share::open;
        SIGN_IN END_SHARE => share::end;
        FILE SHARE_FILE => share::file;
    }
}

/// The routes over an open server.
pub fn app(state: State) -> Router {
    let accounts = account_routes()
        .fallback(async || ApiError::not_found("route"))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(state.clone(), rate_limit_headers::add))
        .layer(cors::layer(&state.origins))
        .layer(from_fn_with_state(state.clone(), front::only_shares));
    // No other web page may call these.
    let shares = share_routes().method_not_allowed_fallback(wrong_method).layer(from_fn(share::no_store));
    let routes = accounts.merge(shares).merge(page::routes());
    let routes =
        routes.layer(from_fn(front::one_host)).layer(from_fn_with_state(state.clone(), log::request)).with_state(state);
    front::around(routes)
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "this route does not have this method")
}
