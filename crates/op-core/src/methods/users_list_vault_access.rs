use op_protocol::{
    id::UserId,
    rest::{self, routes},
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, plaintext, types::UserVaultAccess};

/// List what a user may do in each vault, and whether directly or through which groups.
///
/// # Errors
/// - {error NotFound} if the user does not exist.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct UsersListVaultAccess {
    /// The id of the user.
    pub user_id: UserId,
}

impl ClientMethod for UsersListVaultAccess {
    const SDK_NAME: &'static str = "users.listVaultAccess";
    const ADDED: bool = true;
    type Output = Vec<UserVaultAccess>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let records: Vec<rest::UserVault> = client.api.get(routes::USER_VAULTS.at([self.user_id.as_str()])).await?;
        let access = |record: rest::UserVault| UserVaultAccess {
            vault_type: plaintext::vault::vault_type(&record.kind),
            permissions: record.acl,
            access: plaintext::vault::access(&record.access),
            vault_id: record.vault_uuid,
        };
        Ok(records.into_iter().map(access).collect())
    }
}
