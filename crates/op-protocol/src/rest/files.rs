//! Files.

use serde::{Deserialize, Serialize};

use crate::item::Json;

/// Answer of `POST /api/v3/file`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UploadResponse {
    /// The id of the ciphertext.
    pub file_id: String,
    /// A JWK, see [`SigningKey`](crate::file::SigningKey). Clients keep it as it is, beside the file's own key.
    pub signing_key: Json,
}
