//! Recovery. A person who lost their password or Secret Key creates new keys, and an administrator seals for them what
//! the lost keys opened. Nothing changes until that is complete.

use std::collections::HashMap;

use op_protocol::id::{GroupId, UserId, VaultId};
use op_protocol::rest::{self, AccessorType, AuditAction, GroupKey, GroupState, GroupType, UserState};

use super::access::{accesses_of, delete_access, raise_access_version};
use super::audit::{Actor, Event, record};
use super::groups::{active_group, delete_key};
use super::new_keys::replace_keys;
use super::rows::{AccessRow, InviteRow, NewAccess, NewUser, access_columns};
use super::users::require_power_over;
use super::{Result, Store, Transaction};
use crate::policy::refusal::Refusal;
use crate::system::now;

/// Everything that is sealed for the keys that a person lost.
pub(crate) struct Lost {
    /// What the person created instead, JSON of a [`NewUser`](rest::NewUser).
    pub(crate) accepted: String,
    pub(crate) vaults: Vec<AccessRow>,
    /// The recovery group's accesses to those vaults.
    pub(crate) recoverable: HashMap<VaultId, AccessRow>,
    pub(crate) groups: Vec<String>,
}

/// What a person gets back.
pub(crate) struct Given<'a> {
    pub(crate) vaults: Vec<NewAccess>,
    pub(crate) groups: &'a [GroupKey],
    /// Vaults whose keys cannot be given back.
    pub(crate) left_vaults: Vec<VaultId>,
    /// Groups whose keys cannot be given back.
    pub(crate) left_groups: Vec<GroupId>,
}

impl Store {
    /// Stores what a person created who accepted an invite to recover access.
    pub(crate) async fn accept_recovery(&self, actor: &Actor, invite: &InviteRow, user: &rest::NewUser) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let done = sqlx::query("UPDATE invites SET accepted = $1 WHERE uuid = $2 AND accepted IS NULL")
            .bind(serde_json::to_string(user)?)
            .bind(&invite.uuid)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(Refusal::conflict("the invite has already been used").into());
        }
        record(&mut tx, actor, Event::new(AuditAction::InviteAccept, &invite.uuid).with(&user.uuid)).await?;
        Ok(tx.commit().await?)
    }

    /// What a person created who accepted an invite to recover access, JSON of a [`NewUser`](rest::NewUser).
    pub(crate) async fn accepted_recovery(&self, actor: &Actor, user: &UserId) -> Result<String> {
        let mut tx = self.write(actor).await?;
        require_recoverable(&mut tx, actor, user).await?;
        accepted(&mut tx, user).await
    }

    /// What has to be sealed again for a recovery that the person accepted.
    pub(crate) async fn lost(&self, actor: &Actor, user: &UserId) -> Result<Lost> {
        // A transaction, as no single query reads all of this in one state.
        let mut tx = self.write(actor).await?;
        require_recoverable(&mut tx, actor, user).await?;
        let accepted = accepted(&mut tx, user).await?;
        let vaults = accesses_of(&mut tx, AccessorType::User, user.as_str()).await?;
        let recoverable: Vec<AccessRow> = sqlx::query_as(concat!(
            "SELECT ",
            access_columns!(),
            " FROM vault_access a
             JOIN account_groups g ON g.uuid = a.accessor_uuid AND g.type = $3 AND g.state = $4
             JOIN vault_access own ON own.vault_uuid = a.vault_uuid
             WHERE a.accessor_type = $5 AND g.account_uuid = $2 AND own.accessor_type = $6 AND own.accessor_uuid = $1"
        ))
        .bind(user.as_str())
        .bind(&actor.account)
        .bind(GroupType::Recovery.as_str())
        .bind(GroupState::Active.as_str())
        .bind(AccessorType::Group.as_str())
        .bind(AccessorType::User.as_str())
        .fetch_all(&mut *tx)
        .await?;
        Ok(Lost {
            accepted,
            vaults,
            recoverable: recoverable.into_iter().map(|access| (access.vault_uuid.clone(), access)).collect(),
            groups: groups_of(&mut tx, user).await?,
        })
    }

    /// Replaces the lost keys by those that the person created, `accepted`, and ends the person's sessions. The person
    /// loses the vaults and groups that are left out, which only the lost keys opened.
    pub(crate) async fn complete_recovery(
        &self,
        actor: &Actor,
        accepted: &str,
        user: &NewUser<'_>,
        given: &Given<'_>,
    ) -> Result<()> {
        let id = &user.sign_in.uuid;
        let mut tx = self.write(actor).await?;
        require_recoverable(&mut tx, actor, id).await?;
        let done = sqlx::query("DELETE FROM invites WHERE user_uuid = $1 AND accepted = $2")
            .bind(id.as_str())
            .bind(accepted)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() != 1 {
            return Err(Refusal::conflict("the recovery was withdrawn or restarted meanwhile").into());
        }
        record(&mut tx, actor, Event::new(AuditAction::UserRecover, id.as_str())).await?;
        drop_vaults(&mut tx, actor, id, &given.left_vaults).await?;
        drop_groups(&mut tx, actor, id, &given.left_groups).await?;
        replace_keys(&mut tx, user, &given.vaults).await?;
        replace_group_keys(&mut tx, user, given.groups).await?;
        self.commit_new_keys(tx, id).await
    }
}

