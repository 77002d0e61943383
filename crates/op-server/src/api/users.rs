//! The people of an account.

use std::collections::HashMap;

use axum::Json;
use axum::response::Response;
use op_protocol::id::UserId;
use op_protocol::rest::{GroupKey, UserRecord, UserVault};

use super::answer::{Success, access, public_key, success};
use super::checks::check_key;
use super::error::{ApiError, Result};
use super::extract::{Caller, Sealed, UserPath};
use super::time;
use crate::State;

pub(super) async fn list(server: State, caller: Caller) -> Result<Response> {
    caller.standing(&server).await?.require_person()?;
    caller.seal(&users(&server, &caller).await?)
}

pub(super) async fn show(server: State, caller: Caller, UserPath { user }: UserPath) -> Result<Response> {
    caller.standing(&server).await?.require_person()?;
    let found = users(&server, &caller).await?.into_iter().find(|one| one.uuid == user.as_str());
    caller.seal(&found.ok_or_else(|| ApiError::not_found("person in this account"))?)
}

async fn users(server: &State, caller: &Caller) -> Result<Vec<UserRecord>> {
    let mut groups: HashMap<UserId, Vec<String>> = HashMap::new();
    for row in server.store.memberships(caller.account()).await? {
        groups.entry(row.user_uuid).or_default().push(row.group_uuid);
    }
    let rows = server.store.users(caller.account()).await?;
    let users = rows.into_iter().map(|row| {
        Ok(UserRecord {
            group_uuids: groups.remove(&row.uuid).unwrap_or_default(),
            pub_key: public_key(&row.keyset)?,
            uuid: row.uuid.into(),
            email: row.email,
            name: row.name,
            state: row.state.into(),
            created_at: time::write(row.created_at),
        })
    });
    users.collect()
}

/// The permissions of a person or a service account in each vault.
pub(super) async fn vaults(server: State, caller: Caller, UserPath { user }: UserPath) -> Result<Response> {
    if user != *caller.user() {
        caller.standing(&server).await?.require_administrator()?;
    }
    let mut vaults: Vec<UserVault> = Vec::new();
    for row in server.store.user_accesses(caller.account(), &user).await? {
        let access = access(&row.access)?;
        match vaults.last_mut() {
            Some(vault) if vault.vault_uuid == access.vault_uuid => {
                vault.acl |= access.acl;
                vault.access.push(access);
            }
            _ => vaults.push(UserVault {
                vault_uuid: access.vault_uuid.clone(),
                kind: row.kind.into(),
                acl: access.acl,
                access: vec![access],
            }),
        }
    }
    caller.seal(&vaults)
}

pub(super) async fn confirm(
    server: State,
    UserPath { user }: UserPath,
    Sealed { caller, body }: Sealed<Vec<GroupKey>>,
) -> Result<Json<Success>> {
    body.iter().try_for_each(|key| check_key(&key.group_uuid, key))?;
    server.store.confirm_user(&caller.actor, &user, &body).await?;
    Ok(success())
}

/// Rejects a person who is waiting for confirmation.
pub(super) async fn reject(server: State, caller: Caller, UserPath { user }: UserPath) -> Result<Json<Success>> {
    server.store.reject_user(&caller.actor, &user).await?;
    Ok(success())
}

pub(super) async fn suspend(server: State, caller: Caller, UserPath { user }: UserPath) -> Result<Json<Success>> {
    server.store.suspend_user(&caller.actor, &user).await?;
    Ok(success())
}

pub(super) async fn reactivate(server: State, caller: Caller, UserPath { user }: UserPath) -> Result<Json<Success>> {
    server.store.reactivate_user(&caller.actor, &user).await?;
    Ok(success())
}
