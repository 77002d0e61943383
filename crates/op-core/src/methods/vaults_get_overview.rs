use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::{Client, vault_records},
    error::Result,
    plaintext,
    types::VaultOverview,
};

/// Return an overview of a vault.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsGetOverview {
    /// The id of the vault.
    pub vault_id: VaultId,
}

impl ClientMethod for VaultsGetOverview {
    const SDK_NAME: &'static str = "vaults.getOverview";
    type Output = VaultOverview;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let vault = vault_records::read(&client.api, &self.vault_id).await?;
        let attributes = client.keychain.attributes_of(&vault).await?;
        Ok(plaintext::vault::overview(&vault, Some(attributes)))
    }
}
