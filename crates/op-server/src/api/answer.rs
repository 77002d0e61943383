//! What several routes answer with.

use axum::Json;
use op_protocol::envelope::Envelope;
use op_protocol::jwk::RsaPublicKey;
use op_protocol::rest::VaultAccessRecord;
use serde::{Deserialize, Serialize};

use super::error::{ApiError, Result};
use crate::store::rows::AccessRow;

/// The answer of a change that returns nothing; in the clear, as the official clients refuse a sealed one.
#[derive(Serialize)]
pub(super) struct Success {
    success: u8,
}

pub(super) fn success() -> Json<Success> {
    Json(Success { success: 1 })
}

/// An access from the store.
pub(super) fn access(row: &AccessRow) -> Result<VaultAccessRecord> {
    Ok(VaultAccessRecord {
        vault_uuid: row.vault_uuid.as_str().to_owned(),
        accessor_type: row.accessor_type.into(),
        accessor_uuid: row.accessor_uuid.clone(),
        acl: row.acl,
        lease_timeout: u64::try_from(row.lease_timeout).unwrap_or(0),
        vault_key_sn: row.vault_key_sn,
        encrypted_by: row.encrypted_by.clone(),
        enc_vault_key: stored(&row.enc_vault_key)?,
        access_version: None,
    })
}

/// An envelope from the store.
pub(super) fn stored(text: &str) -> Result<Envelope> {
    serde_json::from_str(text).map_err(|error| ApiError::internal(&error))
}

/// The public key of a stored keyset.
pub(super) fn public_key(keyset: &str) -> Result<RsaPublicKey> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Public {
        pub_key: RsaPublicKey,
    }
    let keyset: Public = serde_json::from_str(keyset).map_err(|error| ApiError::internal(&error))?;
    Ok(keyset.pub_key)
}
