//! Accounts saved on this machine: where they are, and the Secret Keys that open them together with a password.

use std::{
    env, fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use op_protocol::secret_key::SecretKey;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const FOLDER_VARIABLE: &str = "OPWIRE_CONFIG_DIR";

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
        SecretKey::parse(&self.secret_key).map_err(|error| anyhow!("the saved Secret Key of {}: {error}", self.name))
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
            Ok(text) => serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| file.display().to_string()),
        }
    }

    /// Adds an account and writes the file, readable by this user only.
    pub(crate) fn add(mut self, profile: Profile) -> Result<PathBuf> {
        self.accounts.push(profile);
        let file = file()?;
        self.write(&file).with_context(|| file.display().to_string())?;
        Ok(file)
    }

    fn write(&self, file: &Path) -> Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        // A temporary file is private from its first byte, and the rename leaves no half-written one.
        let mut whole = tempfile::NamedTempFile::new_in(folder)?;
        whole.write_all(&Zeroizing::new(serde_json::to_vec_pretty(self)?))?;
        whole.as_file().sync_all()?;
        whole.persist(file)?;
        Ok(())
    }

    /// The account of this name, or the only one.
    pub(crate) fn choose(self, name: Option<&str>) -> Result<Profile> {
        let names: Vec<_> = self.accounts.iter().map(|account| account.name.clone()).collect();
        let mut matching = self
            .accounts
            .into_iter()
            .filter(|account| name.is_none_or(|name| name.eq_ignore_ascii_case(&account.name)));
        match (matching.next(), matching.next(), name) {
            (Some(profile), None, _) => Ok(profile),
            (Some(_), Some(_), _) => {
                bail!("several accounts are saved: choose one with --account ({})", names.join(", "))
            }
            (None, _, Some(name)) => bail!("no saved account is named {name} (there are: {})", names.join(", ")),
            (None, _, None) => bail!(
                "no account is saved on this machine: create one with `opwire account create`, \
                 or set OP_SERVICE_ACCOUNT_TOKEN"
            ),
        }
    }

    /// Whether an account of this name is saved.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.accounts.iter().any(|account| account.name.eq_ignore_ascii_case(name))
    }
}

fn file() -> Result<PathBuf> {
    let folder = match (env::var_os(FOLDER_VARIABLE), env::var_os("XDG_CONFIG_HOME"), env::home_dir()) {
        (Some(folder), _, _) => PathBuf::from(folder),
        (None, Some(folder), _) => Path::new(&folder).join("opwire"),
        (None, None, Some(home)) => home.join(".config/opwire"),
        (None, None, None) => bail!("no home folder: set {FOLDER_VARIABLE}"),
    };
    Ok(folder.join("accounts.json"))
}
