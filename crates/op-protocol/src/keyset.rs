//! Keysets, and the order in which they unlock each other. docs/decisions/0051 says when that happens.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{envelope::Envelope, jwk::RsaPublicKey};

/// The id of the master unlock key, which seals the primary keyset.
pub const MASTER_KEY_ID: &str = "mp";

/// A symmetric key and an RSA key pair, sealed for those who may use them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Keyset {
    /// The keyset's id, which is also the id of its keys.
    pub uuid: String,
    /// `mp` if the master unlock key seals this keyset, else the id of the keyset whose public key does.
    pub encrypted_by: String,
    /// The serial number.
    pub sn: u32,
    /// The symmetric key, sealed by A256GCM with the master unlock key, else by RSA-OAEP.
    pub enc_sym_key: Envelope,
    /// The RSA private key, sealed with the symmetric key.
    pub enc_pri_key: Envelope,
    /// The RSA public key.
    pub pub_key: RsaPublicKey,
    /// The signing key, sealed with the symmetric key.
    #[serde(rename = "encSPriKey", default, skip_serializing_if = "Option::is_none")]
    pub enc_s_pri_key: Option<Envelope>,
    /// The public signing key, a JWK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spub_key: Option<Value>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
}

/// The response of `GET /api/v2/account/keysets`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeysetsResponse {
    /// The version of this format: 1.
    pub version: u32,
    /// All keysets that the user can open, in any order.
    pub keysets: Vec<Keyset>,
}

/// Why no keyset can be unlocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyGraphError {
    /// There are no keysets.
    #[error("the account has no keysets")]
    Empty,
    /// No keyset is sealed with the root key.
    #[error("no keyset is encrypted by the account's unlock key")]
    NoRoot,
}

/// Returns positions in `keysets`, in an order in which each keyset comes after the one that seals it.
///
/// Keysets that cannot be reached from `root_kid` (sealed by an unknown keyset, or in a cycle) are left out.
///
/// # Errors
/// [`KeyGraphError`] if no keyset can be reached.
pub fn unlock_order(keysets: &[Keyset], root_kid: &str) -> Result<Vec<usize>, KeyGraphError> {
    if keysets.is_empty() {
        return Err(KeyGraphError::Empty);
    }
    let mut sealed_by: HashMap<&str, Vec<(usize, &str)>> = HashMap::new();
    for (index, keyset) in keysets.iter().enumerate() {
        sealed_by.entry(&keyset.encrypted_by).or_default().push((index, &keyset.uuid));
    }
    let mut order = Vec::with_capacity(keysets.len());
    let mut seen = HashSet::from([root_kid]);
    let mut open = vec![root_kid];
    while let Some(kid) = open.pop() {
        for &(index, uuid) in sealed_by.get(kid).into_iter().flatten() {
            if seen.insert(uuid) {
                order.push(index);
                open.push(uuid);
            }
        }
    }
    if order.is_empty() { Err(KeyGraphError::NoRoot) } else { Ok(order) }
}
