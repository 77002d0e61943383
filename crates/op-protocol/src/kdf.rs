//! Deriving keys from a password and a Secret Key.

use std::ops::RangeInclusive;

use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

pub use crate::hkdf::{KdfError, hkdf_sha256};
use crate::{hkdf::hkdf_32, secret_key::SecretKey};

/// The sign-in method, which is also the `info` for deriving the SRP secret x.
pub const METHOD: &str = "SRPg-4096";
/// The password hash of new credentials, which is also the `info` for deriving a master unlock key.
pub const ALG: &str = "PBES2g-HS256";
/// The PBKDF2 iterations of new credentials.
pub const DEFAULT_ITERATIONS: u32 = 650_000;
/// The numbers of PBKDF2 iterations that a client accepts from a server: so many that guessing passwords stays
/// expensive, and not so many that a server can keep it computing, which takes some seconds at most.
pub const ITERATIONS: RangeInclusive<u32> = 10_000..=10_000_000;

/// Computes PBKDF2 with the hash that `alg` names: `PBES2-HS256`, `PBES2g-HS256`, `PBES2-HS512` or `PBES2g-HS512`.
///
/// # Errors
/// [`KdfError::Algorithm`] for an unknown `alg`, [`KdfError::Iterations`] for no iterations, or more than a client accepts.
pub fn pbes2(alg: &str, password: &[u8], salt: &[u8], iterations: u32) -> Result<Zeroizing<[u8; 32]>, KdfError> {
    if iterations == 0 || iterations > *ITERATIONS.end() {
        return Err(KdfError::Iterations(iterations));
    }
    let mut out = Zeroizing::new([0; 32]);
    match alg {
        "PBES2-HS256" | "PBES2g-HS256" => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut *out),
        "PBES2-HS512" | "PBES2g-HS512" => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut *out),
        _ => return Err(KdfError::Algorithm),
    }
    Ok(out)
}

/// The input of the two-secret key derivation.
#[derive(Clone, Copy)]
pub struct TwoSecretInput<'a> {
    /// The purpose of the key: [`METHOD`] for the SRP secret x, the name of the password hash for the master unlock
    /// key.
    pub info: &'a str,
    /// The password hash, as in [`pbes2`].
    pub alg: &'a str,
    /// The account's e-mail address, in any letter case.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// The account's Secret Key.
    pub secret_key: &'a SecretKey,
    /// The salt for this purpose.
    pub salt: &'a [u8],
    /// The PBKDF2 iterations.
    pub iterations: u32,
}

/// Derives 32 bytes from both the password and the Secret Key.
///
/// # Errors
/// Those of [`pbes2`].
pub fn two_secret(input: &TwoSecretInput<'_>) -> Result<Zeroizing<[u8; 32]>, KdfError> {
    let salt = hkdf_32(input.salt, input.email.to_lowercase().as_bytes(), input.info.as_bytes());
    let from_password = pbes2(input.alg, input.password.as_bytes(), &*salt, input.iterations)?;
    Ok(input.secret_key.combine(&from_password))
}
