use std::slice;

use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::{Client, vault_records},
    error::Result,
    ids, plaintext,
    types::VaultOverview,
};

/// Return an overview of a vault.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsGetOverview {
    /// The id of the vault.
    pub vault_id: String,
}

impl ClientMethod for VaultsGetOverview {
    const SDK_NAME: &'static str = "vaults.getOverview";
    type Output = VaultOverview;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("vault_id", &self.vault_id)?;
        let vault = vault_records::read(&client.api, &self.vault_id).await?;
        let attributes = client.keychain.vault_attributes(slice::from_ref(&vault)).await?.pop();
        Ok(plaintext::vault::overview(&vault, attributes))
    }
}
