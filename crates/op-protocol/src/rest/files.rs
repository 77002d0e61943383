//! Files.

use serde::{Deserialize, Serialize};

use crate::item::Json;

/// The response of `POST /api/v3/file`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadResponse {
    /// The id of the ciphertext.
    pub file_id: String,
    /// The signing key, a JWK, see [`SigningKey`](crate::file::SigningKey). Clients store it unchanged, with the file's
    /// key.
    pub signing_key: Json,
}
