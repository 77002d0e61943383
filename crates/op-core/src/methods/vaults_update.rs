use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::{Client, vault_records},
    error::Result,
    plaintext,
    types::{Vault, VaultUpdateParams},
    vaults,
    wire::conflicts::until_settled,
};

/// Change the title or description of a vault. Returns the vault, with the attribute version from before the change.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not change the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsUpdate {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// What to change.
    pub params: VaultUpdateParams,
}

impl ClientMethod for VaultsUpdate {
    const SDK_NAME: &'static str = "vaults.update";
    type Output = Vault;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        until_settled(&client.api.connection, || self.update(client)).await
    }
}

impl VaultsUpdate {
    async fn update(&self, client: &Client) -> Result<Vault> {
        let vault = vault_records::read_with_accessors(&client.api, &self.vault_id).await?;
        let attributes = vaults::changes::update_attributes(client, &vault, &self.params).await?;
        Ok(plaintext::vault::vault(&vault, attributes))
    }
}
