//! Envelopes: the JSON objects that carry everything encrypted.

use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{b64, jwk::SymmetricKey};

/// Content type of every envelope.
pub const CTY: &str = "b5+jwk+json";
/// AES-256-GCM: 12-byte nonce in `iv`, ciphertext and 16-byte tag in `data`, no additional data.
pub const A256GCM: &str = "A256GCM";
/// RSA-OAEP with SHA-1; no `iv`.
pub const RSA_OAEP: &str = "RSA-OAEP";

const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;

/// Why an envelope was not opened; each but the last names the member that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// `cty` is not [`CTY`].
    #[error("the envelope's content type is unknown")]
    ContentType,
    /// `kid` does not name the key at hand.
    #[error("the envelope is sealed with another key")]
    KeyId,
    /// `enc` is not the key's algorithm.
    #[error("the envelope is sealed with another algorithm")]
    Encryption,
    /// `iv` is missing or not 12 bytes.
    #[error("the envelope's nonce is missing or malformed")]
    Nonce,
    /// `data` is not base64url.
    #[error("the envelope's data is malformed")]
    Encoding,
    /// The content is not what was sealed with this key.
    #[error("the envelope was tampered with, or sealed with another key of the same id")]
    Tampered,
}

/// Something encrypted, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Always [`CTY`].
    pub cty: String,
    /// Id of the key that opens it.
    pub kid: String,
    /// [`A256GCM`] or [`RSA_OAEP`].
    pub enc: String,
    /// The nonce, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iv: Option<String>,
    /// The ciphertext, base64url.
    pub data: String,
    /// The password hash that derives the key, for an envelope that a master unlock key opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// Iterations of that password hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p2c: Option<u32>,
    /// Salt of that password hash, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p2s: Option<String>,
}

impl Envelope {
    /// Seals `plaintext`. A nonce must never serve twice under one key.
    #[must_use]
    pub fn seal(key: &SymmetricKey, nonce: [u8; NONCE_LENGTH], plaintext: &[u8]) -> Self {
        let mut buffer = Vec::with_capacity(plaintext.len() + TAG_LENGTH);
        buffer.extend_from_slice(plaintext);
        cipher(key)
            .encrypt_in_place(&nonce.into(), b"", &mut buffer)
            .expect("AES-GCM seals up to 64 GiB, more than memory holds");
        Self::new(key.kid(), A256GCM, Some(&nonce), &buffer)
    }

    /// Opens an envelope that [`seal`](Self::seal) made with the same key.
    ///
    /// # Errors
    /// [`EnvelopeError`] for whatever does not fit.
    pub fn open(&self, key: &SymmetricKey) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        self.expect_header(key.kid(), A256GCM)?;
        let iv = self.iv.as_deref().ok_or(EnvelopeError::Nonce)?;
        let nonce: [u8; NONCE_LENGTH] = b64::decode_array(iv).map_err(|_| EnvelopeError::Nonce)?;
        let mut buffer = Zeroizing::new(b64::decode(&self.data).map_err(|_| EnvelopeError::Encoding)?);
        cipher(key).decrypt_in_place(&nonce.into(), b"", &mut *buffer).map_err(|_| EnvelopeError::Tampered)?;
        Ok(buffer)
    }

    /// Wraps what RSA-OAEP made with the public key `kid`.
    #[must_use]
    pub fn rsa(kid: &str, ciphertext: &[u8]) -> Self {
        Self::new(kid, RSA_OAEP, None, ciphertext)
    }

    /// The ciphertext to open with the RSA private key `kid`.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the envelope is not RSA-OAEP under that key.
    pub fn rsa_ciphertext(&self, kid: &str) -> Result<Vec<u8>, EnvelopeError> {
        self.expect_header(kid, RSA_OAEP)?;
        b64::decode(&self.data).map_err(|_| EnvelopeError::Encoding)
    }

    fn new(kid: &str, enc: &str, nonce: Option<&[u8]>, data: &[u8]) -> Self {
        Self {
            cty: CTY.to_owned(),
            kid: kid.to_owned(),
            enc: enc.to_owned(),
            iv: nonce.map(b64::encode),
            data: b64::encode(data),
            alg: None,
            p2c: None,
            p2s: None,
        }
    }

    fn expect_header(&self, kid: &str, enc: &str) -> Result<(), EnvelopeError> {
        if self.cty != CTY {
            Err(EnvelopeError::ContentType)
        } else if self.kid != kid {
            Err(EnvelopeError::KeyId)
        } else if self.enc != enc {
            Err(EnvelopeError::Encryption)
        } else {
            Ok(())
        }
    }
}

fn cipher(key: &SymmetricKey) -> Aes256Gcm {
    Aes256Gcm::new(key.bytes().into())
}
