use op_protocol::{id::VaultId, rest::routes};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, vaults::environments};

/// Delete an Environment and all its variables. This cannot be undone.
///
/// # Errors
/// - {error NotFound} if the Environment does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not delete the Environment.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct EnvironmentsDelete {
    /// The id of the Environment.
    pub environment_id: VaultId,
}

impl ClientMethod for EnvironmentsDelete {
    const SDK_NAME: &'static str = "environments.delete";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        // A vault must not be deleted as an Environment.
        environments::record(client, &self.environment_id).await?;
        client.api.act(&routes::DELETE_VAULT.at([self.environment_id.as_str()])).await
    }
}
