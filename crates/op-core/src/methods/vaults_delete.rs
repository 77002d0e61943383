use op_protocol::{id::VaultId, rest::routes};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::{Client, vault_records},
    error::Result,
    wire::on_drop::OnDrop,
};

/// Delete a vault and all its items. This cannot be undone.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not delete the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsDelete {
    /// The id of the vault.
    pub vault_id: VaultId,
}

impl ClientMethod for VaultsDelete {
    const SDK_NAME: &'static str = "vaults.delete";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        // An Environment is not a vault to its users, and must not be deleted as one.
        vault_records::read(&client.api, &self.vault_id).await?;
        let _forget = OnDrop(|| client.titles.forget_vaults());
        client.api.act(&routes::DELETE_VAULT.at([self.vault_id.as_str()])).await
    }
}
