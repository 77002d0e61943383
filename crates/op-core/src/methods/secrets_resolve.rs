use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    plaintext::ssh,
    references::{self, look_up::Call},
    types::ResolveReferenceError,
};

/// Return the secret that a reference such as `op://vault/item/[section/]field` points to.
///
/// # Errors
/// - {error ParsingSecretReference} if the reference is malformed.
/// - {error ResolvingSecretReference} if the reference matches nothing or more than one thing.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct SecretsResolve {
    /// The reference. It names the vault, item, section and field by title or id.
    pub secret_reference: String,
}

impl ClientMethod for SecretsResolve {
    const SDK_NAME: &'static str = "secrets.resolve";
    type Output = String;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let mut resolved =
            references::resolve::resolve_all(client, std::slice::from_ref(&self.secret_reference), Call::Alone).await?;
        match resolved.remove(&self.secret_reference) {
            Some(Ok(reference)) => Ok(reference.secret.clone()),
            Some(Err(error @ ResolveReferenceError::UnableToParsePrivateKey)) => {
                let why = refused_key(client, &self.secret_reference).await;
                Err(Error::new(ErrorKind::ResolvingSecretReference, format_args!("{error}{why}")))
            }
            Some(Err(error)) => Err(Error::new(ErrorKind::ResolvingSecretReference, error)),
            // Cannot happen: the resolver returns a result for every reference that it is given.
            None => Err(Error::new(ErrorKind::Internal, "a reference was not resolved")),
        }
    }
}

/// Returns why the private key cannot be read, as the end of a sentence. The public SDKs' type of this error cannot hold
/// the reason, so the key is resolved again.
async fn refused_key(client: &Client, reference: &str) -> String {
    let (path, _) = reference.split_once('?').unwrap_or((reference, ""));
    let text = references::resolve::resolve_all(client, &[path.to_owned()], Call::Alone)
        .await
        .ok()
        .and_then(|mut all| all.remove(path)?.ok());
    let why = text.and_then(|found| ssh::to_openssh(&found.secret).err());
    why.map(|why| format!(": {why}")).unwrap_or_default()
}
