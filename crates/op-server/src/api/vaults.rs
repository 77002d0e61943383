//! Vaults.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::Uri;
use axum::response::Response;
use op_protocol::envelope::{A256GCM, CTY, Envelope, RSA_OAEP};
use op_protocol::id::is_id;
use op_protocol::permissions::{ALL, MANAGE_VAULT};
use op_protocol::rest::{Vault, VaultAccess};
use serde::{Deserialize, Serialize};

use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed, VaultPath};
use super::time;
use crate::State;
use crate::policy::permissions::Rights;
use crate::state::now;
use crate::store::vaults::{AccessRow, NewAccess, NewVault, VaultRow};

/// Types of vault that a user may make: ordinary ones and environments. The others come with an account.
const MAKEABLE: [&str; 2] = ["U", "D"];

/// Answer of a change that has nothing to tell: in the clear, as the official clients refuse a sealed one.
#[derive(Serialize)]
pub(super) struct Success {
    success: u8,
}

pub(super) fn success() -> Json<Success> {
    Json(Success { success: 1 })
}

/// `GET /api/v1/vaults`: the vaults that the caller has access to.
pub(super) async fn list(Shared(server): Shared<State>, caller: Caller, uri: Uri) -> Result<Response> {
    let attrs = Attrs::of(&uri);
    let rows = server.store.vaults(caller.user()).await?;
    let vaults = rows.into_iter().map(|row| vault(row, attrs)).collect::<Result<Vec<_>>>()?;
    caller.seal(&vaults)
}

/// `GET /api/v3/vault/{vault}`. Others' access is shown to whoever manages the vault; the rest see their own.
pub(super) async fn show(
    Shared(server): Shared<State>,
    caller: Caller,
    VaultPath(id): VaultPath,
    uri: Uri,
) -> Result<Response> {
    let attrs = Attrs::of(&uri);
    let row = server.store.vault(&id, caller.user()).await?.ok_or_else(|| ApiError::not_found("vault"))?;
    let manages = Rights(row.access.acl).may(MANAGE_VAULT);
    let mut vault = vault(row, attrs)?;
    if attrs.accessors && manages {
        let accessors = server.store.vault_accessors(&id).await?;
        vault.access = Some(accessors.iter().map(access).collect::<Result<_>>()?);
    }
    caller.seal(&vault)
}

/// Body of `POST /api/v2/vault`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateVault {
    uuid: String,
    #[serde(rename = "type")]
    kind: String,
    enc_attrs: Envelope,
    access: Vec<VaultAccess>,
}

/// `POST /api/v2/vault`: a vault whose id and key the client made.
pub(super) async fn create(
    Shared(server): Shared<State>,
    Sealed { caller, body }: Sealed<CreateVault>,
) -> Result<Json<Success>> {
    if !server.store.can_create_vaults(caller.user()).await? {
        return Err(ApiError::forbidden("the permission to create vaults"));
    }
    if !is_id(&body.uuid) || !MAKEABLE.contains(&body.kind.as_str()) || !is_sealed(&body.enc_attrs, A256GCM) {
        return Err(ApiError::bad_request("uuid, type or encAttrs of the vault is malformed"));
    }
    let access = accesses(&body.uuid, &body.access)?;
    let own = access.iter().find(|access| access.accessor_type == "user" && access.accessor_uuid == caller.user());
    if !own.is_some_and(|own| Rights(own.acl).may(MANAGE_VAULT)) {
        return Err(ApiError::bad_request("access must let the vault's creator manage it"));
    }
    check_users(&server, &caller, &access).await?;
    let vault = NewVault {
        uuid: &body.uuid,
        account_uuid: caller.account(),
        kind: &body.kind,
        enc_attrs: &body.enc_attrs,
        access: &access,
    };
    server.store.create_vault(&vault, now()).await?;
    Ok(success())
}

/// Checks a list of access for one vault. Clients may name an accessor twice; the first entry counts.
fn accesses(vault: &str, list: &[VaultAccess]) -> Result<Vec<NewAccess>> {
    let mut seen = HashSet::new();
    let first = list.iter().filter(|access| seen.insert((&access.accessor_type, &access.accessor_uuid)));
    first.map(|access| new_access(vault, access)).collect()
}

