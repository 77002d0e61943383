use serde::Deserialize;

use crate::{error::Result, host::Host, methods::OfflineMethod, references::parse::SecretReference};

/// Check that a secret reference is well-formed. Looks nothing up.
///
/// # Errors
/// - {error ParsingSecretReference} if the reference is malformed.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ValidateSecretReference {
    /// The reference, such as `op://vault/item/section/field`.
    pub secret_reference: String,
}

impl OfflineMethod for ValidateSecretReference {
    const SDK_NAME: &'static str = "secrets.validateSecretReference";
    type Output = ();

    fn run(self, _host: &dyn Host) -> Result<Self::Output> {
        SecretReference::parse(&self.secret_reference)?;
        Ok(())
    }
}
