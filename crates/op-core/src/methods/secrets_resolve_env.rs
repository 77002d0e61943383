use std::collections::BTreeMap;

use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, env, error::Result, types::ResolveEnvResponse};

/// Resolve the secret references in the text of an `.env` file, all of them in the fewest requests. A variable whose
/// reference does not resolve has an error of its own, and the others have their values.
///
/// A line is `NAME=value`, with or without `export`, or a comment. A value that is a reference stands for its secret.
/// `${OTHER}` and `${OTHER:-default}` stand for what is defined above, secrets included; values between single quotes are
/// taken as they are. A text that is not so is refused, with the numbers of all bad lines.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsResolveEnv {
    /// The text.
    pub env: String,
    /// Variables that the text may use without defining them, such as those of the process.
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
