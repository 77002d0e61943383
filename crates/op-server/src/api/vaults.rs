//! Vaults.

use axum::Json;
use axum::http::Uri;
use axum::response::Response;
use op_protocol::jwk::A256GCM;
use op_protocol::permissions::MANAGE_VAULT;
use op_protocol::rest::{
    AbandonedVault, CreateVaultRequest, GroupType, UpdateVaultRequest, VaultAccessRecord, VaultPreflight, VaultRecord,
    VaultType,
};

use super::answer::{Success, access, stored, success};
use super::checks::{is_sealed, new_vault};
use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed, VaultPath, query_list};
use super::time;
use crate::State;
use crate::policy::permissions::Rights;
use crate::store::rows::VaultRow;
use crate::store::vaults::CREATE_VAULTS;

/// The types of vault that a user may create: ordinary ones and Environments. The others come with an account.
const MAKEABLE: [VaultType; 2] = [VaultType::UserCreated, VaultType::Environment];

/// The vaults that the caller has access to. Environments have a list of their own, as the
/// official clients would show them as vaults.
pub(super) async fn list(server: State, caller: Caller, uri: Uri) -> Result<Response> {
    list_where(&server, &caller, &uri, |kind| kind != VaultType::Environment).await
}

/// The Environments that the caller has access to.
pub(super) async fn environments(server: State, caller: Caller, uri: Uri) -> Result<Response> {
    list_where(&server, &caller, &uri, |kind| kind == VaultType::Environment).await
}

async fn list_where(server: &State, caller: &Caller, uri: &Uri, wanted: fn(VaultType) -> bool) -> Result<Response> {
    let attrs = Attrs::of(uri);
    let rows = server.store.vaults(caller.user()).await?.into_iter().filter(|row| wanted(row.kind));
    let vaults = rows.map(|row| vault(row, attrs)).collect::<Result<Vec<_>>>()?;
    caller.seal(&vaults)
}

/// What no active person manages, for owners of the account.
pub(super) async fn list_abandoned(server: State, caller: Caller) -> Result<Response> {
    caller.standing(&server).await?.require_owner()?;
    let rows = server.store.abandoned_vaults(caller.account()).await?.into_iter();
    let vaults = rows.map(|row| AbandonedVault {
        uuid: row.uuid,
        active_item_count: row.active_item_count,
        created_at: time::write(row.created_at),
        updated_at: time::write(row.updated_at),
    });
    caller.seal(&vaults.collect::<Vec<_>>())
}

pub(super) async fn remove_abandoned(
    server: State,
    caller: Caller,
    VaultPath { vault }: VaultPath,
) -> Result<Json<Success>> {
    server.store.remove_abandoned_vault(&caller.actor, &vault).await?;
    Ok(success())
}

/// Managers of the vault see everyone's access; others see their own.
pub(super) async fn show(
    server: State,
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

/// Which groups get access to a new vault.
pub(super) async fn preflight(server: State, caller: Caller) -> Result<Response> {
    if !server.store.can_create_vaults(caller.user()).await? {
        return Err(ApiError::forbidden(CREATE_VAULTS));
    }
    let groups = server.store.groups(caller.account()).await?;
    let of = |kinds: &[GroupType]| {
        let of_kind = groups.iter().filter(|group| kinds.contains(&group.kind));
        of_kind.map(|group| group.uuid.clone()).collect()
    };
    caller.seal(&VaultPreflight {
        mandatory_group_uuids: of(&[GroupType::Recovery]),
        admin_group_uuids: of(&[GroupType::Administrators, GroupType::Owners]),
        unknown: true,
        icon_set: None,
    })
}

/// Creates a vault whose id and key the client made.
pub(super) async fn create(
    server: State,
    Sealed { caller, body }: Sealed<CreateVaultRequest>,
) -> Result<Json<Success>> {
    if !MAKEABLE.contains(&body.kind) {
        return Err(ApiError::bad_request(format!(
            "the type of a new vault must be U, or D for an Environment, not `{}`",
            body.kind
        )));
    }
    server.store.create_vault(&caller.actor, &new_vault(caller.account(), &body)?).await?;
    Ok(success())
}

pub(super) async fn update(
    server: State,
    VaultPath { vault }: VaultPath,
    Sealed { caller, body }: Sealed<UpdateVaultRequest>,
) -> Result<Json<Success>> {
    if body.uuid != vault.as_str() || !is_sealed(&body.enc_attrs, A256GCM) {
        return Err(ApiError::bad_request("uuid is not the vault's, or encAttrs is malformed"));
    }
    server.store.update_vault(&caller.actor, &vault, &body).await?;
    Ok(success())
}

pub(super) async fn delete(server: State, caller: Caller, VaultPath { vault }: VaultPath) -> Result<Json<Success>> {
    server.store.delete_vault(&caller.actor, &vault).await?;
    Ok(success())
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

fn vault(row: VaultRow, attrs: Attrs) -> Result<VaultRecord> {
    let own = access(&row.access)?;
    Ok(VaultRecord {
        uuid: row.uuid,
        kind: row.kind.into(),
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
            .then(|| VaultAccessRecord { access_version: Some(row.access_version), ..own.clone() }),
        access: attrs.accessors.then(|| vec![own]),
    })
}
