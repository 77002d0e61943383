use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::{Client, vault_records},
    error::Result,
    plaintext,
    types::{Vault, VaultGetParams},
};

/// Return a vault, and on request who can open it.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsGet {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// What to read besides the vault itself.
    pub vault_params: VaultGetParams,
}

impl ClientMethod for VaultsGet {
    const SDK_NAME: &'static str = "vaults.get";
    type Output = Vault;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let vault = match self.vault_params.accessors {
            Some(true) => vault_records::read_with_accessors(&client.api, &self.vault_id).await?,
            _ => vault_records::read(&client.api, &self.vault_id).await?,
        };
        let key = client.keychain.vault_key(&vault).await?;
        Ok(plaintext::vault::vault(&vault, plaintext::vault::attributes(&vault, &key)?))
    }
}
