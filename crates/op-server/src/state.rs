//! An open server: what all routes share, and its maintenance in the background.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use op_protocol::id::SessionId;
use op_protocol::{b64, file::SigningKey, srp};
use sha2::Sha256;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};
use zeroize::Zeroizing;

use crate::files::Files;
use crate::folder::{self, DURABLE_FILE, SETUP_TOKEN_FILE};
use crate::mail::Mailer;
use crate::open_error::OpenError;
use crate::quota::Quota;
use crate::store::{Store, StoreError, sqlite_file};
use crate::system::{now, random};
use crate::{Config, FileStorage, Origins, RateLimits, Registration, ShareUrl, TrustedProxy};

/// Its name in a database that servers share.
pub(crate) const SETUP_TOKEN_SECRET: &str = "setup-token";

const FLUSH_EVERY: Duration = Duration::from_secs(1);
const PURGE_EVERY_FLUSHES: u32 = 60;

/// An open server. Clones are one and the same.
#[derive(Clone)]
pub struct State(Arc<Shared>);

/// What the clones of a [`State`] share.
pub struct Shared {
    pub(crate) store: Store,
    pub(crate) files: Files,
    pub(crate) quota: Quota,
    pub(crate) limits: RateLimits,
    pub(crate) session_ttl: Duration,
    audit_days: Option<u32>,
    pub(crate) trusted_proxies: Vec<TrustedProxy>,
    pub(crate) upload_ttl: Duration,
    pub(crate) registration: Registration,
    pub(crate) origins: Origins,
    /// None: it sends no mail.
    pub(crate) mailer: Option<Arc<Mailer>>,
    pub(crate) share_url: Option<ShareUrl>,
    pub(crate) setup_token: Zeroizing<String>,
    /// The verifier of unknown e-mail addresses. One serves all, as the challenge that is made of it is random anyway.
    pub(crate) decoy_verifier: String,
    secret: Zeroizing<Vec<u8>>,
    srp: Semaphore,
}

impl State {
    /// Opens the data folder, and creates it with its setup token the first time. Needs a tokio runtime.
    ///
    /// # Errors
    /// The folder or its databases cannot be used.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        folder::prepare(&config.data_dir)?;
        let store = match &config.postgres {
            None => open_in_folder(&config).await?,
            Some(url) => Store::open_postgres(url).await?,
        };
        let files = Files::open(&config.files, config.max_file_size, &config.data_dir)?;
        let setup_token = setup_token(&config.data_dir.join(SETUP_TOKEN_FILE), &store).await?;
        let fresh = Zeroizing::new(random::<32>().map_err(OpenError::Random)?);
        let secret = Zeroizing::new(store.secret("decoy", fresh.as_slice()).await?);
        let decoy_x = Zeroizing::new(keyed_hash(&secret, "verifier", ""));
        let state = Self(Arc::new(Shared {
            store,
            files,
            quota: Quota::default(),
            limits: config.limits,
            session_ttl: config.session_ttl,
            audit_days: config.audit_days,
            trusted_proxies: config.trusted_proxies,
            upload_ttl: config.upload_ttl,
            registration: config.registration,
            origins: config.origins,
            mailer: config.mail.as_ref().map(|mail| Arc::new(Mailer::open(mail))),
            share_url: config.share_url,
            setup_token,
            decoy_verifier: srp::verifier(&decoy_x),
            secret,
            srp: Semaphore::new(available_parallelism().map_or(2, usize::from)),
        }));
        state.start_maintenance();
        Ok(state)
    }

    /// The token that allows to create an account.
    #[must_use]
    pub fn setup_token(&self) -> &str {
        &self.0.setup_token
    }

    /// Writes what is still in memory and closes the databases. Requests that come later fail.
    pub async fn close(&self) {
        self.flush().await;
        self.0.store.close().await;
    }

    /// Writes the request counts and drops what has expired, in the background, until the last clone is dropped.
    fn start_maintenance(&self) {
        let shared = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            for turn in 0_u32.. {
                tokio::time::sleep(FLUSH_EVERY).await;
                let Some(state) = shared.upgrade().map(State) else { break };
                state.flush().await;
                if turn.is_multiple_of(PURGE_EVERY_FLUSHES) {
                    state.purge().await;
                }
            }
        });
    }

    async fn purge(&self) {
        if let Err(error) = self.store.purge_expired(now()).await {
            tracing::warn!(%error, "dropping expired sessions");
        }
        if let Some(days) = self.audit_days
            && let Err(error) = self.store.purge_audit(days).await
        {
            tracing::warn!(%error, "deleting old lines of the audit log");
        }
        // Before the files are collected that only these shares held.
        if let Err(error) = self.store.sweep_shares(now()).await {
            tracing::warn!(%error, "deleting shares that have ended");
        }
        if let Err(error) = self.collect_files().await {
            tracing::warn!(%error, "looking for files that nothing needs");
        }
    }

    /// Removes the files that nothing needs. Each is tried once.
    async fn collect_files(&self) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let expired = self.store.expired_files(now(), &after).await?;
            let mut removed = 0;
            for file in &expired {
                match self.remove_file(file).await {
                    Ok(()) => removed += 1,
                    Err(error) => tracing::warn!(%error, file, "removing a file that nothing needs"),
                }
            }
            // If none could be removed, the storage fails, and would for the rest as well.
            let (Some(last), 1..) = (expired.into_iter().next_back(), removed) else { return Ok(()) };
            after = last;
        }
    }

    /// The row is deleted after the content, so that no content is left without a row.
    async fn remove_file(&self, file: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.files.delete(file).await?;
        Ok(self.store.forget_file(file).await?)
    }

    async fn flush(&self) {
        if let Err(error) = self.quota.flush(&self.store, now()).await {
            tracing::warn!(%error, "writing request counts");
        }
    }
}

