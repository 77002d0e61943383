//! Completing a recovery: the keys that a person could open are wrapped for their new keyset.
//! docs/decisions/0058 says why.

use futures_util::future::{try_join, try_join_all};
use op_protocol::{
    id::UserId,
    rest::{self, AccessorType, CompleteRecoveryRequest, RecoverableVault, Recovery, VaultAccessRecord, routes},
};

use crate::{
    client::{
        Client,
        wrap::{Accessor, VaultKeyVersion},
    },
    error::{Error, ErrorKind, Result},
    people::groups,
};

/// Completes the recovery of a person who has accepted the invitation of [`recover_user`](super::recover_user): wraps
/// the keys of their vaults and groups for their new keyset, all at once, and ends their sessions.
///
/// # Errors
/// This user is not an administrator or cannot open the recovery group's key, the person has not accepted the
/// invitation, or the recovery group has no access to one of their vaults.
pub async fn complete_recovery(client: &Client, user_id: &UserId) -> Result<()> {
    let recovery = client.api.get::<Recovery>(routes::RECOVERY.at([user_id.as_str()]));
    let groups = client.api.get::<Vec<rest::GroupRecord>>(routes::GROUPS.at([]));
    let (recovery, groups) = try_join(recovery, groups).await?;
    let vaults = recovery.vaults.iter().map(|vault| recovered_access(client, vault, user_id, &recovery));
    let vaults = try_join_all(vaults).await?;
    let own = groups.iter().filter(|group| recovery.group_uuids.contains(&group.uuid));
    let groups = try_join_all(own.map(|group| groups::wrapped_key(client, group, user_id, &recovery.pub_key))).await?;
    let request = CompleteRecoveryRequest { vaults, groups };
    client.api.mutate(&routes::COMPLETE_RECOVERY.at([user_id.as_str()]), &request).await
}

/// Wraps a vault's key for a person, by way of the recovery group's access.
async fn recovered_access(
    client: &Client,
    vault: &RecoverableVault,
    user_id: &UserId,
    recovery: &Recovery,
) -> Result<VaultAccessRecord> {
    let vault_id = &vault.access.vault_uuid;
    let held = vault.recovery.as_ref().ok_or_else(|| {
        Error::new(
            ErrorKind::PermissionDenied,
            format_args!(
                "the recovery group has no access to the vault {vault_id}: have another manager grant it \
                 RECOVER_VAULT, or revoke this person's access"
            ),
        )
    })?;
    let key = client.keychain.open_vault_key(held).await?;
    let key = VaultKeyVersion { vault_id, key: &key, sn: held.vault_key_sn };
    let accessor = Accessor {
        kind: AccessorType::User,
        id: user_id.as_str(),
        public_key: &recovery.pub_key,
        permissions: vault.access.acl,
    };
    key.access(client.host(), &accessor).await
}
