use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, env, error::Result, types::ResolveEnvResponse};

/// Resolve the secret references in the text of an `.env` file, in as few requests as possible. A variable whose
/// reference does not resolve has its own error, and the other variables have their values.
///
/// A line is a comment, or `NAME=value` with or without `export`. A value that is a reference is replaced by its
/// secret. `${OTHER}` and `${OTHER:-default}` are replaced by what is defined above, including secrets. Values in
/// single quotes are taken literally. If lines are malformed, the call fails, and the error has the numbers of all of
/// them.
///
/// # Errors
/// - {error InvalidConfiguration} if a line is malformed.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsResolveEnv {
    /// The text of the file.
    pub env: String,
    /// The variables that the text may use without defining them, such as those of the process.
    pub known: Option<BTreeMap<String, String>>,
}

impl ClientMethod for SecretsResolveEnv {
    const SDK_NAME: &'static str = "secrets.resolveEnv";
    const ADDED: bool = true;
    type Output = ResolveEnvResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        env::resolve_text(client, &self.env, &self.known.unwrap_or_default()).await
    }
}
