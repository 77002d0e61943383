//! HKDF-SHA256 (RFC 5869).

use ::hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Why a derivation was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KdfError {
    /// The password hash is unknown.
    #[error("unknown password hash algorithm")]
    Algorithm,
    /// No iterations, or too many.
    #[error("invalid number of iterations: {0}")]
    Iterations(u32),
    /// HKDF-SHA256 derives at most 8160 bytes.
    #[error("derived key too long")]
    Length,
}

/// Derives `length` bytes from the key material `ikm` by HKDF-SHA256 (RFC 5869).
///
/// # Errors
/// [`KdfError::Length`] for more than 8160 bytes.
pub fn hkdf_sha256(ikm: &[u8], salt: &[u8], info: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, KdfError> {
    const MAX_LENGTH: usize = 255 * 32;
    if length > MAX_LENGTH {
        return Err(KdfError::Length);
    }
    let mut out = Zeroizing::new(vec![0; length]);
    expand(ikm, salt, info, &mut out);
    Ok(out)
}

/// Derives a key of 32 bytes by HKDF-SHA256.
pub(crate) fn hkdf_32(ikm: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    expand(ikm, salt, info, &mut *out);
    out
}

fn expand(ikm: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), ikm).expand(info, out).expect("callers ask for at most 255 blocks");
}