/// Refuses an actor who may not recover this person. Administrators may, but only owners may recover an owner.
pub(super) async fn require_recoverable(tx: &mut Transaction<'_>, actor: &Actor, user: &UserId) -> Result<()> {
    if require_power_over(tx, actor, user).await? == UserState::Active {
        return Ok(());
    }
    Err(Refusal::conflict("this person is suspended: reactivate them first").into())
}

/// Revokes the person's access to vaults whose keys nobody can give back.
async fn drop_vaults(tx: &mut Transaction<'_>, actor: &Actor, person: &UserId, vaults: &[VaultId]) -> Result<()> {
    for vault in vaults {
        if !delete_access(tx, vault, AccessorType::User, person.as_str()).await? {
            return Err(Refusal::not_found(format!("access of the person to vault `{vault}`")).into());
        }
        raise_access_version(tx, vault).await?;
        let event = Event::new(AuditAction::VaultRevoke, vault.as_str()).with(person.as_str());
        record(tx, actor, event).await?;
    }
    Ok(())
}

/// Removes the person from groups whose keys nobody can give back. All administrators hold the keys of the built-in
/// ones.
async fn drop_groups(tx: &mut Transaction<'_>, actor: &Actor, person: &UserId, groups: &[GroupId]) -> Result<()> {
    for group in groups {
        if active_group(tx, actor, group).await?.kind != GroupType::UserDefined {
            return Err(Refusal::impossible("a recovery cannot leave out a built-in group").into());
        }
        if !delete_key(tx, group, person).await? {
            return Err(Refusal::not_found(format!("membership of the person in group `{group}`")).into());
        }
        let event = Event::new(AuditAction::GroupRemoveMember, group.as_str()).with(person.as_str());
        record(tx, actor, event).await?;
    }
    Ok(())
}

async fn accepted(tx: &mut Transaction<'_>, user: &UserId) -> Result<String> {
    let accepted: Option<Option<String>> =
        sqlx::query_scalar("SELECT accepted FROM invites WHERE user_uuid = $1 AND expires_at > $2")
            .bind(user.as_str())
            .bind(now())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(accepted.flatten().ok_or_else(|| Refusal::not_found("accepted recovery of this person"))?)
}

async fn groups_of(tx: &mut Transaction<'_>, user: &UserId) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT group_uuid FROM group_keys WHERE holder_type = $1 AND holder_uuid = $2 ORDER BY group_uuid",
    )
    .bind(AccessorType::User.as_str())
    .bind(user.as_str())
    .fetch_all(&mut **tx)
    .await?)
}

async fn replace_group_keys(tx: &mut Transaction<'_>, user: &NewUser<'_>, keys: &[GroupKey]) -> Result<()> {
    let (id, keyset) = (&user.sign_in.uuid, &user.keyset.uuid);
    let mut given: Vec<&str> = keys.iter().map(|key| key.group_uuid.as_str()).collect();
    given.sort_unstable();
    let is_sealed = |key: &GroupKey| {
        key.holder_type == AccessorType::User
            && key.holder_uuid == id.as_str()
            && key.encrypted_by == *keyset
            && key.enc_sym_key.kid == *keyset
    };
    if given != groups_of(tx, id).await? || !keys.iter().all(is_sealed) {
        let message = "groups must list the key of each of the person's groups once, sealed for the new keyset";
        return Err(Refusal::impossible(message).into());
    }
    for key in keys {
        sqlx::query(
            "UPDATE group_keys SET encrypted_by = $1, enc_sym_key = $2
             WHERE group_uuid = $3 AND holder_type = $4 AND holder_uuid = $5",
        )
        .bind(&key.encrypted_by)
        .bind(serde_json::to_string(&key.enc_sym_key)?)
        .bind(&key.group_uuid)
        .bind(AccessorType::User.as_str())
        .bind(id.as_str())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
