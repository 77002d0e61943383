use op_protocol::{
    id::{UserId, VaultId},
    rest::routes,
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result};

/// Revoke a person's direct access to a vault. Access through groups stays.
///
/// People who kept the vault's key can still open what they copied before; `opwire vault rotate-key` gives the vault a
/// new one.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not manage the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsRevokeUserPermissions {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The id of the user.
    pub user_id: UserId,
}

impl ClientMethod for VaultsRevokeUserPermissions {
    const SDK_NAME: &'static str = "vaults.revokeUserPermissions";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        client.api.act(&routes::REVOKE_USER_ACCESS.at([self.vault_id.as_str(), self.user_id.as_str()])).await
    }
}
