//! Groups and the holders of their keys.

use std::collections::HashSet;

use op_protocol::id::{GroupId, UserId};
use op_protocol::keyset::Keyset;
use op_protocol::permissions::MANAGE_VAULT;
use op_protocol::rest::{
    AccessorType, AuditAction, GroupKey, GroupKeyset, GroupState, GroupType, NewGroup, UpdateGroupRequest, UserState,
};

use super::access::{Accessor, LAST_MANAGER, accessor, delete_accesses_of, standing};
use super::audit::{Actor, Event, record};
use super::rows::{AccessRow, GroupRow, MemberRow, access_columns};
use super::{Result, Store, Transaction};
use crate::policy::account::Role;
use crate::policy::limits;
use crate::policy::refusal::Refusal;
use crate::system::now;

macro_rules! group_query {
    ($which:literal) => {
        concat!(
            "SELECT uuid, type, name, description, state, keyset_uuid, keyset, attr_version, created_at, updated_at
             FROM account_groups WHERE ",
            $which
        )
    };
}

impl Store {
    /// The active groups of an account: the built-in ones, then the others by age.
    pub(crate) async fn groups(&self, account: &str) -> Result<Vec<GroupRow>> {
        Ok(sqlx::query_as(group_query!(
            "account_uuid = $1 AND state = $2 ORDER BY CASE type WHEN $3 THEN 1 ELSE 0 END, created_at, uuid"
        ))
        .bind(account)
        .bind(GroupState::Active.as_str())
        .bind(GroupType::UserDefined.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// One group of an account, which may be deleted.
    pub(crate) async fn group(&self, account: &str, group: &GroupId) -> Result<Option<GroupRow>> {
        Ok(sqlx::query_as(group_query!("account_uuid = $1 AND uuid = $2"))
            .bind(account)
            .bind(group.as_str())
            .fetch_optional(&self.durable.reader)
            .await?)
    }

    /// The accesses of a group that a user may see: all if the user is a member, otherwise those to vaults that the
    /// user manages.
    pub(crate) async fn group_accesses(&self, group: &GroupId, user: &UserId) -> Result<Vec<AccessRow>> {
        Ok(sqlx::query_as(concat!(
            "SELECT ",
            access_columns!(),
            " FROM vault_access a WHERE a.accessor_type = $3 AND a.accessor_uuid = $1 AND (
                 EXISTS (SELECT 1 FROM group_keys k WHERE k.group_uuid = $1 AND k.holder_type = $4 AND k.holder_uuid = $2)
                 OR EXISTS (SELECT 1 FROM user_access x
                            WHERE x.user_uuid = $2 AND x.vault_uuid = a.vault_uuid AND x.acl & $5 <> 0))
              ORDER BY a.vault_uuid"
        ))
        .bind(group.as_str())
        .bind(user.as_str())
        .bind(AccessorType::Group.as_str())
        .bind(AccessorType::User.as_str())
        .bind(i64::from(MANAGE_VAULT))
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// The members of a group, by age.
    pub(crate) async fn members(&self, group: &GroupId) -> Result<Vec<MemberRow>> {
        Ok(sqlx::query_as(
            "SELECT u.uuid AS user_uuid, u.email, u.name, u.state, k.created_at
             FROM group_keys k JOIN users u ON u.uuid = k.holder_uuid
             WHERE k.group_uuid = $1 AND k.holder_type = $2 ORDER BY k.created_at, u.uuid",
        )
        .bind(group.as_str())
        .bind(AccessorType::User.as_str())
        .fetch_all(&self.durable.reader)
        .await?)
    }

    /// The keysets of all groups whose key a user holds, directly or through another group.
    pub(crate) async fn group_keysets(&self, user: &UserId) -> Result<Vec<Keyset>> {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT g.keyset, k.encrypted_by, k.enc_sym_key FROM group_keys k
             JOIN account_groups g ON g.uuid = k.group_uuid
             WHERE k.holder_type = $2 AND k.holder_uuid = $1 AND g.state = $4
             UNION ALL
             SELECT g.keyset, k.encrypted_by, k.enc_sym_key FROM group_keys own
             JOIN group_keys k ON k.holder_type = $3 AND k.holder_uuid = own.group_uuid
             JOIN account_groups g ON g.uuid = k.group_uuid
             WHERE own.holder_type = $2 AND own.holder_uuid = $1 AND g.state = $4",
        )
        .bind(user.as_str())
        .bind(AccessorType::User.as_str())
        .bind(AccessorType::Group.as_str())
        .bind(GroupState::Active.as_str())
        .fetch_all(&self.durable.reader)
        .await?;
        let mut seen = HashSet::new();
        let mut keysets = Vec::with_capacity(rows.len());
        for (keyset, encrypted_by, enc_sym_key) in rows {
            let keyset: GroupKeyset = serde_json::from_str(&keyset)?;
            // A member may hold a group's key through another group as well, but needs it once.
            if seen.insert(keyset.uuid.clone()) {
                keysets.push(Keyset {
                    uuid: keyset.uuid,
                    encrypted_by,
                    sn: keyset.sn,
                    enc_sym_key: serde_json::from_str(&enc_sym_key)?,
                    enc_pri_key: keyset.enc_pri_key,
                    pub_key: keyset.pub_key,
                    enc_s_pri_key: None,
                    spub_key: None,
                    created_at: None,
                    updated_at: None,
                });
            }
        }
        Ok(keysets)
    }

    /// Creates a group.
    pub(crate) async fn create_group(&self, actor: &Actor, group: &NewGroup) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        insert_group(&mut tx, actor, group).await?;
        insert_keys(&mut tx, actor, group).await?;
        let count = sqlx::query_scalar("SELECT count(*) FROM account_groups WHERE account_uuid = $1 AND state = $2")
            .bind(&actor.account)
            .bind(GroupState::Active.as_str())
            .fetch_one(&mut *tx)
            .await?;
        limits::GROUPS.check(count)?;
        Ok(tx.commit().await?)
    }

    /// Creates the built-in groups of an account whose first user has been its owner without them.
    pub(crate) async fn create_account_groups(&self, actor: &Actor, groups: &[NewGroup]) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_owner()?;
        let existing: i64 = sqlx::query_scalar("SELECT count(*) FROM account_groups WHERE account_uuid = $1")
            .bind(&actor.account)
            .fetch_one(&mut *tx)
            .await?;
        if existing > 0 {
            return Err(Refusal::conflict("the account has groups already").into());
        }
        insert_account_groups(&mut tx, actor, groups).await?;
        sqlx::query("UPDATE users SET role = $1 WHERE account_uuid = $2 AND role = $3")
            .bind(Role::Member.as_str())
            .bind(&actor.account)
            .bind(Role::Owner.as_str())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Changes name and description.
    pub(crate) async fn update_group(
        &self,
        actor: &Actor,
        group: &GroupId,
        request: &UpdateGroupRequest,
    ) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        active_group(&mut tx, actor, group).await?;
        let done = sqlx::query(
            "UPDATE account_groups SET name = $1, description = $2, updated_at = $3, attr_version = attr_version + 1
             WHERE uuid = $4 AND attr_version = $5",
        )
        .bind(&request.name)
        .bind(&request.desc)
        .bind(now())
        .bind(group.as_str())
        .bind(i64::from(request.attr_version))
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Err(Refusal::conflict("the group has changed: read it again and retry").into());
        }
        record(&mut tx, actor, Event::new(AuditAction::GroupUpdate, group.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Deletes a group that a person created, with its accesses and all wrapped copies of its key.
    pub(crate) async fn delete_group(&self, actor: &Actor, group: &GroupId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        standing(&mut tx, &actor.user).await?.require_administrator()?;
        let found = active_group(&mut tx, actor, group).await?;
        if found.kind != GroupType::UserDefined {
            let message = format!("`{}` is a built-in group, and built-in groups cannot be deleted", found.name);
            return Err(Refusal::impossible(message).into());
        }
        sqlx::query("UPDATE account_groups SET state = $1, updated_at = $2 WHERE uuid = $3")
            .bind(GroupState::Deleted.as_str())
            .bind(now())
            .bind(group.as_str())
            .execute(&mut *tx)
            .await?;
        check_managers(&mut tx, group).await?;
        delete_accesses_of(&mut tx, AccessorType::Group, group.as_str()).await?;
        sqlx::query("DELETE FROM group_keys WHERE group_uuid = $1").bind(group.as_str()).execute(&mut *tx).await?;
        record(&mut tx, actor, Event::new(AuditAction::GroupDelete, group.as_str())).await?;
        Ok(tx.commit().await?)
    }

    /// Makes a person a member. If they are one already, the wrapped key is replaced.
    /// The key is the group's, wrapped for this person.
    pub(crate) async fn add_member(&self, actor: &Actor, group: &GroupId, user: &UserId, key: &GroupKey) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let kind = active_group(&mut tx, actor, group).await?.kind;
        standing(&mut tx, &actor.user).await?.require_members_of(kind)?;
        if key.holder_type != AccessorType::User {
            return Err(Refusal::impossible("only a user can be a member of a group").into());
        }
        check_holder(&mut tx, actor, key).await?;
        delete_key(&mut tx, group, user).await?;
        insert_key(&mut tx, key).await?;
        let event = Event::new(AuditAction::GroupAddMember, group.as_str()).with(user.as_str());
        record(&mut tx, actor, event).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a person from a group.
    pub(crate) async fn remove_member(&self, actor: &Actor, group: &GroupId, user: &UserId) -> Result<()> {
        let mut tx = self.write(actor).await?;
        let kind = active_group(&mut tx, actor, group).await?.kind;
        standing(&mut tx, &actor.user).await?.require_members_of(kind)?;
        if !delete_key(&mut tx, group, user).await? {
            return Err(Refusal::not_found("member of the group").into());
        }
        if kind == GroupType::Owners {
            require_an_owner(&mut tx, group).await?;
        }
        check_managers(&mut tx, group).await?;
        record(&mut tx, actor, Event::new(AuditAction::GroupRemoveMember, group.as_str()).with(user.as_str())).await?;
        Ok(tx.commit().await?)
    }
}

/// Creates the built-in groups, of the types O, A, R and M. The actor has to hold each key.
pub(super) async fn insert_account_groups(tx: &mut Transaction<'_>, actor: &Actor, groups: &[NewGroup]) -> Result<()> {
    let all = [GroupType::Administrators, GroupType::TeamMembers, GroupType::Owners, GroupType::Recovery];
    let holds = |group: &NewGroup| {
        group.keys.iter().any(|key| key.holder_type == AccessorType::User && key.holder_uuid == actor.user.as_str())
    };
    let is_there = |kind: &GroupType| groups.iter().any(|group| group.kind == *kind);
    if groups.len() != all.len() || !all.iter().all(is_there) || !groups.iter().all(holds) {
        let message = "a new account needs one group each of the types O, A, R and M, with its owner in all of them";
        return Err(Refusal::impossible(message).into());
    }
    for group in groups {
        insert_group(tx, actor, group).await?;
    }
    // They may hold each other's keys, so all groups are inserted first.
    for group in groups {
        insert_keys(tx, actor, group).await?;
    }
    Ok(())
}

async fn insert_group(tx: &mut Transaction<'_>, actor: &Actor, group: &NewGroup) -> Result<()> {
    sqlx::query(
        "INSERT INTO account_groups (uuid, account_uuid, type, name, description, keyset_uuid, keyset, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
    )
    .bind(&group.uuid)
    .bind(&actor.account)
    .bind(group.kind.as_str())
    .bind(&group.name)
    .bind(&group.desc)
    .bind(&group.keyset.uuid)
    .bind(serde_json::to_string(&group.keyset)?)
    .bind(now())
    .execute(&mut **tx)
    .await?;
    record(tx, actor, Event::new(AuditAction::GroupCreate, &group.uuid)).await
}

async fn insert_keys(tx: &mut Transaction<'_>, actor: &Actor, group: &NewGroup) -> Result<()> {
    if group.keys.is_empty() {
        return Err(Refusal::impossible(
            "a group's key must be wrapped for somebody: otherwise nobody could ever be added",
        )
        .into());
    }
    for key in &group.keys {
        check_holder(tx, actor, key).await?;
        insert_key(tx, key).await?;
        if key.holder_type == AccessorType::User {
            record(tx, actor, Event::new(AuditAction::GroupAddMember, &group.uuid).with(&key.holder_uuid)).await?;
        }
    }
    Ok(())
}

/// Refuses a key that is not sealed for the keyset of an active person, or of the owners' or administrators' group.
async fn check_holder(tx: &mut Transaction<'_>, actor: &Actor, key: &GroupKey) -> Result<()> {
    let (holder, keyset) = accessor(tx, &actor.account, key.holder_type, &key.holder_uuid).await?;
    let may_hold = match holder {
        Accessor::User(role) => role != Role::Service,
        Accessor::Group(kind) => matches!(kind, GroupType::Owners | GroupType::Administrators),
    };
    if !may_hold {
        let message = "a group's key can be wrapped only for people and for the groups of owners and administrators";
        return Err(Refusal::impossible(message).into());
    }
    if key.encrypted_by != keyset || key.enc_sym_key.kid != keyset {
        return Err(Refusal::impossible("the group's key is not sealed for the holder's active keyset").into());
    }
    Ok(())
}

pub(super) async fn insert_key(tx: &mut Transaction<'_>, key: &GroupKey) -> Result<()> {
    sqlx::query(
        "INSERT INTO group_keys (group_uuid, holder_type, holder_uuid, encrypted_by, enc_sym_key, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key.group_uuid)
    .bind(key.holder_type.as_str())
    .bind(&key.holder_uuid)
    .bind(&key.encrypted_by)
    .bind(serde_json::to_string(&key.enc_sym_key)?)
    .bind(now())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn delete_key(tx: &mut Transaction<'_>, group: &GroupId, user: &UserId) -> Result<bool> {
    let done = sqlx::query("DELETE FROM group_keys WHERE group_uuid = $1 AND holder_type = $2 AND holder_uuid = $3")
        .bind(group.as_str())
        .bind(AccessorType::User.as_str())
        .bind(user.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn active_group(tx: &mut Transaction<'_>, actor: &Actor, group: &GroupId) -> Result<GroupRow> {
    let row = sqlx::query_as(group_query!("account_uuid = $1 AND uuid = $2 AND state = $3"))
        .bind(&actor.account)
        .bind(group.as_str())
        .bind(GroupState::Active.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.ok_or_else(|| Refusal::not_found(format!("group `{group}`")))?)
}

async fn require_an_owner(tx: &mut Transaction<'_>, owners: &GroupId) -> Result<()> {
    let active: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM group_keys k JOIN users u ON u.uuid = k.holder_uuid
         WHERE k.group_uuid = $1 AND k.holder_type = $2 AND u.state = $3",
    )
    .bind(owners.as_str())
    .bind(AccessorType::User.as_str())
    .bind(UserState::Active.as_str())
    .fetch_one(&mut **tx)
    .await?;
    if active > 0 {
        Ok(())
    } else {
        Err(Refusal::impossible("an account must keep one active owner: make somebody else an owner first").into())
    }
}

/// Refuses a change of a group that leaves a vault without a manager.
async fn check_managers(tx: &mut Transaction<'_>, group: &GroupId) -> Result<()> {
    let orphan: Option<String> = sqlx::query_scalar(
        "SELECT a.vault_uuid FROM vault_access a
         WHERE a.accessor_type = $2 AND a.accessor_uuid = $1 AND a.acl & $3 <> 0
           AND NOT EXISTS (SELECT 1 FROM user_access x WHERE x.vault_uuid = a.vault_uuid AND x.acl & $3 <> 0) LIMIT 1",
    )
    .bind(group.as_str())
    .bind(AccessorType::Group.as_str())
    .bind(i64::from(MANAGE_VAULT))
    .fetch_optional(&mut **tx)
    .await?;
    if orphan.is_none() { Ok(()) } else { Err(Refusal::impossible(LAST_MANAGER).into()) }
}

/// Gives a new person the key of the team members' group, if the account has that group. Refuses any other key.
pub(super) async fn insert_team_key(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    user: &UserId,
    keys: &[GroupKey],
) -> Result<()> {
    let team: Option<String> =
        sqlx::query_scalar("SELECT uuid FROM account_groups WHERE account_uuid = $1 AND type = $2 AND state = $3")
            .bind(&actor.account)
            .bind(GroupType::TeamMembers.as_str())
            .bind(GroupState::Active.as_str())
            .fetch_optional(&mut **tx)
            .await?;
    let keyset: String = sqlx::query_scalar("SELECT uuid FROM keysets WHERE user_uuid = $1 ORDER BY sn LIMIT 1")
        .bind(user.as_str())
        .fetch_one(&mut **tx)
        .await?;
    let fits = |key: &GroupKey| {
        Some(key.group_uuid.as_str()) == team.as_deref()
            && key.holder_type == AccessorType::User
            && key.holder_uuid == user.as_str()
            && key.encrypted_by == keyset
            && key.enc_sym_key.kid == keyset
    };
    if keys.len() != usize::from(team.is_some()) || !keys.iter().all(fits) {
        let message =
            "confirming a person needs exactly the key of the team members' group, sealed for that person's keyset";
        return Err(Refusal::impossible(message).into());
    }
    for key in keys {
        insert_key(tx, key).await?;
    }
    Ok(())
}
