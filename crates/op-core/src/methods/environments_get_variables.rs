use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, types::GetVariablesResponse, vaults::environments};

/// Return the variables of an Environment.
///
/// # Errors
/// - {error NotFound} if the Environment does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct EnvironmentsGetVariables {
    /// The id of the Environment.
    pub environment_id: VaultId,
}

impl ClientMethod for EnvironmentsGetVariables {
    const SDK_NAME: &'static str = "environments.getVariables";
    type Output = GetVariablesResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        Ok(GetVariablesResponse { variables: environments::variables(client, &self.environment_id).await? })
    }
}
