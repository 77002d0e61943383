//! The caller's keys, sealed.

use axum::response::Response;
use op_protocol::keyset::KeysetsResponse;

use super::error::Result;
use super::extract::Caller;
use crate::State;

/// The caller's own, then those of the groups whose key they hold.
pub(super) async fn list(server: State, caller: Caller) -> Result<Response> {
    let mut keysets = server.store.keysets(caller.user()).await?;
    keysets.extend(server.store.group_keysets(caller.user()).await?);
    caller.seal(&KeysetsResponse { version: 1, keysets })
}
