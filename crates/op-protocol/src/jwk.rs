//! JSON Web Keys: the symmetric keys of envelopes, and RSA key pairs.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{b64, json};

/// AES-256-GCM. Envelopes of this kind have a 12-byte nonce in `iv`, the ciphertext and a 16-byte tag in `data`, and no
/// additional data.
pub const A256GCM: &str = "A256GCM";

/// The JSON is not a JWK of the wanted kind. The message does not say what is wrong, because it could quote a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid JSON Web Key")]
pub struct JwkError;

/// An AES-256-GCM key and its id.
#[derive(Clone, PartialEq, Eq)]
pub struct SymmetricKey {
    kid: String,
    key: Zeroizing<[u8; 32]>,
}

impl SymmetricKey {
    /// Returns a key with the id `kid`.
    #[must_use]
    pub fn new(kid: impl Into<String>, key: [u8; 32]) -> Self {
        Self { kid: kid.into(), key: Zeroizing::new(key) }
    }

    /// Reads a JWK.
    ///
    /// # Errors
    /// [`JwkError`] if it is not JSON, `alg` is not `A256GCM`, `k` does not have 32 bytes, or `kid` is missing.
    pub fn from_jwk_json(text: &[u8]) -> Result<Self, JwkError> {
        json::decode(text).map_err(|_| JwkError)
    }

    /// Writes the JWK.
    #[must_use]
    pub fn to_jwk_json(&self) -> Zeroizing<String> {
        Zeroizing::new(serde_json::to_string(self).expect("a map of texts serializes"))
    }

    /// Returns the key's id, which envelopes name.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Returns the bytes of the key.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SymmetricKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Serialize for SymmetricKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Jwk<'a> {
            alg: &'a str,
            ext: bool,
            k: &'a str,
            key_ops: [&'a str; 2],
            kty: &'a str,
            kid: &'a str,
        }
        let k = Zeroizing::new(b64::encode(&*self.key));
        Jwk { alg: A256GCM, ext: true, k: &k, key_ops: ["encrypt", "decrypt"], kty: "oct", kid: &self.kid }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SymmetricKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `kty`, `ext` and `key_ops` follow from `alg`. Existing clients do not check them.
        #[derive(Deserialize)]
        struct Jwk {
            alg: String,
            k: Zeroizing<String>,
            kid: String,
        }
        let jwk = Jwk::deserialize(deserializer)?;
        if jwk.alg != A256GCM {
            return Err(D::Error::custom("the key is not for A256GCM"));
        }
        let key = b64::decode_array(&jwk.k).map_err(|_| D::Error::custom("the key is not 32 bytes"))?;
        Ok(Self::new(jwk.kid, key))
    }
}

/// An RSA public key; `n` and `e` are base64url of big-endian bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RsaPublicKey {
    /// `RSA`.
    pub kty: String,
    /// The modulus.
    pub n: String,
    /// The public exponent.
    pub e: String,
    /// `RSA-OAEP`.
    pub alg: String,
    /// The key's id.
    pub kid: String,
    /// Whether the key may be exported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ext: Option<bool>,
    /// The permitted uses of the key: `encrypt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
}

/// An RSA private key; the numbers are base64url of big-endian bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct RsaPrivateKey {
    /// `RSA`.
    pub kty: String,
    /// `RSA-OAEP`.
    pub alg: String,
    /// The key's id.
    pub kid: String,
    /// The modulus.
    pub n: String,
    /// The public exponent.
    pub e: String,
    /// The private exponent.
    pub d: String,
    /// The first prime.
    pub p: String,
    /// The second prime.
    pub q: String,
    /// `d mod (p - 1)`.
    pub dp: String,
    /// `d mod (q - 1)`.
    pub dq: String,
    /// `q^-1 mod p`.
    pub qi: String,
}

impl RsaPrivateKey {
    /// Reads a JWK.
    ///
    /// # Errors
    /// [`JwkError`] if it is not JSON, or a member is missing.
    pub fn from_jwk_json(text: &[u8]) -> Result<Self, JwkError> {
        json::decode(text).map_err(|_| JwkError)
    }

    /// Writes the JWK.
    #[must_use]
    pub fn to_jwk_json(&self) -> Zeroizing<String> {
        Zeroizing::new(serde_json::to_string(self).expect("a map of texts serializes"))
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> RsaPublicKey {
        RsaPublicKey {
            kty: self.kty.clone(),
            n: self.n.clone(),
            e: self.e.clone(),
            alg: self.alg.clone(),
            kid: self.kid.clone(),
            ext: Some(true),
            key_ops: Some(vec!["encrypt".to_owned()]),
        }
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaPrivateKey").field("kid", &self.kid).field("alg", &self.alg).finish_non_exhaustive()
    }
}
