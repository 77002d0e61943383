//! The response to a request: sessions, signing and sealing, retries, limits, and the cache.

pub(crate) mod address;
pub(crate) mod api;
pub(crate) mod cache;
pub(crate) mod conflicts;
pub(crate) mod on_drop;
pub(crate) mod opener;
pub(crate) mod plain;
pub(crate) mod rate_limits;
#[cfg(not(target_family = "wasm"))]
mod scope;
pub(crate) mod session;
pub(crate) mod single_flight;
pub(crate) mod transport;
