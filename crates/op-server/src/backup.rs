//! Backup of everything that a running server keeps, and its restore.
//!
//! A backup is a data folder: `opwire.db`, `files/` and `setup-token`. It is the same whether the server keeps its
//! tables in SQLite or in PostgreSQL, and its files in a folder or in a bucket, and can be restored to either.

use std::collections::HashSet;
use std::path::Path;
use std::{fs, io};

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::files::{Files, WriteError};
use crate::folder::{DURABLE_FILE, SETUP_TOKEN_FILE, VOLATILE_FILE, make_private};
use crate::open_error::OpenError;
use crate::state::{SETUP_TOKEN_SECRET, write_setup_token};
use crate::store::{StoreError, copies, database};
use crate::{Config, FileStorage};

/// The restored database until it is complete.
const STAGED_FILE: &str = "opwire.db.restoring";
/// How often the tables are saved again because a file was removed before it was copied.
const ROUNDS: u32 = 10;
/// How many files are copied at a time.
const FILES_AT_ONCE: usize = 4;

/// What a backup or a restore copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Files of items.
    pub files: u64,
    /// Their encrypted size in bytes.
    pub bytes: u64,
}

/// Why a backup could not be made or restored. Nothing is left of it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The tables could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder, or the setup token in it, could not be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file storage failed.
    #[error("file storage: {0}")]
    Files(#[from] object_store::Error),
    /// A file could not be written.
    #[error("writing a file: {0}")]
    Write(#[from] WriteError),
    /// There is something already where the backup, or the restored server, should be.
    #[error("{0}; nothing was changed")]
    Occupied(String),
    /// The folder is not a backup.
    #[error("{0} is not a backup: it has no opwire.db")]
    NoBackup(String),
    /// An item's file is missing, or has another size than the tables say.
    #[error("the file {0} of an item is missing or damaged")]
    File(String),
    /// Files were removed faster than they could be copied.
    #[error("files were removed faster than they could be copied: retry when the server is less busy")]
    Restless,
    /// The system failed.
    #[error("{path}: {cause}")]
    System {
        /// What was to be read or written.
        path: String,
        /// What the system said.
        cause: io::Error,
    },
}

type Result<T> = std::result::Result<T, BackupError>;

/// Writes a backup of a server into a new folder. The server may be running, and is not held up. The backup shows one
/// moment: each change of items is in it as a whole or not at all.
///
/// # Errors
/// The server's data cannot be read, or the folder exists or cannot be written.
pub async fn backup(config: &Config, folder: &Path) -> Result<Copied> {
    check_free(folder)?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Until it is complete it has a temporary name; if that fails, it is removed.
    let partial = tempfile::Builder::new().prefix(".opwire-backup-").tempdir_in(parent).map_err(at(parent))?;
    let source = Files::open(&config.files, u32::MAX, &config.data_dir)?;
    let target = Files::open(&FileStorage::Folder, u32::MAX, partial.path())?;
    let file = partial.path().join(DURABLE_FILE);
    let copied = copy_consistently(config, &source, &target, &file).await?;

    // Servers that share a database have the token in it; a backup has it in its file only.
    let shared = copies::take_secret(&file, SETUP_TOKEN_SECRET).await?;
    let token = match shared.filter(|_| config.postgres.is_some()) {
        Some(token) => token,
        None => {
            let own = config.data_dir.join(SETUP_TOKEN_FILE);
            fs::read(&own).map_err(at(&own))?
        }
    };
    write_setup_token(&partial.path().join(SETUP_TOKEN_FILE), &token)?;
    sync_folder(partial.path())?;
    fs::rename(partial.path(), folder).map_err(at(folder))?;
    // It has been renamed; there is nothing to remove.
    let _ = partial.keep();
    sync_folder(parent)?;
    Ok(copied)
}

/// A file that no item needs any more is removed within a minute. So files are copied before the tables are saved, and
/// those that were added since are copied afterwards; if one of these is gone by then, the tables are saved again.
async fn copy_consistently(config: &Config, source: &Files, target: &Files, file: &Path) -> Result<Copied> {
    let mut there = HashSet::new();
    let early = copies::files_by_now(&config.data_dir, config.postgres.as_ref()).await?;
    copy_files(source, target, early, &mut there).await?;
    let mut missed = HashSet::new();
    for _ in 0..ROUNDS {
        remove_database(file)?;
        copies::save(&config.data_dir, config.postgres.as_ref(), file).await?;
        let needed = copies::files_of_items(file).await?;
        let missing = copy_files(source, target, needed.clone(), &mut there).await?;
        if missing.is_empty() {
            return finish(target, &needed, &there).await;
        }
        if let Some(id) = missing.intersection(&missed).next() {
            return Err(BackupError::File(id.clone()));
        }
        missed = missing;
    }
    Err(BackupError::Restless)
}

/// Removes the copies of files that no item needs any more.
async fn finish(target: &Files, needed: &[(String, i64)], there: &HashSet<String>) -> Result<Copied> {
    let kept: HashSet<&str> = needed.iter().map(|(id, _)| id.as_str()).collect();
    for id in there.iter().filter(|id| !kept.contains(id.as_str())) {
        target.delete(id).await?;
    }
    Ok(count(needed))
}

/// Copies the files that are not `there` yet, and returns those that the source does not have.
async fn copy_files(
    source: &Files,
    target: &Files,
    files: Vec<(String, i64)>,
    there: &mut HashSet<String>,
) -> Result<HashSet<String>> {
    let wanted: Vec<_> = files.into_iter().filter(|(id, _)| !there.contains(id)).collect();
    let mut copies = stream::iter(wanted)
        .map(async |(id, size)| copy_file(source, target, &id, size).await.map(|found| (id, found)))
        .buffer_unordered(FILES_AT_ONCE);
    let mut missing = HashSet::new();
    while let Some((id, found)) = copies.try_next().await? {
        if found {
            there.insert(id)
        } else {
            missing.insert(id)
        };
    }
    Ok(missing)
}

/// Copies a file, and returns false if the source does not have it.
async fn copy_file(source: &Files, target: &Files, id: &str, size: i64) -> Result<bool> {
    let (found, content) = match source.read(id).await {
        Err(object_store::Error::NotFound { .. }) => return Ok(false),
        read => read?,
    };
    if i64::try_from(found) != Ok(size) || i64::from(target.write(id, content).await?) != size {
        return Err(BackupError::File(id.to_owned()));
    }
    Ok(true)
}

/// Restores a backup to a server that is empty and not running.
///
/// # Errors
/// The folder is not a backup, or the backup is damaged, or the server is not empty. A restore that failed leaves no
/// accounts, and can be run again.
pub async fn restore(folder: &Path, config: &Config) -> Result<Copied> {
    let from = folder.join(DURABLE_FILE);
    if !from.is_file() {
        return Err(BackupError::NoBackup(folder.display().to_string()));
    }
    check_empty(config).await?;
    make_private(&config.data_dir)?;
    // A copy, as a backup of an older version has to be migrated.
    let staged = config.data_dir.join(STAGED_FILE);
    remove_database(&staged)?;
    fs::copy(&from, &staged).map_err(at(&from))?;
    copies::upgrade(&staged).await?;

    let source = Files::open(&FileStorage::Folder, u32::MAX, folder)?;
    let target = Files::open(&config.files, u32::MAX, &config.data_dir)?;
    let files = copies::files_of_items(&staged).await?;
    for (id, size) in &files {
        if !copy_file(&source, &target, id, *size).await? {
            return Err(BackupError::File(id.clone()));
        }
    }
    let token = folder.join(SETUP_TOKEN_FILE);
    write_setup_token(&config.data_dir.join(SETUP_TOKEN_FILE), &fs::read(&token).map_err(at(&token))?)?;
    // The tables come last: a restore that is interrupted before leaves no account.
    match &config.postgres {
        Some(url) => {
            copies::load_into_postgres(&staged, url).await?;
            remove_database(&staged)?;
        }
        None => {
            fs::File::open(&staged).and_then(|file| file.sync_all()).map_err(at(&staged))?;
            let place = config.data_dir.join(DURABLE_FILE);
            fs::rename(&staged, &place).map_err(at(&place))?;
        }
    }
    sync_folder(&config.data_dir)?;
    Ok(count(&files))
}

/// Fails unless a server with this configuration would start without accounts.
async fn check_empty(config: &Config) -> Result<()> {
    if let Some(url) = &config.postgres
        && copies::has_accounts(url).await?
    {
        return Err(BackupError::Occupied("the database already has accounts: restore to an empty one".to_owned()));
    }
    for name in [DURABLE_FILE, VOLATILE_FILE, SETUP_TOKEN_FILE] {
        let file = config.data_dir.join(name);
        if file.exists() {
            return Err(BackupError::Occupied(format!(
                "{} exists: restore to an empty folder, or move the files in this one away first",
                file.display()
            )));
        }
    }
    Ok(())
}

fn check_free(folder: &Path) -> Result<()> {
    if folder.exists() {
        return Err(BackupError::Occupied(format!("{} exists: name a folder that does not", folder.display())));
    }
    Ok(())
}

fn count(files: &[(String, i64)]) -> Copied {
    let bytes = files.iter().map(|(_, size)| u64::try_from(*size).unwrap_or_default()).sum();
    Copied { files: files.len() as u64, bytes }
}

fn remove_database(file: &Path) -> Result<()> {
    database::remove_file(file).map_err(at(file))
}

/// Makes renames in a folder survive a power failure.
fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    fs::File::open(folder).and_then(|opened| opened.sync_all()).map_err(at(folder))?;
    Ok(())
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.display().to_string();
    move |cause| BackupError::System { path, cause }
}
