//! Files: the key that opens a file, and the key that proves that an item owns it.

pub use op_bulk::aead::TAG_LENGTH;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{b64, item::Json, jwk::A256GCM};

/// The largest ciphertext of a file that clients read, and that servers accept by default, in bytes.
pub const MAX_CIPHERTEXT: u32 = 64 << 20;

/// The key that opens the ciphertext of one file.
pub struct FileKey {
    /// The AES-256-GCM key, which is used for this file only.
    pub key: Zeroizing<[u8; 32]>,
    /// The nonce.
    pub nonce: [u8; 12],
    /// SHA-256 of the ciphertext with its tag.
    pub integrity_hash: [u8; 32],
}

/// The key in the response to an upload. A user who has it may add the file to an item.
pub struct SigningKey {
    /// The key's id.
    pub kid: String,
    /// The key.
    pub key: Zeroizing<Vec<u8>>,
}

impl SigningKey {
    /// Reads a JWK. Only its members `k` and `kid` are used.
    #[must_use]
    pub fn from_jwk(jwk: &Json) -> Option<Self> {
        let member = |name| jwk.get(name).and_then(Value::as_str);
        Some(Self { kid: member("kid")?.to_owned(), key: b64::decode(member("k")?).ok()?.into() })
    }

    /// Writes the JWK.
    #[must_use]
    pub fn to_jwk(&self) -> Json {
        symmetric_jwk(&self.kid, &self.key)
    }

    /// Returns the signature by which the file belongs to the item, which is at `item_version`.
    #[must_use]
    pub fn sign(&self, file_id: &str, item_id: &str, item_version: u32) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        for part in [&self.kid, file_id, item_id, &item_version.to_string()] {
            mac.update(part.as_bytes());
        }
        b64::encode(&mac.finalize().into_bytes())
    }

    /// Checks a signature of [`sign`](Self::sign), in constant time.
    #[must_use]
    pub fn verify(&self, signature: &str, file_id: &str, item_id: &str, item_version: u32) -> bool {
        self.sign(file_id, item_id, item_version).as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

/// Returns the JWK of an AES-256-GCM key. The protocol uses the same form for signing keys.
pub(crate) fn symmetric_jwk(kid: &str, key: &[u8]) -> Json {
    let member = |name: &str, value: Value| (name.to_owned(), value);
    let jwk: Map<String, Value> = [
        member("alg", A256GCM.into()),
        member("ext", true.into()),
        member("k", b64::encode(key).into()),
        member("key_ops", Value::from_iter(["encrypt", "decrypt"])),
        member("kty", "oct".into()),
        member("kid", kid.into()),
    ]
    .into_iter()
    .collect();
    Value::from(jwk).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_counts() {
        let key = SigningKey { kid: "k".to_owned(), key: Zeroizing::new(vec![7; 32]) };
        let signature = key.sign("file", "item", 3);
        assert!(key.verify(&signature, "file", "item", 3));
        assert!(!key.verify(&signature, "other", "item", 3));
        assert!(!key.verify(&signature, "file", "other", 3));
        assert!(!key.verify(&signature, "file", "item", 4));
        assert!(!key.verify("", "file", "item", 3));
        let other = SigningKey { kid: "l".to_owned(), key: Zeroizing::new(vec![7; 32]) };
        assert!(!other.verify(&signature, "file", "item", 3));
    }
}