/// Checks an access that a client made.
pub(super) fn new_access(vault: &str, access: &VaultAccess) -> Result<NewAccess> {
    let kind_known = matches!(access.accessor_type.as_str(), "user" | "group");
    let formed = kind_known && is_id(&access.accessor_uuid) && is_sealed(&access.enc_vault_key, RSA_OAEP);
    let lease = i64::try_from(access.lease_timeout).ok();
    match lease {
        Some(lease_timeout) if formed && access.vault_uuid == vault && access.acl & !ALL == 0 => Ok(NewAccess {
            vault_uuid: vault.to_owned(),
            accessor_type: access.accessor_type.clone(),
            accessor_uuid: access.accessor_uuid.clone(),
            acl: access.acl,
            lease_timeout,
            vault_key_sn: access.vault_key_sn,
            encrypted_by: access.encrypted_by.clone(),
            enc_vault_key: serde_json::to_string(&access.enc_vault_key).map_err(|error| ApiError::internal(&error))?,
        }),
        _ => Err(ApiError::bad_request("an access to the vault is malformed, or to another vault")),
    }
}

/// Refuses access for users who are not of the caller's account.
async fn check_users(server: &State, caller: &Caller, access: &[NewAccess]) -> Result<()> {
    let users = access.iter().filter(|access| access.accessor_type == "user");
    let users: Vec<&str> = users.map(|access| access.accessor_uuid.as_str()).collect();
    if server.store.users_among(caller.account(), &users).await? == users.len() {
        Ok(())
    } else {
        Err(ApiError::bad_request("access names a user that this account does not have"))
    }
}

/// Whether this is an envelope of that algorithm. Whether it opens, only clients can tell.
pub(super) fn is_sealed(envelope: &Envelope, algorithm: &str) -> bool {
    envelope.cty == CTY && envelope.enc == algorithm && envelope.iv.is_some() == (algorithm == A256GCM)
}

/// What `?attrs=a,b` asks for.
#[derive(Clone, Copy)]
struct Attrs {
    combined_access: bool,
    accessors: bool,
}

impl Attrs {
    fn of(uri: &Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&');
        let attrs = pairs.filter_map(|pair| pair.strip_prefix("attrs=")).collect::<Vec<_>>().join(",");
        // A list separator may come percent-encoded.
        let attrs = attrs.replace("%2C", ",").replace("%2c", ",");
        let asked = |name: &str| attrs.split(',').any(|attr| attr == name);
        Self { combined_access: asked("combined-access"), accessors: asked("accessors") }
    }
}

fn vault(row: VaultRow, attrs: Attrs) -> Result<Vault> {
    let own = access(&row.access)?;
    Ok(Vault {
        uuid: row.uuid,
        kind: row.kind,
        created_at: time::write(row.created_at),
        updated_at: time::write(row.updated_at),
        attr_version: row.attr_version,
        content_version: row.content_version,
        active_item_count: row.active_item_count,
        // Every kind of client may use every vault.
        client_access: u32::MAX.into(),
        enc_attrs: stored(&row.enc_attrs)?,
        combined_access: attrs
            .combined_access
            .then(|| VaultAccess { access_version: Some(row.access_version), ..own.clone() }),
        access: attrs.accessors.then(|| vec![own]),
    })
}

fn access(row: &AccessRow) -> Result<VaultAccess> {
    Ok(VaultAccess {
        vault_uuid: row.vault_uuid.clone(),
        accessor_type: row.accessor_type.clone(),
        accessor_uuid: row.accessor_uuid.clone(),
        acl: row.acl,
        lease_timeout: u64::try_from(row.lease_timeout).unwrap_or(0),
        vault_key_sn: row.vault_key_sn,
        encrypted_by: row.encrypted_by.clone(),
        enc_vault_key: stored(&row.enc_vault_key)?,
        access_version: None,
    })
}

/// An envelope from the store.
pub(super) fn stored(text: &str) -> Result<Envelope> {
    serde_json::from_str(text).map_err(|error| ApiError::internal(&error))
}
