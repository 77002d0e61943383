//! Envelopes: the JSON objects that carry everything encrypted.

use std::borrow::Cow;

use op_bulk::aead::{Cipher, NONCE_LENGTH, TAG_LENGTH, Tampered};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    b64,
    jwk::{A256GCM, SymmetricKey},
};

/// The content type of every envelope.
pub const CTY: &str = "b5+jwk+json";
/// RSA-OAEP with SHA-1; no `iv`.
pub const RSA_OAEP: &str = "RSA-OAEP";

/// Why an envelope cannot be opened. All but the last name the member that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// `cty` is not [`CTY`].
    #[error("the envelope's content type is unknown")]
    ContentType,
    /// `kid` is not the id of the key.
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
    /// The content was not sealed with this key.
    #[error("the envelope was tampered with, or sealed with another key of the same id")]
    Tampered,
}

/// Encrypted data, and how it is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Always [`CTY`].
    pub cty: String,
    /// The id of the key that opens it.
    pub kid: String,
    /// [`A256GCM`] or [`RSA_OAEP`].
    pub enc: String,
    /// The nonce, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iv: Option<String>,
    /// The ciphertext, base64url.
    pub data: String,
    /// The password hash that derives the key, if it is a master unlock key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// The iterations of that password hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p2c: Option<u32>,
    /// The salt of that password hash, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p2s: Option<String>,
}

impl Envelope {
    /// Seals `plaintext`. A nonce must never be used twice with one key.
    #[must_use]
    pub fn seal(key: &SymmetricKey, nonce: [u8; NONCE_LENGTH], plaintext: &[u8]) -> Self {
        let mut buffer = Vec::with_capacity(plaintext.len() + TAG_LENGTH);
        buffer.extend_from_slice(plaintext);
        Self::seal_in_place(key, nonce, buffer)
    }

    /// Seals a plaintext in place.
    #[must_use]
    pub fn seal_in_place(key: &SymmetricKey, nonce: [u8; NONCE_LENGTH], mut buffer: Vec<u8>) -> Self {
        Cipher::new(key.bytes()).seal(&nonce, &mut buffer);
        Self::new(key.kid(), A256GCM, Some(&nonce), &buffer)
    }

    /// Opens an envelope that was sealed with the key.
    ///
    /// # Errors
    /// [`EnvelopeError`] if a member is wrong, or the content was not sealed with the key.
    pub fn open(&self, key: &SymmetricKey) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        Opener::new(key).open(&self.borrowed())
    }

    /// Returns the same envelope, without copies of its texts.
    #[must_use]
    pub fn borrowed(&self) -> EnvelopeRef<'_> {
        EnvelopeRef {
            cty: Cow::Borrowed(&self.cty),
            kid: Cow::Borrowed(&self.kid),
            enc: Cow::Borrowed(&self.enc),
            iv: Cow::Borrowed(self.iv.as_deref().unwrap_or_default()),
            data: Cow::Borrowed(&self.data),
        }
    }

    /// Returns the envelope of a ciphertext by RSA-OAEP with the public key `kid`.
    #[must_use]
    pub fn rsa(kid: &str, ciphertext: &[u8]) -> Self {
        Self::new(kid, RSA_OAEP, None, ciphertext)
    }

    /// Returns the ciphertext, to be opened with the RSA private key `kid`.
    ///
    /// # Errors
    /// [`EnvelopeError`] if the envelope is not sealed by RSA-OAEP for that key.
    pub fn rsa_ciphertext(&self, kid: &str) -> Result<Vec<u8>, EnvelopeError> {
        self.borrowed().expect_header(kid, RSA_OAEP)?;
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
}

/// An [`Envelope`] that borrows its texts from the JSON that it is read from, so that it can be opened without a copy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EnvelopeRef<'a> {
    #[serde(borrow)]
    cty: Cow<'a, str>,
    /// The id of the key that opens it.
    #[serde(borrow)]
    pub kid: Cow<'a, str>,
    #[serde(borrow)]
    enc: Cow<'a, str>,
    /// The nonce; empty if there is none.
    #[serde(borrow, default)]
    iv: Cow<'a, str>,
    #[serde(borrow)]
    data: Cow<'a, str>,
}

impl EnvelopeRef<'_> {
    /// Returns the nonce, and the ciphertext with its tag, if the envelope is sealed with the key `kid`.
    ///
    /// # Errors
    /// [`EnvelopeError`] if a member is wrong.
    pub fn sealed(&self, kid: &str) -> Result<([u8; NONCE_LENGTH], Vec<u8>), EnvelopeError> {
        self.expect_header(kid, A256GCM)?;
        let nonce = b64::decode_array(&self.iv).map_err(|_| EnvelopeError::Nonce)?;
        Ok((nonce, b64::decode(&self.data).map_err(|_| EnvelopeError::Encoding)?))
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

/// Opens many envelopes with one key, and computes its key schedule only once.
pub struct Opener<'k> {
    kid: &'k str,
    cipher: Cipher,
}

impl<'k> Opener<'k> {
    /// Returns an opener for envelopes that are sealed with `key`.
    #[must_use]
    pub fn new(key: &'k SymmetricKey) -> Self {
        Self { kid: key.kid(), cipher: Cipher::new(key.bytes()) }
    }

    /// Opens an envelope like [`Envelope::open`].
    ///
    /// # Errors
    /// [`EnvelopeError`] if a member is wrong, or the content was not sealed with the key.
    pub fn open(&self, envelope: &EnvelopeRef<'_>) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let (nonce, ciphertext) = envelope.sealed(self.kid)?;
        self.open_sealed(nonce, ciphertext)
    }

    /// Opens the nonce and ciphertext that [`EnvelopeRef::sealed`] returned.
    ///
    /// # Errors
    /// [`EnvelopeError::Tampered`].
    pub fn open_sealed(
        &self,
        nonce: [u8; NONCE_LENGTH],
        ciphertext: Vec<u8>,
    ) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let mut buffer = Zeroizing::new(ciphertext);
        self.cipher.open(&nonce, &mut buffer).map_err(|Tampered| EnvelopeError::Tampered)?;
        Ok(buffer)
    }
}
