//! The keys of the saved accounts. An account is locked until its password is typed: then the agent keeps the secrets
//! that are derived from the password, and not the password.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use op_core::{Client, Credentials, Error, ErrorKind, Host, Options, admin};
use tokio::{runtime::Handle, task::spawn_blocking};
use zeroize::Zeroizing;

use super::{NAME, clock::Clock, identity, limits::Limits, prompts::Verdict};
use crate::{
    control::AccountStatus,
    profiles::{Profile, Profiles},
    request::Account,
};

/// After this many wrong passwords, the next one has to wait.
const WRONG_TRIES: u32 = 5;
/// How long it waits.
const WAIT_AFTER_WRONG: Duration = Duration::from_secs(60);

pub(crate) struct Accounts {
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    /// The file with the saved accounts; `None` for the one that the command uses.
    file: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    unlocked: HashMap<String, Unlocked>,
    wrong: HashMap<String, Wrong>,
}

struct Unlocked {
    credentials: Credentials,
    user_id: String,
    since: Duration,
}

/// The wrong passwords since the last right one.
#[derive(Clone, Copy)]
struct Wrong {
    tries: u32,
    last: Duration,
}

impl Accounts {
    pub(crate) fn new(host: Arc<dyn Host>, clock: Arc<dyn Clock>, limits: Limits, file: Option<PathBuf>) -> Arc<Self> {
        Arc::new(Self { host, clock, limits, file, state: Mutex::default() })
    }

    /// Returns the saved account that a text names; without a text, the only one.
    pub(crate) fn find(&self, text: Option<&str>) -> Result<Profile, Error> {
        self.saved().and_then(|saved| saved.choose(text)).map_err(|error| not_found(&error))
    }

    fn saved(&self) -> anyhow::Result<Profiles> {
        match &self.file {
            Some(file) => Profiles::load_from(file),
            None => Profiles::load(),
        }
    }

    /// Returns the state of all saved accounts.
    pub(crate) fn status(&self) -> Result<Vec<AccountStatus>, Error> {
        let saved = self.saved().map_err(|error| not_found(&error))?;
        let (now, state) = (self.clock.now(), self.current());
        let status = |profile: &Profile| {
            let unlocked = state.unlocked.get(&profile.name);
            AccountStatus {
                account: account_of(profile),
                user_id: unlocked.map(|unlocked| unlocked.user_id.clone()),
                locks_in: unlocked.map(|unlocked| (unlocked.since + self.limits.keys).saturating_sub(now).as_secs()),
            }
        };
        Ok(saved.accounts.iter().map(status).collect())
    }

    /// Returns the keys of an account, unless it is locked.
    pub(crate) fn credentials(&self, name: &str) -> Option<Credentials> {
        self.current().unlocked.get(name).map(|unlocked| unlocked.credentials.clone())
    }

    /// Forgets the keys of an account, or of all.
    pub(crate) fn lock(&self, name: Option<&str>) {
        let mut state = self.current();
        state.unlocked.retain(|account, _| name.is_some_and(|name| name != account));
    }

    /// Checks the password of an account, and unlocks the account with it if it is locked.
    pub(crate) async fn check(self: &Arc<Self>, profile: &Profile, password: Zeroizing<String>) -> Verdict {
        if let Some(wait) = self.wait_for(&profile.name) {
            let seconds = wait.as_secs() + 1;
            return Verdict::Unchecked(format!("the password was wrong too often: wait {seconds} seconds"));
        }
        let right = match self.credentials(&profile.name) {
            Some(credentials) => {
                spawn_blocking(move || credentials.password_matches(&password)).await.map_err(|_| internal())
            }
            None => self.unlock(profile, password).await,
        };
        let mut state = self.current();
        match right {
            Ok(true) => {
                state.wrong.remove(&profile.name);
                Verdict::Right
            }
            Ok(false) => {
                let now = self.clock.now();
                let wrong = state.wrong.entry(profile.name.clone()).or_insert(Wrong { tries: 0, last: now });
                *wrong = Wrong { tries: wrong.tries + 1, last: now };
                Verdict::Wrong
            }
            Err(error) => Verdict::Unchecked(error.to_string()),
        }
    }

    /// Returns how long the next password has to wait.
    fn wait_for(&self, name: &str) -> Option<Duration> {
        let wrong = self.current().wrong.get(name).copied()?;
        let wait = (wrong.last + WAIT_AFTER_WRONG).checked_sub(self.clock.now())?;
        (wrong.tries >= WRONG_TRIES && !wait.is_zero()).then_some(wait)
    }

    /// Signs in with the password. Returns whether the server accepts it.
    async fn unlock(&self, profile: &Profile, password: Zeroizing<String>) -> Result<bool, Error> {
        let secret_key = profile.secret_key().map_err(|error| not_found(&error))?;
        let credentials = Credentials::person(&profile.email, secret_key, password, profile.device.clone());
        let (host, address, runtime) = (self.host.clone(), profile.address.clone(), Handle::current());
        // On another thread, because deriving keys from a password takes long.
        let signed_in = spawn_blocking(move || runtime.block_on(sign_in(host, &address, credentials)));
        match signed_in.await.map_err(|_| internal())? {
            Ok((credentials, user_id)) => {
                let unlocked = Unlocked { credentials, user_id, since: self.clock.now() };
                self.current().unlocked.insert(profile.name.clone(), unlocked);
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::Auth && !error.retryable() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns the accounts, without the keys that are too old.
    fn current(&self) -> MutexGuard<'_, State> {
        let now = self.clock.now();
        // No code that could panic runs under the lock.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.unlocked.retain(|_, unlocked| now < unlocked.since + self.limits.keys);
        state
    }
}

/// Signs a person in, and returns their credentials without the password, and their id. The session ends, because the
/// client has the password.
async fn sign_in(host: Arc<dyn Host>, address: &str, credentials: Credentials) -> Result<(Credentials, String), Error> {
    let client = Client::sign_in(host, address, credentials, identity(NAME), Options::default()).await?;
    let unlocked = client.unlocked_credentials().await?;
    let user_id = client.user_id().await?;
    let _ = admin::end_session(&client).await;
    Ok((unlocked, user_id))
}

fn not_found(error: &anyhow::Error) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, format_args!("{error:#}")).with_field("accountName")
}

/// Returns an account as prompts show it.
pub(crate) fn account_of(profile: &Profile) -> Account {
    Account { name: profile.name.clone(), email: profile.email.clone(), address: profile.address.clone() }
}

fn internal() -> Error {
    Error::new(ErrorKind::Internal, "the password could not be checked")
}
