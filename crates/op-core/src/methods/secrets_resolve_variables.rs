use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, env, error::Result, types::ResolveEnvResponse};

/// Resolve secret references that have names, such as those of environment variables, in as few requests as possible. A
/// reference that does not resolve has its own error, and the other variables have their values.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsResolveVariables {
    /// The references, by name.
    pub references: BTreeMap<String, String>,
}

impl ClientMethod for SecretsResolveVariables {
    const SDK_NAME: &'static str = "secrets.resolveVariables";
    const ADDED: bool = true;
    type Output = ResolveEnvResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        env::resolve_named(client, &self.references).await
    }
}
