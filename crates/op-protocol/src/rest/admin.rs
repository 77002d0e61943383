//! Administration of our own server, under `/api/opwire/v1`, and its error bodies.

use serde::{Deserialize, Serialize};

use crate::{keyset::Keyset, rest::VaultAccess};

/// Makes an account with its first user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateAccountRequest {
    /// The account.
    pub account: NewAccount,
    /// Its owner.
    pub user: NewUser,
}

/// An account to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// The account's id, chosen by the client.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// The domain it signs in at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}

/// A user to make, person or service account. Nothing in it lets the server sign in as that user or read its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// The user's id, chosen by the client.
    pub uuid: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// SRP verifier, 1024 hex digits.
    pub verifier: String,
    /// Salt of the SRP secret, base64url.
    pub salt: String,
    /// Iterations of the password hash.
    pub iterations: u32,
    /// The sign-in method, as [`kdf::METHOD`](crate::kdf::METHOD).
    pub method: String,
    /// The password hash, as [`kdf::ALG`](crate::kdf::ALG).
    pub alg: String,
    /// Id of the Secret Key.
    pub secret_key_id: String,
    /// The user's keys, sealed with its master unlock key.
    pub keyset: Keyset,
}

/// Makes a service account and gives it vaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateServiceAccountRequest {
    /// The service account's user.
    pub user: NewUser,
    /// Its access, sealed for its keyset.
    pub vaults: Vec<VaultAccess>,
}

/// Body of an error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// A number for the kind of error.
    pub error_code: u32,
    /// What went wrong, for people.
    pub error_message: String,
    /// Names the request in the server's log.
    pub request_id: String,
}
