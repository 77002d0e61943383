//! Service accounts: users for programs, whose access is fixed when they are made.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State as Shared;
use op_protocol::rest::{CreateServiceAccountRequest, VaultAccess};

use super::accounts::new_user;
use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed};
use super::vaults::{Success, new_access, success};
use crate::State;
use crate::policy::permissions::Rights;
use crate::state::now;
use crate::store::vaults::{NewAccess, VaultRights};

/// Vaults that no program gets access to: personal ones, everyone's, and those of transfers.
const PERSONAL: [&str; 3] = ["P", "E", "T"];

/// `POST /api/opwire/v1/service-accounts`: by an owner of the account, who can give only what it has itself.
pub(super) async fn create(
    Shared(server): Shared<State>,
    Sealed { caller, body }: Sealed<CreateServiceAccountRequest>,
) -> Result<Json<Success>> {
    if !caller.is_owner() {
        return Err(ApiError::forbidden("an owner of the account"));
    }
    let user = new_user(caller.account(), &body.user, "service", body.can_create_vaults)?;
    let rights = rights(&server, &caller, &body.vaults).await?;
    let grants = body.vaults.iter().map(|grant| {
        if grant.accessor_type != "user" || grant.accessor_uuid != body.user.uuid {
            return Err(ApiError::bad_request("a vault's access is not for the new service account"));
        }
        if grant.encrypted_by != body.user.keyset.uuid || grant.enc_vault_key.kid != body.user.keyset.uuid {
            return Err(ApiError::bad_request("a vault's key is not sealed for the new service account's keyset"));
        }
        permitted_grant(grant, rights.get(&grant.vault_uuid))
    });
    let grants = grants.collect::<Result<Vec<_>>>()?;
    server.store.create_user(&user, &grants, now()).await?;
    Ok(success())
}

/// The caller's rights on the vaults of the grants.
async fn rights(server: &State, caller: &Caller, grants: &[VaultAccess]) -> Result<HashMap<String, VaultRights>> {
    let vaults: Vec<&str> = grants.iter().map(|grant| grant.vault_uuid.as_str()).collect();
    let rights = server.store.vault_rights(caller.user(), &vaults).await?;
    Ok(rights.into_iter().map(|rights| (rights.vault_uuid.clone(), rights)).collect())
}

fn permitted_grant(grant: &VaultAccess, rights: Option<&VaultRights>) -> Result<NewAccess> {
    let Some(rights) = rights else { return Err(ApiError::not_found("vault")) };
    if PERSONAL.contains(&rights.kind.as_str()) {
        return Err(ApiError::bad_request(
            "service accounts have no access to personal, everyone's and transfer vaults",
        ));
    }
    if !Rights(rights.acl).may_grant(grant.acl) {
        return Err(ApiError::forbidden("managing the vault, and having oneself what one gives"));
    }
    new_access(&grant.vault_uuid, grant)
}
