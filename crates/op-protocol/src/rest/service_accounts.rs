//! Service accounts: users for programs, whose access is fixed when they are made.

use serde::{Deserialize, Serialize};

use super::{NewUser, VaultAccessRecord};

/// Body of `POST /api/opwire/v1/service-accounts`: a service account and its vaults, Environments among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateServiceAccountRequest {
    /// The service account's user.
    pub user: NewUser,
    /// Its access, sealed for its keyset.
    pub vaults: Vec<VaultAccessRecord>,
    /// Whether it may make vaults, which it then manages.
    #[serde(default)]
    pub can_create_vaults: bool,
}

/// Body of `PUT /api/opwire/v1/service-accounts/{user}`: new secrets for a service account, whose old token stops working.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RotateServiceAccountRequest {
    /// The service account with new keys; its id, e-mail address and name stay the same.
    pub user: NewUser,
    /// Its access to each vault that it has now, with the same permissions, sealed for the new keyset.
    pub vaults: Vec<VaultAccessRecord>,
}

/// An element of `GET /api/opwire/v1/service-accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccount {
    /// The user's id.
    pub uuid: String,
    /// Its e-mail address.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// A letter of [`user_state`](super::user_state).
    pub state: String,
    /// Whether it may make vaults.
    pub can_create_vaults: bool,
    /// RFC 3339.
    pub created_at: String,
    /// What it has access to.
    pub vaults: Vec<VaultAccessRecord>,
}
