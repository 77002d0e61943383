//! The accounts saved on this machine: addresses, e-mail addresses and Secret Keys, but no passwords.

use std::{
    fmt, fs,
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

use crate::folders;

const FOLDER_VARIABLE: &str = "OPWIRE_CONFIG_DIR";

const LOCK: &str = "accounts.json.lock";
/// How long to wait for another command, which holds the lock only while it writes one small file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
const LOCK_RETRY: Duration = Duration::from_millis(20);

/// One saved account.
#[derive(Clone, Serialize, Deserialize)]
pub struct Profile {
    /// Its name on this machine.
    pub name: String,
    /// Its id on the server; empty if an older command saved the account.
    #[serde(default)]
    pub id: String,
    /// The address of the server.
    pub address: String,
    /// The person's e-mail address.
    pub email: String,
    /// The id of this machine in the account.
    pub device: String,
    secret_key: Zeroizing<String>,
}

impl Profile {
    /// Returns an account to save.
    #[must_use]
    pub fn new(name: &str, id: String, address: &str, email: &str, device: String, secret_key: &SecretKey) -> Self {
        Self {
            name: name.to_owned(),
            id,
            address: address.to_owned(),
            email: email.to_owned(),
            device,
            secret_key: secret_key.to_string(),
        }
    }

    /// Returns the Secret Key.
    ///
    /// # Errors
    /// The saved text is not a Secret Key.
    pub fn secret_key(&self) -> Result<SecretKey> {
        SecretKey::parse(&self.secret_key)
            .map_err(|error| anyhow!("the saved Secret Key of {} is invalid: {error}", self.name))
    }

    /// Returns whether this text is the id, the e-mail address, or the address of the server with or without its scheme.
    fn answers_to(&self, text: &str) -> bool {
        let host = |address: &str| {
            let address = address.trim_end_matches('/');
            address.split_once("://").map_or(address, |(_, host)| host).to_ascii_lowercase()
        };
        let is_id = !text.is_empty() && self.id.eq_ignore_ascii_case(text);
        is_id || self.email.eq_ignore_ascii_case(text) || host(&self.address) == host(text)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The saved accounts.
#[derive(Default, Serialize, Deserialize)]
pub struct Profiles {
    /// All of them.
    pub accounts: Vec<Profile>,
}

impl Profiles {
    /// Reads the file.
    ///
    /// # Errors
    /// The file is damaged, or this user may not read it.
    pub fn load() -> Result<Self> {
        Self::load_from(&file()?)
    }

    /// Reads this file.
    ///
    /// # Errors
    /// The file is damaged, or this user may not read it.
    pub fn load_from(file: &Path) -> Result<Self> {
        match fs::read_to_string(file).map(Zeroizing::new) {
            Ok(text) => serde_json::from_str(&text).with_context(|| {
                let file = file.display();
                format!("{file} is damaged: restore it, or delete it and save your accounts with `opwire account add`")
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| file.display().to_string()),
        }
    }

    /// Adds an account to the saved ones, and writes the file so that only this user can read it. Returns its path.
    ///
    /// # Errors
    /// The name is taken, or the file cannot be written.
    pub fn add(profile: Profile) -> Result<PathBuf> {
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

    /// Returns the account that this text names or, without a text, the only account. The name comes first, then the
    /// id, the address of the server and the e-mail address.
    ///
    /// # Errors
    /// None or several fit.
    pub fn choose(self, text: Option<&str>) -> Result<Profile> {
        let saved: Vec<_> = self.accounts.iter().map(ToString::to_string).collect();
        let saved = saved.join(", ");
        let Some(text) = text else {
            let mut accounts = self.accounts.into_iter();
            return match (accounts.next(), accounts.next()) {
                (Some(profile), None) => Ok(profile),
                (Some(_), Some(_)) => bail!("several accounts are saved: choose one with --account (saved: {saved})"),
                (None, _) => bail!(
                    "no account is saved on this machine: create one with `opwire account create`, save an existing \
                     one with `opwire account add`, or set OP_SERVICE_ACCOUNT_TOKEN"
                ),
            };
        };
        // A name is unique, so that it decides also if another account's address or e-mail address is the same text.
        let by_name = |profile: &&Profile| profile.name.eq_ignore_ascii_case(text);
        if let Some(profile) = self.accounts.iter().find(by_name) {
            return Ok(profile.clone());
        }
        let mut fitting = self.accounts.into_iter().filter(|profile| profile.answers_to(text));
        match (fitting.next(), fitting.next()) {
            (Some(profile), None) => Ok(profile),
            (Some(_), Some(_)) => bail!("several saved accounts fit {text}: use the name of one (saved: {saved})"),
            (None, _) if saved.is_empty() => bail!("no account is saved on this machine"),
            (None, _) => bail!("no account named {text} is saved on this machine (saved: {saved})"),
        }
    }

    /// Forgets the account of this name, and returns whether it was saved.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(name: &str) -> Result<bool> {
        let file = file()?;
        let _lock = lock(&file)?;
        let mut profiles = Self::load()?;
        let before = profiles.accounts.len();
        profiles.accounts.retain(|profile| !profile.name.eq_ignore_ascii_case(name));
        let forgotten = profiles.accounts.len() < before;
        if forgotten {
            profiles.write(&file).with_context(|| file.display().to_string())?;
        }
        Ok(forgotten)
    }

    /// Fails if an account of this name is saved.
    ///
    /// # Errors
    /// It is.
    pub fn check_free(&self, name: &str) -> Result<()> {
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
    let folder = folders::variable(FOLDER_VARIABLE).or_else(|| Some(folders::config()?.join("opwire")));
    let folder = folder.with_context(|| {
        format!("cannot find your home folder: set {FOLDER_VARIABLE} to a folder for the saved accounts")
    })?;
    Ok(folder.join("accounts.json"))
}
