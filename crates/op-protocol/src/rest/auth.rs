//! Sign-in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How an account's password is turned into keys, and how it signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAuth {
    /// The sign-in method, as [`kdf::METHOD`](crate::kdf::METHOD).
    pub method: String,
    /// The password hash, as [`kdf::ALG`](crate::kdf::ALG).
    pub alg: String,
    /// Iterations of the password hash.
    pub iterations: u32,
    /// Salt of the SRP secret, base64url.
    pub salt: String,
}

/// Body of `POST /api/v3/auth/start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthStartRequest {
    /// E-mail address, lower case.
    pub email: String,
    /// Format of the Secret Key: `A3`.
    pub sk_format: String,
    /// Id of the Secret Key.
    pub skid: String,
    /// Id of the device.
    pub device_uuid: String,
}

/// Answer of `POST /api/v3/auth/start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthStartResponse {
    /// `ok`, `device-not-registered` or `device-deleted`; clients go on after each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Id of the new session.
    #[serde(rename = "sessionID")]
    pub session_id: String,
    /// Format of the account's Secret Key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_key_format: Option<String>,
    /// Id of the account's Secret Key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_key_uuid: Option<String>,
    /// How the account signs in. Clients cannot go on without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_auth: Option<UserAuth>,
}

/// Body of `POST /api/v2/auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthRequest {
    /// The client's public number A, shortest hex; the length may be odd.
    pub user_a: String,
}

/// Answer of `POST /api/v2/auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthResponse {
    /// Id of the session.
    #[serde(rename = "sessionID", default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The server's public number B, hex. Some clients refuse odd lengths.
    pub user_b: String,
}

/// Body of `POST /api/v2/auth/confirm-key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmKeyRequest {
    /// The client's proof M1, base64url.
    pub client_verify_hash: String,
}

/// Answer of `POST /api/v2/auth/confirm-key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmKeyResponse {
    /// The server's proof M2, base64url.
    pub server_verify_hash: String,
}

/// Body of `POST /api/v2/auth/verify`, which holds a [`CompleteRequest`] too. An older client sends it, sealed with a key
/// that nothing has proved yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyRequest {
    /// M1 of [`older_proofs`](crate::srp::older_proofs).
    pub client_verify_hash: String,
}

/// Body of `POST /api/v2/auth/complete`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteRequest {
    /// Name and version of the client.
    pub client: String,
    /// The device; clients of service accounts send null.
    #[serde(default)]
    pub device: Option<Value>,
}

/// Answer of `POST /api/v2/auth/complete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteResponse {
    /// The user who signed in.
    pub user_uuid: String,
    /// The user's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_uuid: Option<String>,
    /// In the answer of `POST /api/v2/auth/verify`, M2 of [`older_proofs`](crate::srp::older_proofs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_verify_hash: Option<String>,
}
