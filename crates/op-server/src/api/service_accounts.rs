//! Service accounts: users for programs, whose access is fixed when they are created.

use std::collections::HashMap;

use axum::Json;
use axum::response::Response;
use op_protocol::id::{UserId, VaultId};
use op_protocol::rest::{
    AccessorType, CreateServiceAccountRequest, RotateServiceAccountRequest, ServiceAccount, UserState,
    VaultAccessRecord,
};

use super::answer::{Success, access, success};
use super::checks::{new_access, new_user};
use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed, UserPath};
use super::time;
use crate::State;
use crate::policy::account::Role;
use crate::store::rows::NewAccess;

pub(super) async fn list(server: State, caller: Caller) -> Result<Response> {
    caller.standing(&server).await?.require_administrator()?;
    let mut vaults: HashMap<String, Vec<VaultAccessRecord>> = HashMap::new();
    for row in server.store.service_account_accesses(caller.account()).await? {
        vaults.entry(row.accessor_uuid.clone()).or_default().push(access(&row)?);
    }
    let rows = server.store.service_accounts(caller.account()).await?;
    let accounts = rows.into_iter().map(|row| ServiceAccount {
        vaults: vaults.remove(&row.uuid).unwrap_or_default(),
        uuid: row.uuid,
        email: row.email,
        name: row.name,
        state: row.state.into(),
        can_create_vaults: row.can_create_vaults != 0,
        created_at: time::write(row.created_at),
    });
    caller.seal(&accounts.collect::<Vec<_>>())
}

/// Administrators can give only permissions that they have themselves.
pub(super) async fn create(
    server: State,
    Sealed { caller, body }: Sealed<CreateServiceAccountRequest>,
) -> Result<Json<Success>> {
    let user = new_user(caller.account(), &body.user, Role::Service, UserState::Active, body.can_create_vaults)?;
    let grants = grants(&user.sign_in.uuid, &body.vaults)?;
    server.store.create_service_account(&caller.actor, &user, &grants).await?;
    Ok(success())
}

/// Replaces its secrets and keys.
pub(super) async fn rotate(
    server: State,
    UserPath { user: id }: UserPath,
    Sealed { caller, body }: Sealed<RotateServiceAccountRequest>,
) -> Result<Json<Success>> {
    if body.user.uuid != id.as_str() {
        return Err(ApiError::bad_request("the user's uuid is not the one in the path"));
    }
    let user = new_user(caller.account(), &body.user, Role::Service, UserState::Active, false)?;
    let grants = grants(&id, &body.vaults)?;
    server.store.rotate_service_account(&caller.actor, &user, &grants).await?;
    Ok(success())
}

pub(super) async fn revoke(server: State, caller: Caller, UserPath { user }: UserPath) -> Result<Json<Success>> {
    server.store.revoke_service_account(&caller.actor, &user).await?;
    Ok(success())
}

fn grants(user: &UserId, vaults: &[VaultAccessRecord]) -> Result<Vec<NewAccess>> {
    let grants = vaults.iter().map(|grant| {
        if grant.accessor_type != AccessorType::User || grant.accessor_uuid != user.as_str() {
            return Err(ApiError::bad_request("an access is for somebody other than the service account"));
        }
        new_access(VaultId::from_server(&grant.vault_uuid), grant)
    });
    grants.collect()
}
