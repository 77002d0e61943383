//! AES-256-GCM as envelopes use it.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};

/// The length of a nonce, in bytes.
pub const NONCE_LENGTH: usize = 12;
/// What sealing adds to a plaintext, in bytes.
pub const TAG_LENGTH: usize = 16;

/// A key with its schedule.
pub struct Cipher(Aes256Gcm);

/// A ciphertext that was changed, or that another key has sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tampered;

impl Cipher {
    /// Computes the key's schedule.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals a plaintext where it stands, and appends the tag. A nonce must never serve twice under one key.
    ///
    /// # Panics
    /// On a plaintext of more than 64 GiB.
    pub fn seal(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut Vec<u8>) {
        self.0.encrypt_in_place(nonce.into(), b"", buffer).expect("a plaintext is no longer than 64 GiB");
    }

    /// Opens a ciphertext where it stands, and takes the tag off.
    ///
    /// # Errors
    /// [`Tampered`]; the buffer is as it was then.
    pub fn open(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut Vec<u8>) -> Result<(), Tampered> {
        self.0.decrypt_in_place(nonce.into(), b"", buffer).map_err(|_| Tampered)
    }
}
