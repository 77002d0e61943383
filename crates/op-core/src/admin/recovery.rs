//! Completing a recovery: the keys that a person could open are wrapped for their new keyset.
//! docs/decisions/0058 says why.

use futures_util::future::{try_join, try_join_all};
use op_protocol::{
    id::UserId,
    rest::{
        self, AccessorType, CompleteRecoveryRequest, GroupKey, GroupType, RecoverableVault, Recovery,
        VaultAccessRecord, routes,
    },
};

use crate::{
    client::{
        Client,
        wrap::{Accessor, VaultKeyVersion},
    },
    error::{ErrorKind, Result, if_it_opens},
    people::groups,
};

/// What a person lost for good in a recovery: nobody who completes it can open the keys.
#[derive(Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Ids of vaults. Whoever manages one of them can give the person access again.
    pub vaults: Vec<String>,
    /// Ids of groups.
    pub groups: Vec<String>,
}

/// Completes the recovery of a person who has accepted the invitation of [`recover_user`](super::recover_user): wraps
/// the keys of their vaults and groups for their new keyset, all at once, and ends their sessions. Returns what could
/// not be given back: a manager can keep the recovery group out of a vault, or give it a key that does not open.
///
/// # Errors
/// This user is not an administrator or cannot open the recovery group's key, or the person has not accepted the
/// invitation.
pub async fn complete_recovery(client: &Client, user_id: &UserId) -> Result<LeftOut> {
    let recovery = client.api.get::<Recovery>(routes::RECOVERY.at([user_id.as_str()]));
    let groups = client.api.get::<Vec<rest::GroupRecord>>(routes::GROUPS.at([]));
    let (recovery, groups) = try_join(recovery, groups).await?;
    let recovered = recovery.vaults.iter().map(|vault| recovered_access(client, vault, user_id, &recovery));
    let recovered = try_join_all(recovered).await?;
    let own: Vec<_> = groups.iter().filter(|group| recovery.group_uuids.contains(&group.uuid)).collect();
    let keys = try_join_all(own.iter().map(|group| recovered_key(client, group, user_id, &recovery))).await?;

    let lost = recovery.vaults.iter().zip(&recovered).filter(|(_, access)| access.is_none());
    let lost_groups = own.iter().zip(&keys).filter(|(_, key)| key.is_none());
    let left = LeftOut {
        vaults: lost.map(|(vault, _)| vault.access.vault_uuid.clone()).collect(),
        groups: lost_groups.map(|(group, _)| group.uuid.clone()).collect(),
    };
    let request = CompleteRecoveryRequest {
        vaults: recovered.into_iter().flatten().collect(),
        groups: keys.into_iter().flatten().collect(),
        left_vaults: left.vaults.clone(),
        left_groups: left.groups.clone(),
    };
    client.api.mutate(&routes::COMPLETE_RECOVERY.at([user_id.as_str()]), &request).await?;
    Ok(left)
}

/// Wraps a vault's key for a person, by way of the recovery group's access. None: it does not open.
async fn recovered_access(
    client: &Client,
    vault: &RecoverableVault,
    user_id: &UserId,
    recovery: &Recovery,
) -> Result<Option<VaultAccessRecord>> {
    let Some(held) = &vault.recovery else { return Ok(None) };
    // Without the group's own key, nothing would open.
    client.keychain.keyset(&held.enc_vault_key.kid).await?;
    let Some(key) = if_it_opens(client.keychain.open_vault_key(held).await)? else { return Ok(None) };
    let key = VaultKeyVersion { vault_id: &vault.access.vault_uuid, key: &key, sn: held.vault_key_sn };
    let accessor = Accessor {
        kind: AccessorType::User,
        id: user_id.as_str(),
        public_key: &recovery.pub_key,
        permissions: vault.access.acl,
    };
    key.access(client.host(), &accessor).await.map(Some)
}

/// Wraps a group's key for a person. None: it is a group that somebody made, whose key does not open.
async fn recovered_key(
    client: &Client,
    group: &rest::GroupRecord,
    user_id: &UserId,
    recovery: &Recovery,
) -> Result<Option<GroupKey>> {
    let key = groups::wrapped_key(client, group, user_id, &recovery.pub_key).await;
    match key {
        Err(error) if error.kind() == ErrorKind::Decryption && group.kind.known() == Some(GroupType::UserDefined) => {
            Ok(None)
        }
        key => key.map(Some),
    }
}