impl std::ops::Deref for State {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// A hash that only this server can compute, for what must not show or be guessed, such as an e-mail address.
    pub(crate) fn keyed_hash(&self, purpose: &str, text: &str) -> [u8; 32] {
        keyed_hash(&self.secret, purpose, text)
    }

    /// A session's name, by which lists and the audit log call it; its id is for its client only.
    pub(crate) fn session_name(&self, session: &str) -> SessionId {
        let hash = self.keyed_hash("session", session);
        SessionId::new(*hash.first_chunk().expect("a hash is longer than an id"))
    }

    /// The signing key that a file's uploader was given. It is derived from the file's id, and not stored.
    pub(crate) fn file_signing_key(&self, file: &str) -> SigningKey {
        SigningKey { kid: file.to_owned(), key: Zeroizing::new(self.keyed_hash("file", file).to_vec()) }
    }

    /// Runs big-number work off the event loop, and at most as much of it at once as there are processors, so that many
    /// sign-ins wait for each other and do not hold up other requests.
    pub(crate) async fn heavy<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // The semaphore is never closed; if it were, the work would only not wait for its turn.
        let _turn = self.srp.acquire().await.ok();
        spawn_blocking(work).await
    }
}

fn keyed_hash(secret: &[u8], purpose: &str, text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Opens the databases in the data folder.
async fn open_in_folder(config: &Config) -> Result<Store, OpenError> {
    let is_new = folder::prepare_databases(&config.data_dir)?;
    if !sqlite_file::has_tables(&config.data_dir.join(DURABLE_FILE)).await? && !is_new {
        folder::check_unused(&config.data_dir)?;
    }
    let store = Store::open_sqlite(&config.data_dir).await?;
    if config.files == FileStorage::Folder && store.has_files().await? {
        folder::check_files(&config.data_dir)?;
    }
    Ok(store)
}

/// Returns the token in the file, which is created if it is missing. Servers that share a database share the token of
/// the first one, which each of them writes into its own folder.
async fn setup_token(path: &Path, store: &Store) -> Result<Zeroizing<String>, OpenError> {
    let own = read_or_make_setup_token(path)?;
    if !store.is_shared() {
        return Ok(own);
    }
    let shared = Zeroizing::new(store.secret(SETUP_TOKEN_SECRET, own.as_bytes()).await?);
    if *shared == own.as_bytes() {
        return Ok(own);
    }
    write_setup_token(path, &shared)?;
    read_or_make_setup_token(path)
}

fn read_or_make_setup_token(path: &Path) -> Result<Zeroizing<String>, OpenError> {
    match std::fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) => {
            let token = Zeroizing::new(text.trim().to_owned());
            if token.len() < 16 {
                let cause = io::Error::other("shorter than 16 characters; delete it to have a new one made");
                return Err(folder::failed(path, cause));
            }
            Ok(token)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let token = Zeroizing::new(b64::encode(&random::<32>().map_err(OpenError::Random)?));
            write_setup_token(path, token.as_bytes())?;
            Ok(token)
        }
        Err(cause) => Err(folder::failed(path, cause)),
    }
}

/// Writes the token to another file, which is then renamed: a server that is killed here leaves no half of a token.
pub(crate) fn write_setup_token(path: &Path, token: &[u8]) -> Result<(), OpenError> {
    let beside = path.with_extension("new");
    folder::private()
        .truncate(true)
        .open(&beside)
        .and_then(|mut file| file.write_all(token).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|cause| folder::failed(path, cause))
}
