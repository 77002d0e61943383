//! A new password. The keys stay; what opens the first of them is sealed anew.

use op_protocol::{
    rest::{ChangePasswordRequest, routes},
    srp,
};

use super::maker::Maker;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
};

/// Changes the password of this person, and ends its other sessions. The Secret Key stays the same.
///
/// # Errors
/// This client is not a person's, or the server refuses the change.
pub async fn change_password(client: &Client, password: &str) -> Result<()> {
    let credentials = &client.api.connection.credentials;
    let secret_key = credentials.person_secret_key().ok_or_else(|| {
        Error::new(ErrorKind::PermissionDenied, "a service account has no password; rotate its token instead")
    })?;
    let maker = Maker { host: client.host() };
    let keysets = client.keychain.keysets().await?;
    let primary = keysets.primary()?;
    let keys = client.keychain.keyset(&primary.uuid).await?;
    let new = maker.password_keys(&credentials.email, password, secret_key)?;
    let request = ChangePasswordRequest {
        verifier: srp::verifier(&new.x),
        secret_key_id: secret_key.id().to_owned(),
        keyset_uuid: primary.uuid.clone(),
        enc_sym_key: maker.seal_by_password(&new.unlock, &new.unlock_auth, &keys.symmetric),
        salt: new.auth.salt,
        iterations: new.auth.iterations,
        method: new.auth.method,
        alg: new.auth.alg,
    };
    client.api.mutate(&routes::CHANGE_CREDENTIALS.at([]), &request).await
}
