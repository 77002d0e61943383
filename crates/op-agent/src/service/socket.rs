//! The socket, in a folder that only this user may enter.

use std::{
    fs, io,
    os::unix::{
        fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use listenfd::ListenFd;
use nix::unistd::geteuid;
use tokio::net::UnixListener;

/// A path of a socket has to fit into the kernel's structure, with a zero byte.
const LONGEST_PATH: usize = 107;

/// The socket. Dropping it deletes its file.
pub(crate) struct Socket {
    pub(crate) listener: UnixListener,
    /// `None` for a socket of systemd's.
    file: Option<PathBuf>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            let _ = fs::remove_file(file);
        }
    }
}

/// Opens the socket at this path, unless systemd passes one. Replaces the file of an agent that has ended.
pub(crate) fn open(path: &Path) -> Result<Socket> {
    if let Some(listener) = ListenFd::from_env().take_unix_listener(0).context("the socket from systemd")? {
        listener.set_nonblocking(true)?;
        return Ok(Socket { listener: UnixListener::from_std(listener)?, file: None });
    }
    let context = || path.display().to_string();
    if path.as_os_str().len() > LONGEST_PATH {
        bail!("{} is too long for a socket: set {} to a shorter path", path.display(), crate::path::VARIABLE);
    }
    let folder = path.parent().context("the socket has no folder").with_context(context)?;
    private_folder(folder).with_context(|| folder.display().to_string())?;
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(context),
        Ok(metadata) if !metadata.file_type().is_socket() => bail!("{} exists and is no socket", path.display()),
        // A socket on which nobody listens is what an agent left that was killed.
        Ok(_) if UnixStream::connect(path).is_ok() => bail!("an agent runs already on {}", path.display()),
        Ok(_) => {}
    }
    // Under another name until the agent listens, so that no program finds a socket that refuses it.
    let new = folder.join("new");
    let _ = fs::remove_file(&new);
    let listener = UnixListener::bind(&new).with_context(context)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).with_context(context)?;
    fs::rename(&new, path).with_context(context)?;
    Ok(Socket { listener, file: Some(path.to_owned()) })
}

/// Makes the folder, or checks that it is this user's, and that nobody else may enter it.
fn private_folder(folder: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let metadata = fs::symlink_metadata(folder)?;
    if metadata.uid() != geteuid().as_raw() {
        bail!("the folder of the socket belongs to another user");
    }
    if metadata.mode() & 0o077 != 0 {
        // It is this user's, so that it can be closed. `~/.config/opwire` may have been made by an older version.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
