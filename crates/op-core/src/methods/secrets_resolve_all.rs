use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    references::{self, look_up::Call},
    types::{ResolveAllResponse, Response},
};

/// Resolve several secret references. Each reference has its own result: one that fails does not affect the others.
///
/// Each vault is listed at most once, and each item is fetched once.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsResolveAll {
    /// The references.
    pub secret_references: Vec<String>,
}

impl ClientMethod for SecretsResolveAll {
    const SDK_NAME: &'static str = "secrets.resolveAll";
    type Output = ResolveAllResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let resolved = references::resolve::resolve_all(client, &self.secret_references, Call::Batch).await?;
        let mut individual_responses = BTreeMap::new();
        individual_responses.extend(resolved.into_iter().map(|(text, result)| (text, Response::from(result))));
        Ok(ResolveAllResponse { individual_responses })
    }
}
