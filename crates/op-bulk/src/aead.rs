//! AES-256-GCM without additional data.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};

/// The length of a nonce, in bytes.
pub const NONCE_LENGTH: usize = 12;
/// The length of the tag that sealing appends, in bytes.
pub const TAG_LENGTH: usize = 16;

/// A key with its key schedule.
pub struct Cipher(Aes256Gcm);

/// A ciphertext was changed, or was sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tampered;

impl Cipher {
    /// Computes the key schedule.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals a plaintext in place, and appends the tag. A nonce must never be used twice with one key.
    ///
    /// # Panics
    /// The plaintext has more than 64 GiB.
    pub fn seal(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut Vec<u8>) {
        self.0.encrypt_in_place(nonce.into(), b"", buffer).expect("a plaintext is no longer than 64 GiB");
    }

    /// Opens a ciphertext in place, and removes the tag.
    ///
    /// # Errors
    /// [`Tampered`]; the buffer is then unchanged.
    pub fn open(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut Vec<u8>) -> Result<(), Tampered> {
        self.0.decrypt_in_place(nonce.into(), b"", buffer).map_err(|_| Tampered)
    }
}
