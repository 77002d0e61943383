//! Groups.

use axum::Json;
use axum::http::Uri;
use axum::response::Response;
use op_protocol::rest::{
    AccessorType, GroupKey, GroupMember, GroupPublicKey, GroupRecord, GroupType, NewGroup, UpdateGroupRequest,
};

use super::answer::{Success, access, public_key, success};
use super::checks::{check_group, check_key, check_texts};
use super::error::{ApiError, Result};
use super::extract::{Caller, GroupPath, MemberPath, Sealed, query_list};
use super::time;
use crate::State;
use crate::store::rows::GroupRow;

/// The keys of the groups that exist.
pub(super) async fn public_keys(server: State, caller: Caller, uri: Uri) -> Result<Response> {
    let wanted = query_list(&uri, "uuids");
    let groups = server.store.groups(caller.account()).await?;
    let wanted = groups.iter().filter(|group| wanted.contains(&group.uuid));
    let keys = wanted.map(|group| Ok(GroupPublicKey { uuid: group.uuid.clone(), pub_key: public_key(&group.keyset)? }));
    caller.seal(&keys.collect::<Result<Vec<_>>>()?)
}

pub(super) async fn show(
    server: State,
    caller: Caller,
    GroupPath { group: id }: GroupPath,
    uri: Uri,
) -> Result<Response> {
    let attrs = query_list(&uri, "attrs");
    let asked = |name: &str| attrs.iter().any(|attr| attr == name);
    let row = server.store.group(caller.account(), &id).await?.ok_or_else(|| ApiError::not_found("group"))?;
    let mut group = group(row)?;
    if !asked("pubkey") {
        group.pub_key = None;
    }
    if asked("vault-access") {
        let rows = server.store.group_accesses(&id, caller.user()).await?;
        group.vault_access = Some(rows.iter().map(access).collect::<Result<_>>()?);
    }
    caller.seal(&group)
}

pub(super) async fn list(server: State, caller: Caller) -> Result<Response> {
    let rows = server.store.groups(caller.account()).await?;
    caller.seal(&rows.into_iter().map(group).collect::<Result<Vec<_>>>()?)
}

pub(super) async fn create(server: State, Sealed { caller, body }: Sealed<NewGroup>) -> Result<Json<Success>> {
    check_group(&body)?;
    if body.kind != GroupType::UserDefined {
        return Err(ApiError::bad_request(format!("the type of a new group must be U, not `{}`", body.kind)));
    }
    server.store.create_group(&caller.actor, &body).await?;
    Ok(success())
}

pub(super) async fn update(
    server: State,
    GroupPath { group }: GroupPath,
    Sealed { caller, body }: Sealed<UpdateGroupRequest>,
) -> Result<Json<Success>> {
    check_texts(&body.name, &body.desc)?;
    server.store.update_group(&caller.actor, &group, &body).await?;
    Ok(success())
}

pub(super) async fn delete(server: State, caller: Caller, GroupPath { group }: GroupPath) -> Result<Json<Success>> {
    server.store.delete_group(&caller.actor, &group).await?;
    Ok(success())
}

pub(super) async fn members(server: State, caller: Caller, GroupPath { group }: GroupPath) -> Result<Response> {
    caller.standing(&server).await?.require_person()?;
    server.store.group(caller.account(), &group).await?.ok_or_else(|| ApiError::not_found("group"))?;
    let rows = server.store.members(&group).await?;
    let members = rows.into_iter().map(|row| GroupMember {
        user_uuid: row.user_uuid,
        email: row.email,
        name: row.name,
        state: row.state.into(),
        joined_at: time::write(row.created_at),
    });
    caller.seal(&members.collect::<Vec<_>>())
}

pub(super) async fn add_member(
    server: State,
    MemberPath { group, user }: MemberPath,
    Sealed { caller, body }: Sealed<GroupKey>,
) -> Result<Json<Success>> {
    check_key(group.as_str(), &body)?;
    if body.holder_type != AccessorType::User || body.holder_uuid != user.as_str() {
        return Err(ApiError::bad_request("the key is wrapped for somebody other than the new member"));
    }
    server.store.add_member(&caller.actor, &group, &user, &body).await?;
    Ok(success())
}

pub(super) async fn remove_member(
    server: State,
    caller: Caller,
    MemberPath { group, user }: MemberPath,
) -> Result<Json<Success>> {
    server.store.remove_member(&caller.actor, &group, &user).await?;
    Ok(success())
}

fn group(row: GroupRow) -> Result<GroupRecord> {
    Ok(GroupRecord {
        pub_key: Some(public_key(&row.keyset)?),
        uuid: row.uuid,
        kind: row.kind.into(),
        name: row.name,
        desc: Some(row.description),
        description: None,
        state: row.state.into(),
        attr_version: row.attr_version,
        created_at: time::write(row.created_at),
        updated_at: time::write(row.updated_at),
        permissions: 0,
        active_keyset_uuid: row.keyset_uuid,
        avatar: None,
        vault_access: None,
        recovery_keyset: None,
    })
}
