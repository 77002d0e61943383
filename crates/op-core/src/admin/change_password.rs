//! Changing the password. The keysets stay the same; the primary keyset's key is sealed with the new password.

use op_protocol::{
    rest::{ChangePasswordRequest, routes},
    srp,
};

use super::account_builder::AccountBuilder;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
};

/// Changes the password of this person, and ends their other sessions. The Secret Key stays the same.
///
/// # Errors
/// This client belongs to a service account, or the server refuses the change.
pub async fn change_password(client: &Client, password: &str) -> Result<()> {
    let credentials = &client.api.connection.credentials;
    let secret_key = credentials.person_secret_key().ok_or_else(|| {
        Error::new(ErrorKind::PermissionDenied, "a service account has no password; rotate its token instead")
    })?;
    let builder = AccountBuilder { host: client.host() };
    let keysets = client.keychain.keysets().await?;
    let primary = keysets.primary()?;
    let keys = client.keychain.keyset(&primary.uuid).await?;
    let new = builder.password_keys(&credentials.email, password, secret_key)?;
    let request = ChangePasswordRequest {
        verifier: srp::verifier(&new.x),
        secret_key_id: secret_key.id().to_owned(),
        keyset_uuid: primary.uuid.clone(),
        enc_sym_key: builder.seal_by_password(&new.unlock, &new.unlock_auth, &keys.symmetric),
        salt: new.auth.salt,
        iterations: new.auth.iterations,
        method: new.auth.method,
        alg: new.auth.alg,
    };
    // The server takes this only soon after a sign-in.
    client.api.sign_in_again().await?;
    client.api.mutate(&routes::CHANGE_CREDENTIALS.at([]), &request).await
}
