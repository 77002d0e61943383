use op_protocol::{id::VaultId, rest::AccessorType};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, types::UserAccess, vaults::access};

/// Give people direct access to a vault. It replaces any direct access that they have.
///
/// The vault's key is encrypted for each person's public key. A permission requires those that it builds on: if one is
/// missing, the call fails before any request. Only people can see other people, so a service account cannot do this.
///
/// # Errors
/// - {error InvalidConfiguration} if a permission lacks another that it requires.
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not manage the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsGrantUserPermissions {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The people, and what each of them may do from now on.
    pub user_permissions_list: Vec<UserAccess>,
}

impl ClientMethod for VaultsGrantUserPermissions {
    const SDK_NAME: &'static str = "vaults.grantUserPermissions";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let grants: Vec<_> =
            self.user_permissions_list.into_iter().map(|grant| (grant.user_id, grant.permissions)).collect();
        access::grant(client, &self.vault_id, AccessorType::User, &grants).await
    }
}
