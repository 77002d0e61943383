use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, vaults::environments};

/// Remove variables from an Environment. Names that it does not have are ignored.
///
/// # Errors
/// - {error NotFound} if the Environment does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not change the Environment.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct EnvironmentsUnsetVariables {
    /// The id of the Environment.
    pub environment_id: VaultId,
    /// The names of the variables to remove.
    pub names: Vec<String>,
}

impl ClientMethod for EnvironmentsUnsetVariables {
    const SDK_NAME: &'static str = "environments.unsetVariables";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        environments::edit(client, &self.environment_id, |stored| stored.unset(&self.names)).await
    }
}
