use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::{Client, vault_records},
    error::Result,
    plaintext,
    types::{VaultListParams, VaultOverview},
};

/// List the vaults that the client can see.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsList {
    /// What to read of each vault; everything if missing.
    pub params: Option<VaultListParams>,
}

impl ClientMethod for VaultsList {
    const SDK_NAME: &'static str = "vaults.list";
    type Output = Vec<VaultOverview>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let records = vault_records::list(&client.api).await?;
        // Like the public SDKs: an object without the member means no, a missing object means yes.
        let decrypt = self.params.is_none_or(|params| params.decrypt_details.unwrap_or(false));
        if !decrypt {
            return Ok(records.iter().map(|vault| plaintext::vault::overview(vault, None)).collect());
        }
        let attributes = client.keychain.vault_attributes(&records).await?;
        Ok(records.iter().zip(attributes).map(|(vault, plain)| plaintext::vault::overview(vault, plain)).collect())
    }
}
