//! Sign-in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The parameters of a user's sign-in and key derivation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAuth {
    /// The sign-in method, such as [`kdf::METHOD`](crate::kdf::METHOD).
    pub method: String,
    /// The password hash, such as [`kdf::ALG`](crate::kdf::ALG).
    pub alg: String,
    /// The iterations of the password hash.
    pub iterations: u32,
    /// The salt of the SRP secret, base64url.
    pub salt: String,
}

/// The body of `POST /api/v3/auth/start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthStartRequest {
    /// The e-mail address, in lower case.
    pub email: String,
    /// The format of the Secret Key: `A3`.
    pub sk_format: String,
    /// The id of the Secret Key.
    pub skid: String,
    /// The id of the device.
    pub device_uuid: String,
}

/// The response of `POST /api/v3/auth/start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthStartResponse {
    /// `ok`, `device-not-registered` or `device-deleted`. Clients continue after each of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The id of the new session.
    #[serde(rename = "sessionID")]
    pub session_id: String,
    /// The format of the user's Secret Key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_key_format: Option<String>,
    /// The id of the user's Secret Key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_key_uuid: Option<String>,
    /// The parameters of the user's sign-in. Clients cannot continue without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_auth: Option<UserAuth>,
}

/// The body of `POST /api/v2/auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthRequest {
    /// The client's public number A, in as few hex digits as possible. Their number may be odd.
    pub user_a: String,
}

/// The response of `POST /api/v2/auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthResponse {
    /// The id of the session.
    #[serde(rename = "sessionID", default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The server's public number B, in hex. Some clients refuse an odd number of digits.
    pub user_b: String,
}

/// The body of `POST /api/v2/auth/confirm-key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmKeyRequest {
    /// The client's proof M1, base64url.
    pub client_verify_hash: String,
}

/// The response of `POST /api/v2/auth/confirm-key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmKeyResponse {
    /// The server's proof M2, base64url.
    pub server_verify_hash: String,
}

/// The body of `POST /api/v2/auth/verify`, which also contains a [`CompleteRequest`]. Older clients send it, sealed
/// with a session key that they have not proved to know before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyRequest {
    /// The proof M1 of [`older_proofs`](crate::srp::older_proofs).
    pub client_verify_hash: String,
}

/// The body of `POST /api/v2/auth/complete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteRequest {
    /// The name and version of the client.
    pub client: String,
    /// The device. Clients of service accounts send null.
    #[serde(default)]
    pub device: Option<Value>,
}

/// The response of `POST /api/v2/auth/complete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteResponse {
    /// The user who signed in.
    pub user_uuid: String,
    /// The user's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_uuid: Option<String>,
    /// The proof M2 of [`older_proofs`](crate::srp::older_proofs), in the response of `POST /api/v2/auth/verify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_verify_hash: Option<String>,
}
