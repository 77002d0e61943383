use op_protocol::{
    id::{GroupId, VaultId},
    rest::{
        VaultRecord,
        routes::{self, Resource},
    },
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::{Client, vault_records},
    error::{Error, ErrorKind, Result},
    plaintext,
};

/// Revoke a group's access to a vault.
///
/// Members who kept the vault's key can still open what they copied before; `opwire vault rotate-key` gives the vault a
/// new one.
///
/// # Errors
/// - {error NotFound} if the vault or the group does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not manage the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsRevokeGroupPermissions {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The id of the group.
    pub group_id: GroupId,
}

impl ClientMethod for VaultsRevokeGroupPermissions {
    const SDK_NAME: &'static str = "vaults.revokeGroupPermissions";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let result = self.revoke(client).await;
        result.map_err(|error| match error.kind() {
            ErrorKind::InvalidConfiguration => error,
            _ => error.with_prefix("error revoking group vault permissions: "),
        })
    }
}

impl VaultsRevokeGroupPermissions {
    async fn revoke(&self, client: &Client) -> Result<()> {
        let vault: VaultRecord =
            client.api.get_one(vault_records::target(&self.vault_id).about(Resource::GroupAccess)).await?;
        if plaintext::vault::is_environment(&vault) {
            let reason = "ID does not correspond to a vault";
            return Err(Error::new(ErrorKind::InvalidConfiguration, reason).with_field("vault_id"));
        }
        client.api.act(&routes::REVOKE_GROUP_ACCESS.at([self.vault_id.as_str(), self.group_id.as_str()])).await
    }
}
