use futures_util::future::{try_join, try_join_all};
use op_protocol::rest::{VaultAccessRequest, accessor_type};
use serde::Deserialize;

use super::ClientMethod;
use crate::{
    access::{Accessor, VaultKey, check_permissions},
    client::Client,
    error::{Error, ErrorKind, Result},
    host::HttpMethod,
    ids,
    transport::Resource,
    types::GroupAccess,
    vaults,
};

/// Give groups access to a vault.
///
/// The vault's key is wrapped for each group's public key, so that its members can open the vault. A permission needs
/// those that it builds on beside it; nothing is sent when one is missing.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsGrantGroupPermissions {
    /// The id of the vault.
    pub vault_id: String,
    /// The groups, and what each may do.
    pub group_permissions_list: Vec<GroupAccess>,
}

impl ClientMethod for VaultsGrantGroupPermissions {
    const SDK_NAME: &'static str = "vaults.grantGroupPermissions";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let grants = &self.group_permissions_list;
        ids::check("vault_id", &self.vault_id)?;
        for (index, grant) in grants.iter().enumerate() {
            ids::check(&format!("group_permissions_list[{index}].groupId"), &grant.group_id)?;
            let field = format!("group_permissions_list[{index}].permissions");
            check_permissions(&grant.group_id, grant.permissions, &field)?;
        }
        if grants.is_empty() {
            return Ok(());
        }
        let group_ids: Vec<_> = grants.iter().map(|grant| grant.group_id.as_str()).collect();
        let (keys, vault) = try_join(client.group_keys(&group_ids), vaults::record(&client.api, &self.vault_id)).await?;
        let key = client.keychain.vault_key(&vault).await?;
        let vault_key = VaultKey::current(&vault, &key);
        let access = grants.iter().map(async |grant| {
            // `group_keys` gives the key of every group that it was asked for.
            let public_key = keys.get(&grant.group_id).ok_or_else(|| Error::new(ErrorKind::Internal, "no group key"))?;
            let GroupAccess { group_id: id, permissions } = grant;
            let accessor = Accessor { kind: accessor_type::GROUP, id, public_key, permissions: *permissions };
            vault_key.access(client.host(), &accessor).await
        });
        // A vault that gets another key meanwhile has another version too: the old key is not given out for the new one.
        let access_version = vault.combined_access.as_ref().and_then(|access| access.access_version);
        let request = VaultAccessRequest { vaultaccess: try_join_all(access).await?, access_version };
        let route = format!("/api/v2/vault/{}/vaultaccess", self.vault_id);
        client.api.mutate(HttpMethod::Patch, &route, &request, Resource::Vault).await
    }
}
