//! The accounts saved on this machine: addresses, e-mail addresses and Secret Keys, but no passwords.

use std::{
    env, fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use op_protocol::secret_key::SecretKey;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

const FOLDER_VARIABLE: &str = "OPWIRE_CONFIG_DIR";

const LOCK: &str = "accounts.json.lock";
/// How long to wait for another command, which holds the lock only while it writes one small file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
const LOCK_RETRY: Duration = Duration::from_millis(20);

/// One saved account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) email: String,
    pub(crate) device: String,
    secret_key: Zeroizing<String>,
}

impl Profile {
    pub(crate) fn new(name: &str, address: &str, email: &str, device: String, secret_key: &SecretKey) -> Self {
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            email: email.to_owned(),
            device,
            secret_key: secret_key.to_string(),
        }
    }

    pub(crate) fn secret_key(&self) -> Result<SecretKey> {
        SecretKey::parse(&self.secret_key)
            .map_err(|error| anyhow!("the saved Secret Key of {} is invalid: {error}", self.name))
    }
}

/// The saved accounts.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Profiles {
    pub(crate) accounts: Vec<Profile>,
}

impl Profiles {
    pub(crate) fn load() -> Result<Self> {
        let file = file()?;
        match fs::read_to_string(&file).map(Zeroizing::new) {
            Ok(text) => serde_json::from_str(&text).with_context(|| {
                let file = file.display();
                format!("{file} is damaged: restore it, or delete it and save your accounts with `opwire account add`")
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| file.display().to_string()),
        }
    }

    /// Adds an account to the saved ones, and writes the file so that only this user can read it.
    pub(crate) fn add(profile: Profile) -> Result<PathBuf> {
        let file = file()?;
        let _lock = lock(&file)?;
        // The file is read again: another command may have added an account while this one asked for a password.
        let mut profiles = Self::load()?;
        profiles.check_free(&profile.name)?;
        profiles.accounts.push(profile);
        profiles.write(&file).with_context(|| file.display().to_string())?;
        Ok(file)
    }

    fn write(&self, file: &Path) -> Result<()> {
        // A temporary file is private from its first byte, and the rename never leaves a partial file.
        let mut temporary = NamedTempFile::new_in(folder_of(file))?;
        temporary.write_all(&Zeroizing::new(serde_json::to_vec_pretty(self)?))?;
        temporary.as_file().sync_all()?;
        temporary.persist(file)?;
        Ok(())
    }

    /// Returns the account of this name or, without a name, the only account.
    pub(crate) fn choose(self, name: Option<&str>) -> Result<Profile> {
        let names: Vec<_> = self.accounts.iter().map(|account| account.name.clone()).collect();
        let mut matching = self
            .accounts
            .into_iter()
            .filter(|account| name.is_none_or(|name| name.eq_ignore_ascii_case(&account.name)));
        match (matching.next(), matching.next(), name) {
            (Some(profile), None, _) => Ok(profile),
            (Some(_), Some(_), _) => {
                bail!("several accounts are saved: choose one with --account (saved: {})", names.join(", "))
            }
            (None, _, Some(name)) if !names.is_empty() => {
                bail!("no account named {name} is saved on this machine (saved: {})", names.join(", "))
            }
            (None, ..) => bail!(
                "no account is saved on this machine: create one with `opwire account create`, save an existing one \
                 with `opwire account add`, or set OP_SERVICE_ACCOUNT_TOKEN"
            ),
        }
    }

    /// Fails if an account of this name is saved.
    pub(crate) fn check_free(&self, name: &str) -> Result<()> {
        if self.accounts.iter().any(|account| account.name.eq_ignore_ascii_case(name)) {
            bail!("an account named {name} is already saved on this machine: choose another name");
        }
        Ok(())
    }
}

/// Locks the file until the returned value is dropped. The lock is a second file, which only one command at a time can
/// create.
fn lock(file: &Path) -> Result<NamedTempFile> {
    let folder = folder_of(file);
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let deadline = Instant::now() + LOCK_TIMEOUT;
    loop {
        match tempfile::Builder::new().prefix(LOCK).rand_bytes(0).tempfile_in(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| folder.display().to_string());
            }
            Err(_) if Instant::now() < deadline => thread::sleep(LOCK_RETRY),
            Err(_) => bail!(
                "another opwire command is saving an account: try again later, or, if none is running, delete {}",
                folder.join(LOCK).display()
            ),
            Ok(lock) => return Ok(lock),
        }
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new("."))
}

fn file() -> Result<PathBuf> {
    let folder = match (env::var_os(FOLDER_VARIABLE), env::var_os("XDG_CONFIG_HOME"), env::home_dir()) {
        (Some(folder), _, _) => PathBuf::from(folder),
        (None, Some(folder), _) => Path::new(&folder).join("opwire"),
        (None, None, Some(home)) => home.join(".config/opwire"),
        (None, None, None) => {
            bail!("cannot find your home folder: set {FOLDER_VARIABLE} to a folder for the saved accounts")
        }
    };
    Ok(folder.join("accounts.json"))
}
