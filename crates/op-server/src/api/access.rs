//! Who has access to a vault.

use axum::Json;
use axum::response::Response;
use op_protocol::rest::{AccessorType, GroupPermission, VaultAccessRequest, VaultAccessor};

use super::answer::{Success, public_key, success};
use super::checks::accesses;
use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed, VaultGroupPath, VaultPath, VaultUserPath};
use crate::State;

/// Accesses that one request may change.
const MAX_CHANGES: usize = 1_000;

pub(super) async fn grant(
    server: State,
    VaultPath { vault }: VaultPath,
    Sealed { caller, body }: Sealed<VaultAccessRequest>,
) -> Result<Json<Success>> {
    check_number(body.vaultaccess.len())?;
    let list = accesses(&vault, &body.vaultaccess)?;
    server.store.grant_access(&caller.actor, &vault, &list).await?;
    Ok(success())
}

/// Permissions of groups in several vaults, all or none.
pub(super) async fn change_groups(
    server: State,
    Sealed { caller, body }: Sealed<Vec<GroupPermission>>,
) -> Result<Json<Success>> {
    check_number(body.len())?;
    server.store.change_group_permissions(&caller.actor, &body).await?;
    Ok(success())
}

pub(super) async fn revoke_group(
    server: State,
    caller: Caller,
    VaultGroupPath { vault, group }: VaultGroupPath,
) -> Result<Json<Success>> {
    server.store.revoke_access(&caller.actor, &vault, AccessorType::Group, group.as_str()).await?;
    Ok(success())
}

pub(super) async fn revoke_user(
    server: State,
    caller: Caller,
    VaultUserPath { vault, user }: VaultUserPath,
) -> Result<Json<Success>> {
    server.store.revoke_access(&caller.actor, &vault, AccessorType::User, user.as_str()).await?;
    Ok(success())
}

/// Ends the caller's own access.
pub(super) async fn leave(server: State, caller: Caller, VaultPath { vault }: VaultPath) -> Result<Json<Success>> {
    server.store.leave_vault(&caller.actor, &vault).await?;
    Ok(success())
}

pub(super) async fn accessors(server: State, caller: Caller, VaultPath { vault }: VaultPath) -> Result<Response> {
    let rows = server.store.accessors_of(&vault, caller.user()).await?;
    let accessors = rows.into_iter().map(|row| {
        Ok(VaultAccessor {
            accessor_type: row.accessor_type,
            accessor_uuid: row.accessor_uuid,
            name: row.name,
            acl: row.acl,
            pub_key: public_key(&row.keyset)?,
        })
    });
    caller.seal(&accessors.collect::<Result<Vec<_>>>()?)
}

fn check_number(changes: usize) -> Result<()> {
    if changes <= MAX_CHANGES {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("one request can change at most {MAX_CHANGES} accesses")))
}
