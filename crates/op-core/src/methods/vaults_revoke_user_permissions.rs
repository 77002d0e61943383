use op_protocol::rest::routes;
use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, ids};

/// Revoke a person's direct access to a vault. Access through groups stays.
///
/// People who kept the vault's key can still open what they copied before; `opwire vault rotate-key` gives the vault a
/// new one.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not manage the vault.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsRevokeUserPermissions {
    /// The id of the vault.
    pub vault_id: String,
    /// The id of the user.
    pub user_id: String,
}

impl ClientMethod for VaultsRevokeUserPermissions {
    const SDK_NAME: &'static str = "vaults.revokeUserPermissions";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("vault_id", &self.vault_id)?;
        ids::check("user_id", &self.user_id)?;
        client.api.act(&routes::REVOKE_USER_ACCESS.at([&self.vault_id, &self.user_id])).await
    }
}
