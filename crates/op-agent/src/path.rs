//! Where the agent's socket is, and why it cannot be used.

use std::{
    env, fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use op_core::{Error, ErrorKind};

use crate::folders::variable;

/// The variable that names another socket.
pub const VARIABLE: &str = "OPWIRE_AGENT_SOCKET";

/// Returns the path of the socket; `None` if this user has no home folder.
#[must_use]
pub fn socket() -> Option<PathBuf> {
    variable(VARIABLE)
        .or_else(|| variable("XDG_RUNTIME_DIR").map(|folder| folder.join("opwire/agent.sock")))
        .or_else(|| env::home_dir().map(|home| home.join(".config/opwire/agent.sock")))
}

/// Checks that nobody but this user can have made the socket.
///
/// # Errors
/// Its folder, its file or who listens on it, `peer`, is another user's.
pub fn check_owner(socket: &Path, peer: u32) -> Result<(), Error> {
    let me = nix::unistd::geteuid().as_raw();
    let folder = socket.parent().unwrap_or(Path::new("/"));
    let owner = |path: &Path| fs::symlink_metadata(path).map(|metadata| metadata.uid());
    let owner = |path: &Path| owner(path).map_err(|error| unreachable(socket, &error));
    if owner(folder)? != me || owner(socket)? != me || peer != me {
        return Err(unavailable(&format!("{} belongs to another user", socket.display())));
    }
    Ok(())
}

/// Returns the failure of a connection to the socket.
#[must_use]
pub fn unreachable(socket: &Path, error: &io::Error) -> Error {
    if !is_absence(error) {
        return unavailable(&format!("{}: {error}", socket.display()));
    }
    let sudo = if env::var_os("SUDO_USER").is_some() {
        "; this program runs by sudo, and the agent of the person does not serve root: run it without sudo"
    } else {
        ""
    };
    unavailable(&format!("no agent listens on {}: start one with `opwire agent`{sudo}", socket.display()))
}

/// Returns whether a connection to the socket failed because no agent listens.
#[must_use]
pub fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// Returns the failure of a user for whom there is no [`socket`].
#[must_use]
pub fn homeless() -> Error {
    unavailable("this user has no home folder")
}

/// Returns the failure of a request to an agent that cannot be reached, for this reason.
#[must_use]
pub fn unavailable(why: &str) -> Error {
    Error::new(ErrorKind::AgentUnavailable, why)
}
