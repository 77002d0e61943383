//! What people name on the command line, found by its name or id.

use anyhow::{Result, bail};
use op_core::{
    Client,
    methods::{ClientMethod, EnvironmentsList, GroupsList, UsersList, VaultsList},
    types::{EnvironmentOverview, Group, User, VaultOverview},
};

/// The vault of this title or id.
pub(crate) async fn vault(client: &Client, text: &str) -> Result<VaultOverview> {
    let all = VaultsList { params: None }.run(client).await?;
    only("vault", "opwire vault list", text, all, |vault| [&vault.id, &vault.title])
}

/// The Environment of this title or id.
pub(crate) async fn environment(client: &Client, text: &str) -> Result<EnvironmentOverview> {
    let all = EnvironmentsList {}.run(client).await?;
    only("Environment", "opwire env list", text, all, |environment| [&environment.id, &environment.title])
}

/// The group of this name or id.
pub(crate) async fn group(client: &Client, text: &str) -> Result<Group> {
    let all = GroupsList {}.run(client).await?;
    only("group", "opwire group list", text, all, |group| [&group.id, &group.title])
}

/// The person of this e-mail address or id.
pub(crate) async fn user(client: &Client, text: &str) -> Result<User> {
    let all = UsersList {}.run(client).await?;
    only("person", "opwire user list", text, all, |user| [&user.id, &user.email])
}

/// The only one of `all` that has `text` among its names; `list` is the command that shows them.
pub(crate) fn only<T>(kind: &str, list: &str, text: &str, all: Vec<T>, names: fn(&T) -> [&str; 2]) -> Result<T> {
    let fits = |each: &T| names(each).iter().any(|name| name.eq_ignore_ascii_case(text));
    let mut fitting: Vec<T> = all.into_iter().filter(fits).collect();
    match (fitting.pop(), fitting.is_empty()) {
        (Some(found), true) => Ok(found),
        (Some(_), false) => bail!("more than one {kind} is called {text}: give the id (`{list}`)"),
        (None, _) => bail!("no {kind} is called {text}, or has this id (`{list}` shows them)"),
    }
}
