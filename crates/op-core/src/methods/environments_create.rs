use op_protocol::rest::VaultType;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    types::{EnvironmentCreateParams, EnvironmentOverview},
    vaults,
};

/// Create an Environment without variables.
///
/// # Errors
/// - {error PermissionDenied} if the client may not create Environments.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct EnvironmentsCreate {
    /// The Environment to create.
    pub params: EnvironmentCreateParams,
}

impl ClientMethod for EnvironmentsCreate {
    const SDK_NAME: &'static str = "environments.create";
    const ADDED: bool = true;
    type Output = EnvironmentOverview;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let EnvironmentCreateParams { title, description } = self.params;
        let made = vaults::changes::make_vault(client, VaultType::Environment, title, description, true).await?;
        Ok(EnvironmentOverview {
            id: made.id,
            title: made.attributes.name,
            description: made.attributes.desc.unwrap_or_default(),
        })
    }
}
