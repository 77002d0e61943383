//! The data folder: it is made private, and looked through before anything in it is opened.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::files::FILES_FOLDER;
use crate::open_error::OpenError;

/// Name of the file in the data folder that holds the setup token.
pub const SETUP_TOKEN_FILE: &str = "setup-token";
/// The databases in the data folder.
pub(crate) const DURABLE_FILE: &str = "opwire.db";
pub(crate) const VOLATILE_FILE: &str = "volatile.db";
/// How the names of a database and of the files beside it end.
pub(crate) const FILE_SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// Makes the folder if it is missing, and fails if something in it cannot be used.
pub(crate) fn prepare(folder: &Path) -> Result<(), OpenError> {
    if folder.exists() && !folder.is_dir() {
        return Err(unusable(folder, "is not a folder: name another one as the data folder"));
    }
    make_private(folder)?;
    for file in own_files() {
        check_file(&folder.join(file))?;
    }
    check_folder(folder)?;
    let files = folder.join(FILES_FOLDER);
    if files.exists() {
        if !files.is_dir() {
            return Err(unusable(&files, "is not a folder: move it away"));
        }
        check_folder(&files)?;
    }
    set_modes(folder);
    Ok(())
}

/// Makes empty files for databases that are missing, private as SQLite would not make them. Returns whether that of the
/// accounts was missing; this is an error if a server has been here.
pub(crate) fn prepare_databases(folder: &Path) -> Result<bool, OpenError> {
    let database = folder.join(DURABLE_FILE);
    let is_new = !database.exists();
    // A setup token may have been put there before the first start.
    if is_new && let Some(name) = left_by_server(folder, &[FILES_FOLDER, VOLATILE_FILE]) {
        return Err(lost(&database, "is missing", name));
    }
    for file in [DURABLE_FILE, VOLATILE_FILE].map(|name| folder.join(name)) {
        private().open(&file).map_err(|cause| failed(&file, cause))?;
    }
    Ok(is_new)
}

/// Fails if a server has left something beside its database, which is empty.
pub(crate) fn check_unused(folder: &Path) -> Result<(), OpenError> {
    match left_by_server(folder, &[SETUP_TOKEN_FILE, FILES_FOLDER, VOLATILE_FILE]) {
        Some(name) => Err(lost(&folder.join(DURABLE_FILE), "is empty", name)),
        None => Ok(()),
    }
}

/// Fails if the folder of files is missing.
pub(crate) fn check_files(folder: &Path) -> Result<(), OpenError> {
    let files = folder.join(FILES_FOLDER);
    if files.exists() {
        return Ok(());
    }
    let remedy = "restore it from a backup; if the files are in a bucket, set OPWIRE_FILES; to go on without them, make \
                  an empty folder";
    Err(unusable(&files, &format!("is missing, although items have files: {remedy}")))
}

/// What is there of these. An empty database is not: a server that was killed at its first start leaves one.
fn left_by_server<'a>(folder: &Path, names: &[&'a str]) -> Option<&'a str> {
    let is_left = |name: &&&str| fs::metadata(folder.join(name)).is_ok_and(|found| found.is_dir() || found.len() > 0);
    names.iter().find(is_left).copied()
}

fn lost(database: &Path, state: &str, name: &str) -> OpenError {
    let remedy = "restore a backup to another folder; if the server uses PostgreSQL, set OPWIRE_DATABASE; to begin anew, \
                  name an empty folder";
    unusable(database, &format!("{state}, although a server has left `{name}` beside it: {remedy}"))
}

/// Makes a folder that only its owner can read, unless it exists.
pub(crate) fn make_private(path: &Path) -> Result<(), OpenError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|cause| failed(path, cause))
}

/// How a file that only its owner can read is opened, and made if it is missing.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

pub(crate) fn failed(path: &Path, cause: io::Error) -> OpenError {
    OpenError::Folder { path: path.display().to_string(), cause }
}

fn own_files() -> impl Iterator<Item = String> {
    let databases = [DURABLE_FILE, VOLATILE_FILE].into_iter();
    let databases = databases.flat_map(|name| FILE_SUFFIXES.map(|suffix| format!("{name}{suffix}")));
    databases.chain([SETUP_TOKEN_FILE.to_owned(), format!("{SETUP_TOKEN_FILE}.new")])
}

fn check_file(file: &Path) -> Result<(), OpenError> {
    if !file.exists() {
        return Ok(());
    }
    if !file.is_file() {
        return Err(unusable(file, "is not a file: move it away"));
    }
    File::options().read(true).write(true).open(file).map(drop).map_err(|cause| denied(file, &cause))
}

fn check_folder(folder: &Path) -> Result<(), OpenError> {
    tempfile::tempfile_in(folder).map(drop).map_err(|cause| denied(folder, &cause))
}

fn denied(path: &Path, cause: &io::Error) -> OpenError {
    let remedy = match cause.kind() {
        io::ErrorKind::PermissionDenied => "let it belong to the user that runs the server (chown)",
        io::ErrorKind::ReadOnlyFilesystem => "mount it for writing",
        io::ErrorKind::StorageFull => "free some space on its disk",
        _ => "see that it can be read and written",
    };
    // The message of tempfile names a path that nobody knows.
    let code = cause.raw_os_error().map(io::Error::from_raw_os_error);
    let reason = code.map_or_else(|| cause.kind().to_string(), |code| code.to_string());
    unusable(path, &format!("cannot be read and written ({reason}): {remedy}"))
}

fn unusable(path: &Path, problem: &str) -> OpenError {
    OpenError::Unusable { path: path.display().to_string(), problem: problem.to_owned() }
}

/// Makes what is the server's own private. The folder itself stays as it is if it holds something else, such as a home
/// folder does, or belongs to somebody else, as a volume of a container may.
#[cfg(unix)]
fn set_modes(folder: &Path) {
    let own: Vec<_> = own_files().collect();
    for file in &own {
        set_mode(&folder.join(file), 0o600);
    }
    set_mode(&folder.join(FILES_FOLDER), 0o700);
    let is_own = |name: &str| [FILES_FOLDER, "lost+found"].contains(&name) || own.iter().any(|file| file == name);
    let names = fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.file_name()));
    if names.is_ok_and(|mut names| names.all(|name| name.to_str().is_some_and(is_own))) {
        set_mode(folder, 0o700);
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(found) = fs::metadata(path) else { return };
    if found.permissions().mode() & 0o077 == 0 {
        return;
    }
    if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode)) {
        tracing::warn!(path = %path.display(), %error, "others may be able to read this");
    }
}

#[cfg(not(unix))]
fn set_modes(_: &Path) {}
