//! The clients that make the calls of programs. Programs that ask for the same share one.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use op_core::{
    Client, Core, Credentials, DesktopConfig, Error, ErrorKind, Host, Identity, Options, admin,
    methods::{ClientMethod as _, EnvironmentsList, VaultsList},
};
use op_protocol::id::VaultId;
use tokio::sync::OnceCell;

use super::{NAME, clock::Clock, identity, limits::Limits};
use crate::profiles::Profile;

/// How long to wait for the server when a session ends.
const SIGN_OUT_TIMEOUT: Duration = Duration::from_secs(3);

pub(crate) struct Sessions {
    host: Arc<dyn Host>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    open: Mutex<HashMap<Key, Arc<Session>>>,
}

/// What programs have to have in common to share a session.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    account: String,
    /// What the program told about itself, for the audit log.
    identity: [String; 9],
    options: String,
    scope: op_core::Scope,
}

/// A session with the account server.
pub(crate) struct Session {
    signed_in: OnceCell<SignedIn>,
    used: Mutex<Duration>,
}

struct SignedIn {
    client: Arc<Client>,
    core: Core,
}

impl Session {
    /// Returns the core that makes calls in this session, as those of client 0.
    pub(crate) fn core(&self) -> Option<&Core> {
        self.signed_in.get().map(|signed_in| &signed_in.core)
    }
}

impl Sessions {
    pub(crate) fn new(host: Arc<dyn Host>, clock: Arc<dyn Clock>, limits: Limits) -> Arc<Self> {
        Arc::new(Self { host, clock, limits, open: Mutex::default() })
    }

    /// Returns the session for a program. Signs in if there is none.
    pub(crate) async fn of(
        &self,
        profile: &Profile,
        credentials: &Credentials,
        config: &DesktopConfig,
    ) -> Result<Weak<Session>, Error> {
        let mut options = config.options.clone();
        options.scope.read_only = config.read_only;
        if let Some(vaults) = &config.vaults {
            options.scope.vaults = Some(self.vault_ids(profile, credentials, vaults).await?);
        }
        self.signed_in(profile, credentials, config.identity.clone(), options)
            .await
            .map(|session| Arc::downgrade(&session))
    }

    /// Returns the ids of the vaults and Environments that these titles or ids name.
    async fn vault_ids(
        &self,
        profile: &Profile,
        credentials: &Credentials,
        texts: &BTreeSet<String>,
    ) -> Result<BTreeSet<VaultId>, Error> {
        let session = self.signed_in(profile, credentials, identity(NAME), Options::default()).await?;
        let Some(SignedIn { client, .. }) = session.signed_in.get() else { return Err(ended()) };
        let vaults = VaultsList { params: None }.run(client).await?.into_iter().map(|vault| (vault.id, vault.title));
        let environments = EnvironmentsList {}.run(client).await?.into_iter().map(|each| (each.id, each.title));
        let (vaults, environments): (Vec<_>, Vec<_>) = (vaults.collect(), environments.collect());
        texts.iter().map(|text| vault_id([&vaults, &environments], text)).collect()
    }

    async fn signed_in(
        &self,
        profile: &Profile,
        credentials: &Credentials,
        identity: Identity,
        options: Options,
    ) -> Result<Arc<Session>, Error> {
        let key = Key::new(&profile.name, &identity, &options);
        let now = self.clock.now();
        let new = || Arc::new(Session { signed_in: OnceCell::new(), used: Mutex::new(now) });
        let session = self.lock().entry(key).or_insert_with(new).clone();
        let sign_in = || async {
            let client = Client::sign_in(self.host.clone(), &profile.address, credentials.clone(), identity, options);
            let client = Arc::new(client.await?);
            Ok::<_, Error>(SignedIn { core: Core::with_client(self.host.clone(), client.clone()), client })
        };
        session.signed_in.get_or_try_init(sign_in).await?;
        *session.used.lock().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(session)
    }

    /// Notes that a session is in use.
    pub(crate) fn touch(&self, session: &Session) {
        *session.used.lock().unwrap_or_else(PoisonError::into_inner) = self.clock.now();
    }

    /// Ends the sessions of an account, or all.
    pub(crate) fn end_of(&self, account: Option<&str>) {
        self.end(|key, _| account.is_none_or(|account| key.account == account));
    }

    /// Ends the sessions that nobody has used for long.
    pub(crate) fn end_idle(&self) {
        let now = self.clock.now();
        self.end(|_, session| {
            let used = *session.used.lock().unwrap_or_else(PoisonError::into_inner);
            // A call in progress holds the session.
            Arc::strong_count(session) == 1 && now >= used + self.limits.idle
        });
    }

    fn end(&self, ends: impl Fn(&Key, &Arc<Session>) -> bool) {
        let ended: Vec<_> = self.lock().extract_if(|key, session| ends(key, session)).collect();
        for (_, session) in ended {
            let Some(client) = session.signed_in.get().map(|signed_in| signed_in.client.clone()) else { continue };
            // A session that cannot be ended expires.
            tokio::spawn(tokio::time::timeout(SIGN_OUT_TIMEOUT, async move { admin::end_session(&client).await }));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Arc<Session>>> {
        // No code that could panic runs under the lock.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Key {
    fn new(account: &str, identity: &Identity, options: &Options) -> Self {
        let Identity {
            programming_language,
            sdk_version,
            integration_name,
            integration_version,
            request_library,
            request_library_version,
            os,
            os_version,
            architecture,
            machine_name: _,
        } = identity.clone();
        let identity = [
            programming_language,
            sdk_version,
            integration_name,
            integration_version,
            request_library,
            request_library_version,
            os,
            os_version,
            architecture,
        ];
        let Options { request_timeout, max_retries, cache, scope } = options.clone();
        Self {
            account: account.to_owned(),
            identity,
            options: format!("{request_timeout:?} {max_retries} {cache:?}"),
            scope,
        }
    }
}

/// Returns the id of the vault or Environment with this title or id. A vault is preferred to an Environment of the same
/// title.
fn vault_id(kinds: [&[(String, String)]; 2], text: &str) -> Result<VaultId, Error> {
    let refused = |why: &str| Error::new(ErrorKind::InvalidConfiguration, why).with_field("vaults");
    if let Some((id, _)) = kinds.into_iter().flatten().find(|(id, _)| id == text) {
        return Ok(VaultId::from_server(id.as_str()));
    }
    for all in kinds {
        let fitting: Vec<&str> = all.iter().filter(|(_, title)| title == text).map(|(id, _)| id.as_str()).collect();
        match fitting[..] {
            [] => {}
            [id] => return Ok(VaultId::from_server(id)),
            _ => {
                let ids = fitting.join(", ");
                return Err(refused(&format!("several vaults have the title `{text}`: name one by its id ({ids})")));
            }
        }
    }
    Err(refused(&format!("no vault has the title or id `{text}`")))
}

/// Returns the failure of a call whose session has ended.
pub(crate) fn ended() -> Error {
    Error::new(ErrorKind::DesktopSessionExpired, "sign in again")
}
