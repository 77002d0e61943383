//! Vaults.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State as Shared;
use axum::http::Uri;
use axum::response::Response;
use op_protocol::envelope::{A256GCM, CTY, Envelope, RSA_OAEP};
use op_protocol::id::is_id;
use op_protocol::permissions::{ALL, MANAGE_VAULT};
use op_protocol::rest::{
    CreateVaultRequest, UpdateVaultRequest, Vault, VaultAccess, VaultPreflight, accessor_type, group_type, vault_type,
};
use serde::Serialize;

use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed, VaultPath, query_list};
use super::time;
use crate::State;
use crate::policy::permissions::Rights;
use crate::store::vaults::{AccessRow, NewAccess, NewVault, VaultRow};

/// Types of vault that a user may make: ordinary ones and environments. The others come with an account.
const MAKEABLE: [&str; 2] = [vault_type::USER_CREATED, vault_type::ENVIRONMENT];

/// Answer of a change that has nothing to tell: in the clear, as the official clients refuse a sealed one.
#[derive(Serialize)]
pub(super) struct Success {
    success: u8,
}

pub(super) fn success() -> Json<Success> {
    Json(Success { success: 1 })
}

/// `GET /api/v1/vaults`: the vaults that the caller has access to. The official clients take an Environment for a vault
/// that they do not know, so these have a list of their own.
pub(super) async fn list(Shared(server): Shared<State>, caller: Caller, uri: Uri) -> Result<Response> {
    list_where(&server, &caller, &uri, |kind| kind != vault_type::ENVIRONMENT).await
}

/// `GET /api/opwire/v1/environments`: the Environments that the caller has access to.
pub(super) async fn environments(Shared(server): Shared<State>, caller: Caller, uri: Uri) -> Result<Response> {
    list_where(&server, &caller, &uri, |kind| kind == vault_type::ENVIRONMENT).await
}

async fn list_where(server: &State, caller: &Caller, uri: &Uri, wanted: fn(&str) -> bool) -> Result<Response> {
    let attrs = Attrs::of(uri);
    let rows = server.store.vaults(caller.user()).await?.into_iter().filter(|row| wanted(&row.kind));
    let vaults = rows.map(|row| vault(row, attrs)).collect::<Result<Vec<_>>>()?;
    caller.seal(&vaults)
}

/// `GET /api/v3/vault/{vault}`. Others' access is shown to whoever manages the vault; the rest see their own.
pub(super) async fn show(
    Shared(server): Shared<State>,
    caller: Caller,
    VaultPath { vault: id }: VaultPath,
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

/// `GET /api/v1/vault/preflight/create`: which groups get access to a new vault.
pub(super) async fn preflight(Shared(server): Shared<State>, caller: Caller) -> Result<Response> {
    require_creator(&server, &caller).await?;
    let groups = server.store.groups(caller.account()).await?;
    let of = |kinds: &[&str]| {
        let of_kind = groups.iter().filter(|group| kinds.contains(&group.kind.as_str()));
        of_kind.map(|group| group.uuid.clone()).collect()
    };
    caller.seal(&VaultPreflight {
        mandatory_group_uuids: of(&[group_type::RECOVERY]),
        admin_group_uuids: of(&[group_type::ADMINISTRATORS, group_type::OWNERS]),
        unknown: true,
        icon_set: None,
    })
}

/// `POST /api/v2/vault`: a vault whose id and key the client made.
pub(super) async fn create(
    Shared(server): Shared<State>,
    Sealed { caller, body }: Sealed<CreateVaultRequest>,
) -> Result<Json<Success>> {
    require_creator(&server, &caller).await?;
    if !MAKEABLE.contains(&body.kind.as_str()) {
        let kind = body.kind.escape_debug();
        return Err(ApiError::bad_request(format!(
            "the type of a new vault is U, or D for an Environment, not `{kind}`"
        )));
    }
    let access = vault_access(&body)?;
    let own = access.iter().find(|access| access.accessor_uuid == caller.user());
    if !own.is_some_and(|own| Rights(own.acl).may(MANAGE_VAULT)) {
        return Err(ApiError::bad_request("access must let the vault's creator manage it"));
    }
    server.store.create_vault(&caller.actor, &new_vault(caller.account(), &body, &access)).await?;
    Ok(success())
}

async fn require_creator(server: &State, caller: &Caller) -> Result<()> {
    if server.store.can_create_vaults(caller.user()).await? {
        Ok(())
    } else {
        Err(ApiError::forbidden("the permission to create vaults"))
    }
}

/// `PUT /api/v3/vault/{vault}/attrs`.
pub(super) async fn update(
    Shared(server): Shared<State>,
    VaultPath { vault }: VaultPath,
    Sealed { caller, body }: Sealed<UpdateVaultRequest>,
) -> Result<Json<Success>> {
    if body.uuid != vault || !is_sealed(&body.enc_attrs, A256GCM) {
        return Err(ApiError::bad_request("uuid is not the vault's, or encAttrs is malformed"));
    }
    server.store.update_vault(&caller.actor, &body).await?;
    Ok(success())
}

/// `DELETE /api/v4/vault/{vault}`.
pub(super) async fn delete(
    Shared(server): Shared<State>,
    caller: Caller,
    VaultPath { vault }: VaultPath,
) -> Result<Json<Success>> {
    server.store.delete_vault(&caller.actor, &vault).await?;
    Ok(success())
}

/// A vault to be made of a checked request.
pub(super) fn new_vault<'a>(
    account: &'a str,
    request: &'a CreateVaultRequest,
    access: &'a [NewAccess],
) -> NewVault<'a> {
    NewVault { uuid: &request.uuid, account_uuid: account, kind: &request.kind, enc_attrs: &request.enc_attrs, access }
}

/// Checks the personal vault of a new user.
pub(super) fn personal_access(request: &CreateVaultRequest) -> Result<Vec<NewAccess>> {
    if request.kind != vault_type::PERSONAL {
        return Err(ApiError::bad_request("the type of a personal vault is P"));
    }
    vault_access(request)
}

fn vault_access(request: &CreateVaultRequest) -> Result<Vec<NewAccess>> {
    if !is_id(&request.uuid) || !is_sealed(&request.enc_attrs, A256GCM) {
        return Err(ApiError::bad_request("uuid or encAttrs of the vault is malformed"));
    }
    accesses(&request.uuid, &request.access)
}

/// Checks a list of access for one vault. Clients may name an accessor twice; the first entry counts.
pub(super) fn accesses(vault: &str, list: &[VaultAccess]) -> Result<Vec<NewAccess>> {
    let mut seen = HashSet::new();
    let first = list.iter().filter(|access| seen.insert((&access.accessor_type, &access.accessor_uuid)));
    first.map(|access| new_access(vault, access)).collect()
}

/// Checks an access that a client made.
pub(super) fn new_access(vault: &str, access: &VaultAccess) -> Result<NewAccess> {
    let kind_known = matches!(access.accessor_type.as_str(), accessor_type::USER | accessor_type::GROUP);
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
        _ => Err(ApiError::bad_request(format!(
            "the access of `{}` to vault `{vault}` is malformed, or to another vault",
            access.accessor_uuid.escape_debug()
        ))),
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
        let attrs = query_list(uri, "attrs");
        let asked = |name: &str| attrs.iter().any(|attr| attr == name);
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

pub(super) fn access(row: &AccessRow) -> Result<VaultAccess> {
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
