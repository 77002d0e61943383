//! Service accounts: users for programs. Their access is set when they are created.

use serde::{Deserialize, Serialize};

use super::{NewUser, UserState, VaultAccessRecord};
use crate::set::Open;

/// The body of `POST /api/opwire/v1/service-accounts`: a service account with its vaults and Environments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateServiceAccountRequest {
    /// The service account's user.
    pub user: NewUser,
    /// Its access to vaults, with their keys sealed for its keyset.
    pub vaults: Vec<VaultAccessRecord>,
    /// Whether it may create vaults, which it then manages.
    #[serde(default)]
    pub can_create_vaults: bool,
}

/// The body of `PUT /api/opwire/v1/service-accounts/{user}`: new secrets for a service account, whose old token stops
/// working.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RotateServiceAccountRequest {
    /// The service account with new keys, and the same id, e-mail address and name.
    pub user: NewUser,
    /// Its access to each of its vaults, with the same permissions, and the keys sealed for the new keyset.
    pub vaults: Vec<VaultAccessRecord>,
}

/// An element of the response of `GET /api/opwire/v1/service-accounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAccount {
    /// The user's id.
    pub uuid: String,
    /// The e-mail address.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The user's state.
    pub state: Open<UserState>,
    /// Whether it may create vaults.
    pub can_create_vaults: bool,
    /// RFC 3339.
    pub created_at: String,
    /// Its access to vaults.
    pub vaults: Vec<VaultAccessRecord>,
}
