//! Sharing items by links: the policy, the recipients, creating shares, and what became of them. docs/decisions/0073
//! says how it works.

pub(crate) mod create;
pub(crate) mod policy;
pub(crate) mod recipients;
pub(crate) mod records;

use op_protocol::share::{LinkSecret, PASSWORD_ITERATIONS, SharePassword};

use crate::{
    error::{Error, ErrorKind, Result},
    host::{Crypto, CryptoError},
};

/// Returns what a password adds to a share. The platform stretches it, which takes a while.
pub(crate) async fn with_password(crypto: &dyn Crypto, secret: &LinkSecret, password: &str) -> Result<SharePassword> {
    let password = crypto.composed(password).ok_or_else(|| {
        let problem = "the password of a share must not have combining characters here, which other machines may \
                       write in another form: write it with composed characters (NFC)";
        Error::new(ErrorKind::BadInput, problem).with_field("params.password")
    })?;
    let salt = secret.password_salt();
    let stretched = crypto.pbkdf2_sha256(password.as_bytes(), salt.as_slice(), PASSWORD_ITERATIONS).await;
    let stretched =
        stretched.map_err(|CryptoError| Error::new(ErrorKind::Internal, "the platform's cryptography failed"))?;
    Ok(secret.with_stretched_password(&stretched))
}
