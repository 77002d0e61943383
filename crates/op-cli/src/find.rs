//! Finds vaults, Environments, groups and people by a name or id from the command line.

use anyhow::{Result, bail};
use op_core::{
    Client,
    methods::{ClientMethod, EnvironmentsList, GroupsList, UsersList, VaultsList},
    types::{EnvironmentOverview, Group, User, VaultOverview},
};

/// Returns the vault with this title or id.
pub(crate) async fn vault(client: &Client, text: &str) -> Result<VaultOverview> {
    let all = VaultsList { params: None }.run(client).await?;
    only("vault", "opwire vault list", text, all, |vault| [&vault.id, &vault.title])
}

/// Returns the Environment with this title or id.
pub(crate) async fn environment(client: &Client, text: &str) -> Result<EnvironmentOverview> {
    let all = EnvironmentsList {}.run(client).await?;
    only("Environment", "opwire env list", text, all, |environment| [&environment.id, &environment.title])
}

/// Returns the group with this name or id.
pub(crate) async fn group(client: &Client, text: &str) -> Result<Group> {
    let all = GroupsList {}.run(client).await?;
    only("group", "opwire group list", text, all, |group| [&group.id, &group.title])
}

/// Returns the person with this e-mail address or id.
pub(crate) async fn user(client: &Client, text: &str) -> Result<User> {
    let all = UsersList {}.run(client).await?;
    only("person", "opwire user list", text, all, |user| [&user.id, &user.email])
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
