//! `opwire agent install-library`: the library by which programs with the public SDKs reach the agent, at a place where
//! those look for the desktop app's.

use std::{
    env, fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use op_agent::desktop::MARKER;
use tempfile::NamedTempFile;

use crate::out;

/// Where the public SDKs look for the library, in this order.
pub(crate) const PLACES: [&str; 3] = [
    "/usr/bin/1password/libop_sdk_ipc_client.so",
    "/opt/1Password/libop_sdk_ipc_client.so",
    "/snap/bin/1password/libop_sdk_ipc_client.so",
];
/// The one at which it is installed: where the desktop app has its own, so that never both are there.
pub(crate) const PLACE: &str = "/opt/1Password/libop_sdk_ipc_client.so";
/// Its name where it is built.
const BUILT: &str = "libop_desktop_ipc.so";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    library: LibraryFile,
    /// Remove it instead
    #[arg(long, conflicts_with = "library")]
    remove: bool,
}

#[derive(clap::Args)]
pub(crate) struct LibraryFile {
    /// The library, if it is not beside this program
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
}

impl LibraryFile {
    /// Returns the content of the library.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        let beside = || Ok::<_, std::io::Error>(env::current_exe()?.with_file_name(BUILT));
        let file = self.library.clone().map_or_else(beside, Ok).context("cannot find this program")?;
        let content = fs::read(&file).with_context(|| {
            let file = file.display();
            format!("cannot read the library {file}: name it by --library, or build it: cargo build --release -p op-desktop-ipc")
        })?;
        if !is_ours(&content) {
            bail!("{} is not the library of opwire", file.display());
        }
        Ok(content)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.remove { remove() } else { install(&arguments.library.read()?) }
}

fn install(library: &[u8]) -> Result<()> {
    for place in PLACES.map(Path::new) {
        check_not_anothers(place)?;
    }
    let (place, folder) = place_and_folder()?;
    write(place, folder, library).map_err(needs_root).with_context(|| place.display().to_string())?;
    out::line(&format!("Installed {PLACE}. Programs with the public SDKs now ask the agent of who runs them."))
}

/// Writes the library as a whole or not at all, since a program may be about to load it.
fn write(place: &Path, folder: &Path, library: &[u8]) -> Result<()> {
    if !folder.exists() {
        fs::create_dir(folder)?;
        // For all users, whatever root's umask is.
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(library)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(place)?;
    Ok(())
}

fn remove() -> Result<()> {
    let (place, folder) = place_and_folder()?;
    if !place.exists() {
        return out::line(&format!("{PLACE} is not there."));
    }
    check_not_anothers(place)?;
    let removed = fs::remove_file(place).map_err(anyhow::Error::from);
    removed.map_err(needs_root).with_context(|| place.display().to_string())?;
    // Unless the folder has something else in it.
    let _ = fs::remove_dir(folder);
    out::line(&format!("Removed {PLACE}."))
}

fn place_and_folder() -> Result<(&'static Path, &'static Path)> {
    let place = Path::new(PLACE);
    Ok((place, place.parent().context("it has no folder")?))
}

fn check_not_anothers(place: &Path) -> Result<()> {
    match fs::read(place) {
        Ok(content) if is_ours(&content) => Ok(()),
        Ok(_) => bail!(
            "{} is not opwire's, but of the desktop app, which programs with the public SDKs ask as long as it is \
             there: run single programs by `opwire agent exec`, or remove the app",
            place.display()
        ),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        Err(error) => Err(error).with_context(|| place.display().to_string()),
    }
}

fn is_ours(library: &[u8]) -> bool {
    library.windows(MARKER.len()).any(|bytes| bytes == MARKER)
}

fn needs_root(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<std::io::Error>() {
        Some(cause) if cause.kind() == ErrorKind::PermissionDenied => {
            error.context("this needs root: run it by sudo, or run single programs by `opwire agent exec`")
        }
        _ => error,
    }
}
