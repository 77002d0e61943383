//! Granting access to vaults: the vault's key is wrapped for the users and groups that may open it.

use std::fmt;

use futures_util::future::try_join;
use op_protocol::{
    id::VaultId,
    jwk::RsaPublicKey,
    permissions,
    rest::{AccessorType, VaultAccessRequest, routes},
};

use crate::{
    client::{
        Client, vault_records,
        wrap::{Accessor, VaultKeyVersion},
    },
    error::{Error, ErrorKind, Result},
    ids,
    people::{groups, users},
    wire::conflicts::until_settled,
};

/// Gives groups or users access to a vault: all of them, or none. `kind` says which, and is part of the parameter that
/// an error names.
pub(crate) async fn grant(
    client: &Client,
    vault_id: &VaultId,
    kind: AccessorType,
    grants: &[(String, u32)],
) -> Result<()> {
    for (index, (id, permissions)) in grants.iter().enumerate() {
        let field = |member: &str| format!("{kind}_permissions_list[{index}].{member}");
        ids::check(&field(&format!("{kind}Id")), id)?;
        check_permissions(kind, id, *permissions, &field("permissions"))?;
    }
    if grants.is_empty() {
        return Ok(());
    }
    until_settled(&client.api.connection, || grant_with_current_key(client, vault_id, kind, grants)).await
}

/// Grants access with the vault's current key. The server refuses it if the key is rotated in the meantime.
async fn grant_with_current_key(
    client: &Client,
    vault_id: &VaultId,
    kind: AccessorType,
    grants: &[(String, u32)],
) -> Result<()> {
    let (keys, vault) = try_join(public_keys(client, kind, grants), vault_records::read(&client.api, vault_id)).await?;
    let key = client.keychain.vault_key(&vault).await?;
    let key = VaultKeyVersion::current(&vault, &key);
    let mut access = Vec::with_capacity(grants.len());
    for (public_key, (id, permissions)) in keys.iter().zip(grants) {
        let accessor = Accessor { kind, id, public_key, permissions: *permissions };
        access.push(key.access(client.host(), &accessor).await?);
    }
    let request = VaultAccessRequest { vaultaccess: access };
    let target = routes::GRANT_VAULT_ACCESS.at([vault_id.as_str()]);
    client.api.mutate(&target, &request).await
}

/// Returns the public keys of groups or users, in the order of the grants. Fails if one does not exist.
async fn public_keys(client: &Client, kind: AccessorType, grants: &[(String, u32)]) -> Result<Vec<RsaPublicKey>> {
    let keys: Vec<(String, RsaPublicKey)> = match kind {
        AccessorType::Group => {
            let ids: Vec<_> = grants.iter().map(|(id, _)| id.as_str()).collect();
            let keys = groups::public_keys(client, &ids).await?;
            keys.into_iter().map(|key| (key.uuid, key.pub_key)).collect()
        }
        AccessorType::User => users::records(client).await?.into_iter().map(|user| (user.uuid, user.pub_key)).collect(),
    };
    let key_of = |(id, _): &(String, u32)| match keys.iter().find(|(found, _)| found == id) {
        Some((_, key)) => Ok(key.clone()),
        None => Err(Error::new(ErrorKind::InvalidConfiguration, format_args!("{kind} not found for id {id}"))),
    };
    grants.iter().map(key_of).collect()
}

/// Refuses permissions that are empty, or that lack other permissions that they require. `kind` and `id` are those of
/// the accessor, `field` is the parameter with the permissions.
pub(crate) fn check_permissions(kind: AccessorType, id: &str, bits: u32, field: &str) -> Result<()> {
    let refuse =
        |problem: &dyn fmt::Display| Err(Error::new(ErrorKind::InvalidConfiguration, problem).with_field(field));
    if bits == permissions::NO_ACCESS {
        return refuse(&format_args!("assigned permissions for {kind} {id} can't be 0"));
    }
    permissions::check_required(bits).or_else(|missing| refuse(&missing))
}
