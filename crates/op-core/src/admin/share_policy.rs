//! The policies for sharing: that of the account, and those of vaults, which narrow it.

use op_protocol::{
    id::VaultId,
    rest::{SharePolicy, routes},
};

use crate::{client::Client, error::Result};

/// Returns the account's policy for sharing.
///
/// # Errors
/// This user is not an administrator.
pub async fn share_policy(client: &Client) -> Result<SharePolicy> {
    client.api.get(routes::SHARE_POLICY.at([])).await
}

/// Replaces the account's policy for sharing. Shares that exist keep what they were created with.
///
/// # Errors
/// This user is not an administrator, or the policy contradicts itself.
pub async fn set_share_policy(client: &Client, policy: &SharePolicy) -> Result<()> {
    client.api.mutate(&routes::SET_SHARE_POLICY.at([]), policy).await
}

/// Returns the policy for sharing the items of a vault: what both the account's and the vault's own allow.
///
/// # Errors
/// This user does not manage the vault.
pub async fn vault_share_policy(client: &Client, vault_id: &VaultId) -> Result<SharePolicy> {
    client.api.get(routes::VAULT_SHARE_POLICY.at([vault_id.as_str()])).await
}

/// Gives a vault a policy for sharing of its own, which can only narrow the account's.
///
/// # Errors
/// This user does not manage the vault, or the policy allows more than the account's.
pub async fn set_vault_share_policy(client: &Client, vault_id: &VaultId, policy: &SharePolicy) -> Result<()> {
    client.api.mutate(&routes::SET_VAULT_SHARE_POLICY.at([vault_id.as_str()]), policy).await
}

/// Removes a vault's own policy for sharing. Then the account's holds.
///
/// # Errors
/// This user does not manage the vault.
pub async fn clear_vault_share_policy(client: &Client, vault_id: &VaultId) -> Result<()> {
    client.api.act(&routes::CLEAR_VAULT_SHARE_POLICY.at([vault_id.as_str()])).await
}
