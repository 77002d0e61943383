//! `opwire agent exec`: a program with a public SDK finds the library, without root. The program gets mounts of its own,
//! in which the library is at its place.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io::Write as _,
    os::{fd::AsRawFd as _, unix::process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use nix::{
    errno::Errno,
    fcntl::{OFlag, open},
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
    sys::stat::Mode,
    unistd::{getegid, geteuid},
};
use tempfile::NamedTempFile;

use super::library::{LibraryFile, PLACE, PLACES};

/// The folder above that of [`PLACE`].
const OPT: &str = "/opt";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    library: LibraryFile,
    /// Program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

/// Replaces this process, which must not have other threads, by the program.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let library = arguments.library.read()?;
    let folder = env::current_dir().context("cannot find the working folder")?;
    own_mounts()?;
    match PLACES.iter().map(Path::new).find(|place| place.exists()) {
        // The SDKs would take this one.
        Some(place) => cover_file(place, &library),
        None => cover_opt(&library),
    }
    .context("cannot put the library at its place")?;
    // It may be a folder that is mounted anew.
    env::set_current_dir(&folder).with_context(|| folder.display().to_string())?;
    let Some((program, rest)) = arguments.program.split_first() else { bail!("no program was given") };
    Err(Command::new(program).args(rest).exec()).with_context(|| program.to_string_lossy().into_owned())
}

/// Gives this process mounts of its own.
fn own_mounts() -> Result<()> {
    let (user, group) = (geteuid(), getegid());
    if user.is_root() {
        unshare(CloneFlags::CLONE_NEWNS).map_err(forbidden)?;
    } else {
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).map_err(forbidden)?;
        // Everybody keeps their number, so that the agent sees the same user.
        let maps = [("setgroups", "deny".to_owned()), ("uid_map", map(user)), ("gid_map", map(group))];
        for (file, text) in maps {
            let file = format!("/proc/self/{file}");
            fs::write(&file, text).map_err(|error| anyhow::Error::from(error).context(FORBIDDEN)).context(file)?;
        }
    }
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).map_err(forbidden)
}

fn map(id: impl std::fmt::Display) -> String {
    format!("{id} {id} 1")
}

const FORBIDDEN: &str = "this system does not let users make namespaces: allow it (on Ubuntu 24.04 and later by an \
                         AppArmor profile or `sysctl kernel.apparmor_restrict_unprivileged_userns=0`, elsewhere by \
                         `sysctl user.max_user_namespaces=10000`, in a container by its options), or install the \
                         library for all programs by `sudo opwire agent install-library`";

fn forbidden(error: Errno) -> anyhow::Error {
    anyhow::Error::from(error).context(FORBIDDEN)
}

/// Mounts the library over a file.
fn cover_file(place: &Path, library: &[u8]) -> Result<()> {
    let mut file = NamedTempFile::new()?;
    file.write_all(library)?;
    // The mount keeps the file when its name goes.
    bind(file.path(), place)
}

/// Mounts an empty folder with the library over `/opt`, and all that was there in it.
fn cover_opt(library: &[u8]) -> Result<()> {
    let place = Path::new(PLACE);
    let folder = place.parent().context("it has no folder")?;
    let below = open(OPT, OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty()).context(OPT)?;
    let options = Some("mode=755,size=16m");
    mount(Some("opwire"), OPT, Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NODEV, options).context(OPT)?;
    fs::create_dir(folder)?;
    // What is below a mount is reached by the descriptor.
    show_all(&PathBuf::from(format!("/proc/self/fd/{}", below.as_raw_fd())), Path::new(OPT), folder)?;
    fs::write(place, library).with_context(|| place.display().to_string())
}

/// Shows in a folder all that is in another one. `ours` exists already, and may be written to.
fn show_all(below: &Path, folder: &Path, ours: &Path) -> Result<()> {
    for entry in fs::read_dir(below)? {
        let (source, target) = {
            let entry = entry?;
            (entry.path(), folder.join(entry.file_name()))
        };
        if target == ours {
            show_all(&source, ours, ours)?;
        } else {
            show(&source, &target).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}

fn show(source: &Path, target: &Path) -> Result<()> {
    let kind = fs::symlink_metadata(source)?.file_type();
    if kind.is_symlink() {
        return Ok(std::os::unix::fs::symlink(fs::read_link(source)?, target)?);
    }
    if kind.is_dir() {
        fs::create_dir(target)?;
    } else {
        File::create(target)?;
    }
    bind(source, target)
}

fn bind(source: &Path, target: &Path) -> Result<()> {
    let none: Option<&str> = None;
    Ok(mount(Some(source), target, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?)
}
