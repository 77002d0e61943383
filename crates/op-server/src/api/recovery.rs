//! Recovery of people who lost their password or Secret Key.

use axum::Json;
use axum::response::Response;
use op_protocol::id::{GroupId, VaultId};
use op_protocol::rest::{CompleteRecoveryRequest, NewUser, RecoverableVault, Recovery, UserState};

use super::answer::{Success, access, success};
use super::checks::{check_key, new_access, new_user};
use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed, UserPath};
use crate::State;
use crate::policy::account::Role;
use crate::store::recovery::Given;

pub(super) async fn show(server: State, caller: Caller, UserPath { user }: UserPath) -> Result<Response> {
    let lost = server.store.lost(&caller.actor, &user).await?;
    let vaults = lost.vaults.iter().map(|row| {
        let recovery = lost.recoverable.get(&row.vault_uuid).map(access).transpose()?;
        Ok(RecoverableVault { access: access(row)?, recovery })
    });
    let vaults = vaults.collect::<Result<_>>()?;
    caller.seal(&Recovery { pub_key: accepted(&lost.accepted)?.keyset.pub_key, vaults, group_uuids: lost.groups })
}

pub(super) async fn complete(
    server: State,
    UserPath { user }: UserPath,
    Sealed { caller, body }: Sealed<CompleteRecoveryRequest>,
) -> Result<Json<Success>> {
    body.groups.iter().try_for_each(|key| check_key(&key.group_uuid, key))?;
    let vaults = body.vaults.iter().map(|access| new_access(VaultId::from_server(&access.vault_uuid), access));
    let given = Given {
        vaults: vaults.collect::<Result<_>>()?,
        groups: &body.groups,
        left_vaults: body.left_vaults.iter().map(VaultId::from_server).collect(),
        left_groups: body.left_groups.iter().map(GroupId::from_server).collect(),
    };
    let stored = server.store.accepted_recovery(&caller.actor, &user).await?;
    let made = accepted(&stored)?;
    let person = new_user(caller.account(), &made, Role::Member, UserState::Active, true)?;
    server.store.complete_recovery(&caller.actor, &stored, &person, &given).await?;
    Ok(success())
}

fn accepted(stored: &str) -> Result<NewUser> {
    serde_json::from_str(stored).map_err(|error| ApiError::internal(&error))
}
