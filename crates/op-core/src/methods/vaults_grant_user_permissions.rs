use op_protocol::rest::accessor_type;
use serde::Deserialize;

use super::ClientMethod;
use crate::{client::Client, error::Result, types::UserAccess};

/// Give people access to a vault by themselves, or replace what they may do there.
///
/// The vault's key is wrapped for each person's public key. A permission needs those that it builds on beside it; nothing
/// is sent when one is missing. Only persons can see other people, so a service account cannot do this.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsGrantUserPermissions {
    /// The id of the vault.
    pub vault_id: String,
    /// The people, and all that each may do from here on.
    pub user_permissions_list: Vec<UserAccess>,
}

impl ClientMethod for VaultsGrantUserPermissions {
    const SDK_NAME: &'static str = "vaults.grantUserPermissions";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let grants: Vec<_> =
            self.user_permissions_list.into_iter().map(|grant| (grant.user_id, grant.permissions)).collect();
        client.grant(&self.vault_id, accessor_type::USER, &grants).await
    }
}
