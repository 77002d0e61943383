use op_protocol::rest::{AccessorType, GroupPermission, routes};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, ids, types::GroupVaultAccess, vaults::access::check_permissions};

/// Replace the permissions of groups on vaults that they can already open. Either all changes are made or none.
///
/// # Errors
/// - {error InvalidConfiguration} if a permission lacks another that it requires.
/// - {error PermissionDenied} if the client may not manage a vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct VaultsUpdateGroupPermissions {
    /// The groups, the vaults, and what each group may do from now on.
    pub group_permissions_list: Vec<GroupVaultAccess>,
}

impl ClientMethod for VaultsUpdateGroupPermissions {
    const SDK_NAME: &'static str = "vaults.updateGroupPermissions";
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        for (index, change) in self.group_permissions_list.iter().enumerate() {
            let field = |member: &str| format!("group_permissions_list[{index}].{member}");
            ids::check(&field("vaultId"), &change.vault_id)?;
            ids::check(&field("groupId"), &change.group_id)?;
            check_permissions(AccessorType::Group, &change.group_id, change.permissions, &field("permissions"))?;
        }
        if self.group_permissions_list.is_empty() {
            return Ok(());
        }
        let permission = |change: GroupVaultAccess| GroupPermission {
            group_uuid: change.group_id,
            vault_uuid: change.vault_id,
            permission: change.permissions,
        };
        let request: Vec<_> = self.group_permissions_list.into_iter().map(permission).collect();
        let result = client.api.mutate(&routes::CHANGE_GROUP_ACCESS.at([]), &request).await;
        result.map_err(|error| error.with_prefix("error updating group vault permissions: "))
    }
}
