use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, references::explain, types::ReferenceExplanation};

/// Explain a secret reference: what each of its parts matches, what has a similar name where nothing matches, and which
/// reference by ids to use instead. Never returns the secret.
///
/// Names with characters that references cannot hold, such as `&` or `/`, are looked up as well.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsExplain {
    /// The reference.
    pub secret_reference: String,
}

impl ClientMethod for SecretsExplain {
    const SDK_NAME: &'static str = "secrets.explain";
    const ADDED: bool = true;
    type Output = ReferenceExplanation;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        explain::explain(client, &self.secret_reference).await
    }
}
