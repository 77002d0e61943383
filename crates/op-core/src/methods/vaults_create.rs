use op_protocol::rest;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    plaintext,
    types::{Vault, VaultCreateParams, VaultType},
    vaults,
};

/// Create a vault. Returns the vault with its access.
///
/// The groups that the account adds to every vault get access, and so do its administrators unless the parameters say
/// otherwise.
///
/// # Errors
/// - {error PermissionDenied} if the client may not create vaults.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsCreate {
    /// The vault to create.
    pub params: VaultCreateParams,
}

impl ClientMethod for VaultsCreate {
    const SDK_NAME: &'static str = "vaults.create";
    type Output = Vault;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let VaultCreateParams { title, description, allow_admins_access } = self.params;
        let made = vaults::changes::make_vault(
            client,
            rest::VaultType::UserCreated,
            title,
            description,
            allow_admins_access.unwrap_or(true),
        )
        .await?;
        Ok(Vault {
            id: made.id,
            title: made.attributes.name,
            description: made.attributes.desc.unwrap_or_default(),
            vault_type: VaultType::UserCreated,
            active_item_count: 0,
            content_version: 1,
            attribute_version: 1,
            access: Some(plaintext::vault::access(&made.access)),
        })
    }
}
