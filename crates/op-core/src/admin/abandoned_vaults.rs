//! Vaults that no active person manages.

use op_protocol::{
    id::VaultId,
    rest::{AbandonedVault, routes},
};

use crate::{client::Client, error::Result};

/// Returns the vaults and Environments that no active person manages. Their titles are sealed.
///
/// # Errors
/// This user is not an owner of the account.
pub async fn abandoned_vaults(client: &Client) -> Result<Vec<AbandonedVault>> {
    client.api.get(routes::ABANDONED_VAULTS.at([])).await
}

/// Deletes a vault or Environment that no active person manages, with everything in it.
///
/// # Errors
/// This user is not an owner of the account, or somebody manages the vault.
pub async fn remove_abandoned_vault(client: &Client, vault_id: &VaultId) -> Result<()> {
    client.api.act(&routes::REMOVE_ABANDONED_VAULT.at([vault_id.as_str()])).await
}
