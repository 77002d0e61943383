//! Replacing a user's keys: the sign-in secrets, the keyset, and the vault keys that are sealed for it.

use std::collections::HashMap;

use op_protocol::id::{UserId, VaultId};
use op_protocol::rest::AccessorType;

use super::access::{accesses_of, check_sealed_for, raise_access_version};
use super::accounts::insert_keyset;
use super::rows::{AccessRow, NewAccess, NewUser};
use super::{Result, Store, Transaction};
use crate::policy::refusal::Refusal;
use crate::system::now;

impl Store {
    /// Commits new keys of a user, and ends their sessions.
    pub(super) async fn commit_new_keys(&self, tx: Transaction<'_>, user: &UserId) -> Result<()> {
        // Before and after: no session with the old secrets survives a server that dies in between, and sign-ins with
        // them in between end as well.
        self.end_sessions(user, None).await?;
        tx.commit().await?;
        self.end_sessions(user, None).await
    }
}

/// Replaces all keys of a user. Permissions stay the same: `grants` has each of the user's vaults, with the same
/// permissions.
pub(super) async fn replace_keys(tx: &mut Transaction<'_>, user: &NewUser<'_>, grants: &[NewAccess]) -> Result<()> {
    let id = &user.sign_in.uuid;
    check_covers(&accesses_of(tx, AccessorType::User, id.as_str()).await?, grants)?;
    sqlx::query("DELETE FROM keysets WHERE user_uuid = $1").bind(id.as_str()).execute(&mut **tx).await?;
    insert_keyset(tx, id, user.keyset, now()).await?;
    for grant in grants {
        check_sealed_for(&user.keyset.uuid, grant)?;
        sqlx::query(
            "UPDATE vault_access SET encrypted_by = $1, enc_vault_key = $2
             WHERE vault_uuid = $3 AND accessor_type = $4 AND accessor_uuid = $5",
        )
        .bind(&grant.encrypted_by)
        .bind(&grant.enc_vault_key)
        .bind(grant.vault_uuid.as_str())
        .bind(AccessorType::User.as_str())
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
        raise_access_version(tx, &grant.vault_uuid).await?;
    }
    replace_sign_in(tx, user).await
}

fn check_covers(present: &[AccessRow], grants: &[NewAccess]) -> Result<()> {
    let by_vault: HashMap<&VaultId, &NewAccess> = grants.iter().map(|grant| (&grant.vault_uuid, grant)).collect();
    let same = |old: &AccessRow| by_vault.get(&old.vault_uuid).is_some_and(|new| new.acl == old.acl);
    if grants.len() != present.len() || !present.iter().all(same) {
        let message = "vaults must list each of the user's vaults once, with the same permissions: read them again";
        return Err(Refusal::impossible(message).into());
    }
    let is_current =
        |old: &AccessRow| by_vault.get(&old.vault_uuid).is_some_and(|new| new.vault_key_sn == old.vault_key_sn);
    if present.iter().all(is_current) {
        return Ok(());
    }
    Err(Refusal::conflict("a vault's key has changed: read the vaults again and retry").into())
}

async fn replace_sign_in(tx: &mut Transaction<'_>, user: &NewUser<'_>) -> Result<()> {
    let sign_in = &user.sign_in;
    let done = sqlx::query(
        "UPDATE users SET verifier = $1, salt = $2, iterations = $3, method = $4, alg = $5, secret_key_id = $6
         WHERE uuid = $7 AND email = $8",
    )
    .bind(&sign_in.verifier)
    .bind(sign_in.salt.as_slice())
    .bind(i64::from(sign_in.iterations))
    .bind(&sign_in.method)
    .bind(&sign_in.alg)
    .bind(&sign_in.secret_key_id)
    .bind(sign_in.uuid.as_str())
    .bind(&sign_in.email)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(());
    }
    Err(Refusal::impossible("new keys cannot change a user's e-mail address").into())
}
