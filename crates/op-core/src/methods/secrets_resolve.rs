use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    remembered,
};

/// Resolve a secret reference, such as `op://vault/item/[section/]field`, and return the secret that it points to.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsResolve {
    /// The reference. Vault, item, section and field are given by title or id.
    pub secret_reference: String,
}

impl ClientMethod for SecretsResolve {
    const SDK_NAME: &'static str = "secrets.resolve";
    type Output = String;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let mut resolved = remembered::resolve_all(client, std::slice::from_ref(&self.secret_reference)).await?;
        match resolved.remove(&self.secret_reference) {
            Some(Ok(reference)) => Ok(reference.secret.clone()),
            Some(Err(error)) => Err(Error::new(ErrorKind::ResolvingSecretReference, error)),
            // The resolver answers for every reference that it was given.
            None => Err(Error::new(ErrorKind::Internal, "a reference was not resolved")),
        }
    }
}
