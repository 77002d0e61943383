use op_protocol::{id::VaultId, rest::routes};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result};

/// Leave a vault that somebody gave the person access to. It is no longer listed for them.
///
/// The vault and its items stay. Whoever manages the vault can give access again.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error BadRequest} if it is the person's personal vault, if they have access through a group, or if nobody else
///   manages the vault.
/// - {error PermissionDenied} if the client is a service account, whose access is fixed.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsLeave {
    /// The id of the vault.
    pub vault_id: VaultId,
}

impl ClientMethod for VaultsLeave {
    const SDK_NAME: &'static str = "vaults.leave";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        client.api.act(&routes::LEAVE_VAULT.at([self.vault_id.as_str()])).await
    }
}
