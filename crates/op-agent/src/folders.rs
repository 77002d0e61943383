//! The folders of this user. <https://specifications.freedesktop.org/basedir-spec/latest/>

use std::{env, path::PathBuf};

/// Returns the folder of configurations; `None` if this user has no home folder.
#[must_use]
pub fn config() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", ".config")
}

/// Returns the folder of what programs remember; `None` if this user has no home folder.
#[cfg(all(feature = "service", target_os = "linux"))]
pub(crate) fn state() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state")
}

fn folder(name: &str, default: &str) -> Option<PathBuf> {
    variable(name).or_else(|| Some(env::home_dir()?.join(default)))
}

/// Returns the path in a variable. An empty one counts as missing.
pub(crate) fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
