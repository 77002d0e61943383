//! The graphical session of the person, in which prompts are shown.
//!
//! Its variables are the agent's own, or those that the session gave to systemd: an agent that systemd starts may be
//! older than the session. Those of the program that asks are never used, because the program could name a display
//! that is not the person's and read what they type.

use std::{
    env,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, time::timeout};

const DISPLAYS: [&str; 2] = ["WAYLAND_DISPLAY", "DISPLAY"];
/// What programs need to know of the session, apart from its display.
const OTHERS: [&str; 6] =
    ["XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "XDG_DATA_DIRS", "BROWSER"];
/// How long systemd may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The variables of a graphical session.
pub(super) struct Session {
    variables: Vec<(String, String)>,
}

impl Session {
    /// Returns the session; `None` if there is no display.
    pub(super) async fn find() -> Option<Self> {
        let own = Self::of(|name| env::var(name).ok());
        if own.is_some() {
            return own;
        }
        let known = systemd_environment().await?;
        Self::of(|name| Some(known.iter().find(|(other, _)| other == name)?.1.clone()))
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let found = |name: &&str| variable(name).filter(|value| !value.is_empty());
        DISPLAYS.iter().find(|name| found(name).is_some())?;
        let all = DISPLAYS.iter().chain(&OTHERS);
        let variables = all.filter_map(|name| Some(((*name).to_owned(), found(name)?))).collect();
        Some(Self { variables })
    }

    /// Returns a variable of the session.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Lets a program run in the session.
    pub(super) fn enter(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

/// Returns what the session told systemd, which knows it from when the person signed in.
async fn systemd_environment() -> Option<Vec<(String, String)>> {
    let mut command = Command::new("systemctl");
    command.args(["--user", "show-environment"]).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    Some(parse(&String::from_utf8_lossy(&output.stdout)))
}

/// Parses lines such as `DISPLAY=:0`. A value that systemd quotes has characters that none of these variables has.
fn parse(text: &str) -> Vec<(String, String)> {
    let variables = text.lines().filter_map(|line| line.split_once('=')).filter(|(_, value)| !value.starts_with("$'"));
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Returns the file of a program in `PATH`.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let is_executable = |permissions: Permissions| permissions.mode() & 0o111 != 0;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| {
        fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && is_executable(metadata.permissions()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_a_display() {
        let known = parse("HOME=/home/wendy\nDISPLAY=:1\nBROWSER=$'a\\nb'\nXAUTHORITY=/run/user/1000/x\n");
        let variable = |name: &str| Some(known.iter().find(|(other, _)| other == name)?.1.clone());
        let session = Session::of(variable).unwrap();
        assert_eq!(session.variable("DISPLAY"), Some(":1"));
        assert_eq!(session.variable("XAUTHORITY"), Some("/run/user/1000/x"));
        assert_eq!(session.variable("BROWSER"), None);
        assert_eq!(session.variable("HOME"), None);
        assert!(Session::of(|name| (name == "XAUTHORITY").then(String::new)).is_none());
    }
}
