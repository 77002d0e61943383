use op_protocol::{id::VaultId, rest::AccessorType};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, types::GroupAccess, vaults::access};

/// Give groups access to a vault.
///
/// The vault's key is encrypted for each group's public key, so that its members can open the vault. A permission
/// requires those that it builds on: if one is missing, the call fails before any request.
///
/// # Errors
/// - {error InvalidConfiguration} if a permission lacks another that it requires.
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not manage the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsGrantGroupPermissions {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The groups, and what each of them may do.
    pub group_permissions_list: Vec<GroupAccess>,
}

impl ClientMethod for VaultsGrantGroupPermissions {
    const SDK_NAME: &'static str = "vaults.grantGroupPermissions";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let grants: Vec<_> =
            self.group_permissions_list.into_iter().map(|grant| (grant.group_id, grant.permissions)).collect();
        access::grant(client, &self.vault_id, AccessorType::Group, &grants).await
    }
}
