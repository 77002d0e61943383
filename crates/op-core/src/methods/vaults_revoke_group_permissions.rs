use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, ids, transport::Resource, vaults};

/// Take a group's access to a vault away.
///
/// Members who kept the vault's key could still open what they copied before; `opwire vault rotate-key` gives the vault
/// a new one.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsRevokeGroupPermissions {
    /// The id of the vault.
    pub vault_id: String,
    /// The id of the group.
    pub group_id: String,
}

impl ClientMethod for VaultsRevokeGroupPermissions {
    const SDK_NAME: &'static str = "vaults.revokeGroupPermissions";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("vault_id", &self.vault_id)?;
        ids::check("group_id", &self.group_id)?;
        // An Environment is not a vault to its users.
        vaults::record(&client.api, &self.vault_id).await?;
        let route = format!("/api/v1/vault/{}/group/{}", self.vault_id, self.group_id);
        let result = client.api.delete(&route, Resource::Vault).await;
        result.map_err(|error| error.with_prefix("error revoking group vault permissions: "))
    }
}
