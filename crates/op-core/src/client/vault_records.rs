//! Reading the records of vaults.

use std::sync::Arc;

use op_protocol::{
    id::VaultId,
    rest::{
        VaultRecord,
        routes::{self, Target},
    },
};

use crate::{
    error::Result,
    plaintext::vault::{is_environment, no_environment},
    wire::api::Api,
};

/// The request for one vault, with the access that opens it.
pub(crate) fn target(vault_id: &VaultId) -> Target {
    routes::VAULT.at([vault_id.as_str()]).query("attrs=combined-access")
}

/// The request for one vault, with everybody's access to it.
pub(crate) fn target_with_accessors(vault_id: &VaultId) -> Target {
    routes::VAULT.at([vault_id.as_str()]).query("attrs=accessors,combined-access")
}

/// Reads one vault.
pub(crate) async fn read(api: &Arc<Api>, vault_id: &VaultId) -> Result<VaultRecord> {
    no_environment(api.get_one(target(vault_id)).await?)
}

/// Reads one vault with everybody's access to it.
pub(crate) async fn read_with_accessors(api: &Arc<Api>, vault_id: &VaultId) -> Result<VaultRecord> {
    no_environment(api.get_one(target_with_accessors(vault_id)).await?)
}

/// Lists the vaults that this user can see, without Environments.
pub(crate) async fn list(api: &Arc<Api>) -> Result<Vec<VaultRecord>> {
    let vaults: Vec<VaultRecord> = api.get(routes::VAULTS.at([]).query("attrs=combined-access")).await?;
    Ok(vaults.into_iter().filter(|vault| !is_environment(vault)).collect())
}
