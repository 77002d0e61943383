//! Finds vaults, items, Environments, groups and people by a name or id from the command line.

use anyhow::{Result, bail};
use op_core::{
    methods::{EnvironmentsList, GroupsList, ItemsList, UsersList, VaultsList},
    types::{EnvironmentOverview, Group, ItemOverview, User, VaultOverview},
};
use op_protocol::id::{GroupId, UserId, VaultId};

use crate::caller::Caller;

/// Returns the vault with this title or id.
pub(crate) async fn vault(client: &impl Caller, text: &str) -> Result<VaultOverview> {
    let all = client.call(VaultsList { params: None }).await?;
    only("vault", "opwire vault list", text, all, |vault| [&vault.id, &vault.title])
}

/// Returns the id of the vault with this title or id.
pub(crate) async fn vault_id(client: &impl Caller, text: &str) -> Result<VaultId> {
    Ok(VaultId::from_server(vault(client, text).await?.id))
}

/// Returns the ids of the vaults with these titles or ids, in this order. The vaults are listed once.
pub(crate) async fn vault_ids(client: &impl Caller, texts: &[&str]) -> Result<Vec<VaultId>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let all = client.call(VaultsList { params: None }).await?;
    let found = each("vault", "opwire vault list", texts, &all, |vault| [&vault.id, &vault.title])?;
    Ok(found.into_iter().map(|vault| VaultId::from_server(&vault.id)).collect())
}

/// Returns the active item of a vault with this title or id.
pub(crate) async fn item(client: &impl Caller, vault_id: &VaultId, text: &str) -> Result<ItemOverview> {
    let all = client.call(ItemsList { vault_id: vault_id.clone(), filters: Vec::new() }).await?;
    only("item", &format!("opwire item list --vault {vault_id}"), text, all, |item| [&item.id, &item.title])
}

/// Returns the Environment with this title or id.
pub(crate) async fn environment(client: &impl Caller, text: &str) -> Result<EnvironmentOverview> {
    let all = client.call(EnvironmentsList {}).await?;
    only("Environment", "opwire env list", text, all, |environment| [&environment.id, &environment.title])
}

/// Returns the ids of the Environments with these titles or ids, in this order. The Environments are listed once.
pub(crate) async fn environment_ids(client: &impl Caller, texts: &[&str]) -> Result<Vec<VaultId>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let all = client.call(EnvironmentsList {}).await?;
    let found = each("Environment", "opwire env list", texts, &all, |each| [&each.id, &each.title])?;
    Ok(found.into_iter().map(|each| VaultId::from_server(&each.id)).collect())
}

/// Returns the id of the Environment with this title or id.
pub(crate) async fn environment_id(client: &impl Caller, text: &str) -> Result<VaultId> {
    Ok(VaultId::from_server(environment(client, text).await?.id))
}

/// Returns the group with this name or id.
pub(crate) async fn group(client: &impl Caller, text: &str) -> Result<Group> {
    let all = client.call(GroupsList {}).await?;
    only("group", "opwire group list", text, all, |group| [&group.id, &group.title])
}

/// Returns the id of the group with this name or id.
pub(crate) async fn group_id(client: &impl Caller, text: &str) -> Result<GroupId> {
    Ok(GroupId::from_server(group(client, text).await?.id))
}

/// Returns the person with this e-mail address or id.
pub(crate) async fn user(client: &impl Caller, text: &str) -> Result<User> {
    let all = client.call(UsersList {}).await?;
    only("person", "opwire user list", text, all, |user| [&user.id, &user.email])
}

/// Returns the id of the person with this e-mail address or id.
pub(crate) async fn user_id(client: &impl Caller, text: &str) -> Result<UserId> {
    Ok(UserId::from_server(user(client, text).await?.id))
}

/// Returns the one of `all` that each text names, as [`only`] does.
fn each<'a, T>(
    kind: &str,
    list: &str,
    texts: &[&str],
    all: &'a [T],
    names: for<'n> fn(&'n &'a T) -> [&'n str; 2],
) -> Result<Vec<&'a T>> {
    texts.iter().map(|text| only(kind, list, text, all.iter().collect(), names)).collect()
}

/// Returns the only one of `all` that has `text` among its names, case-insensitively; `list` is the command that lists
/// them.
pub(crate) fn only<T>(kind: &str, list: &str, text: &str, all: Vec<T>, names: fn(&T) -> [&str; 2]) -> Result<T> {
    let matches = |each: &T| names(each).iter().any(|name| name.eq_ignore_ascii_case(text));
    let mut matching: Vec<T> = all.into_iter().filter(matches).collect();
    match (matching.pop(), matching.is_empty()) {
        (Some(found), true) => Ok(found),
        (Some(_), false) => bail!("more than one {kind} matches {text}: use its id (`{list}` shows it)"),
        (None, _) => bail!("no {kind} matches {text} (`{list}` shows names and ids)"),
    }
}
