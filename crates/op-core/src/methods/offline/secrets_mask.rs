use serde::Deserialize;

use crate::{env, error::Result, host::Host, methods::OfflineMethod};

/// Replace every occurrence of the secrets in a text, such as a line of a log, with `<concealed by opwire>`.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsMask {
    /// The text to mask.
    pub text: String,
    /// The secrets; empty ones are ignored.
    pub secrets: Vec<String>,
}

impl OfflineMethod for SecretsMask {
    const SDK_NAME: &'static str = "secrets.mask";
    const ADDED: bool = true;
    type Output = String;

    fn run(self, _host: &dyn Host) -> Result<Self::Output> {
        Ok(env::mask(&self.text, &self.secrets))
    }
}
