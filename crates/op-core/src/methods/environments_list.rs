use op_protocol::rest::{VaultRecord, routes};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    plaintext,
    types::{EnvironmentOverview, VaultOverview},
};

/// List the Environments that the client can see.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct EnvironmentsList {}

impl ClientMethod for EnvironmentsList {
    const SDK_NAME: &'static str = "environments.list";
    const ADDED: bool = true;
    type Output = Vec<EnvironmentOverview>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let vaults: Vec<VaultRecord> =
            client.api.get(routes::ENVIRONMENTS.at([]).query("attrs=combined-access")).await?;
        let attributes = client.keychain.vault_attributes(&vaults).await?;
        let overview = |(vault, plain): (&VaultRecord, Option<plaintext::vault::VaultAttributes>)| {
            let VaultOverview { id, title, description, .. } = plaintext::vault::overview(vault, plain);
            EnvironmentOverview { id, title, description }
        };
        Ok(vaults.iter().zip(attributes).map(overview).collect())
    }
}
