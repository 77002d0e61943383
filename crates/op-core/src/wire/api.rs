//! The signed and sealed requests of a session: one new sign-in after a 401, bounded retries, shared reads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use op_protocol::{
    envelope::Envelope,
    json,
    rest::routes::{self, Target},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

#[cfg(not(target_family = "wasm"))]
use crate::wire::scope::{self, Admission};
use crate::{
    error::{Error, ErrorKind, Result},
    host::HttpResponse,
    ids::{self, Identified},
    wire::{
        cache::{Cache, Key, Known},
        on_drop::OnDrop,
        rate_limits::ReportedLimits,
        session::{Connection, Session, Sessions},
        single_flight::SingleFlight,
        transport,
    },
};

/// The wait before the first retry of a safe request; each further retry doubles it. docs/decisions/0007 says why.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// The longest wait before a retry. If the server asks for a longer one, the request fails, and the caller can wait.
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);
/// The slowest transfer of a file, in bytes a second: its size extends the timeout of the request accordingly.
const SLOWEST_TRANSFER: u64 = 128 << 10;

pub(crate) type ResponseText = Arc<Zeroizing<Vec<u8>>>;

/// The account server, for one client.
pub(crate) struct Api {
    pub(crate) connection: Arc<Connection>,
    pub(crate) limits: ReportedLimits,
    cache: Option<Cache>,
    sessions: Sessions,
    reads: Arc<SingleFlight<(u64, String), Result<ResponseText>>>,
    /// Counts the writes of this client, and the changes of keys that it noticed, so that a read is never shared across
    /// one. docs/decisions/0006 says why.
    writes: AtomicU64,
}

#[derive(Clone, Copy)]
struct Exchange<'a> {
    target: &'a Target,
    body: Body<'a>,
    /// The size of the file that the exchange uploads or downloads, which extends the timeout.
    file_size: u64,
}

#[derive(Clone, Copy)]
enum Body<'a> {
    None,
    /// A body that is sealed with the session key.
    Sealed(&'a [u8]),
    /// A file, encrypted with its own key.
    File(&'a [u8]),
}

impl<'a> Exchange<'a> {
    fn new(target: &'a Target, body: Body<'a>) -> Self {
        Self { target, body, file_size: 0 }
    }
}

impl Api {
    pub(crate) fn new(connection: Arc<Connection>) -> Arc<Self> {
        Arc::new(Self {
            sessions: Sessions::new(connection.clone()),
            cache: connection.options.cache.map(Cache::new),
            connection,
            limits: ReportedLimits::default(),
            reads: SingleFlight::new(),
            writes: AtomicU64::new(0),
        })
    }

    /// Returns the current session. Signs in if there is none.
    pub(crate) async fn session(&self) -> Result<Arc<Session>> {
        self.sessions.current().await
    }

    /// Proves the password anew, which some changes need.
    pub(crate) async fn sign_in_again(&self) -> Result<()> {
        let session = self.session().await?;
        self.sessions.renew(&session).await.map(drop)
    }

    /// Returns the client's cache, if it has one.
    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// Returns a number that each write increments. A response that was read before a write must not be remembered
    /// after it.
    pub(crate) fn epoch(&self) -> u64 {
        self.writes.load(Ordering::Acquire)
    }

    /// Forgets what was read of a vault; everything if no vault is given. Later reads join none that is in flight, and
    /// what those return is not remembered.
    pub(crate) fn forget(&self, vault_id: Option<&str>) {
        self.writes.fetch_add(1, Ordering::AcqRel);
        if let Some(cache) = &self.cache {
            cache.forget(vault_id);
        }
    }

    /// Remembers what was read at `epoch`.
    pub(crate) fn remember(&self, key: Key, known: Known, epoch: u64) {
        if let Some(cache) = &self.cache {
            cache.put(key, known, self.connection.host.now_millis(), || self.epoch() == epoch);
        }
    }

    /// Reads a resource.
    pub(crate) async fn get<T: DeserializeOwned>(self: &Arc<Self>, target: Target) -> Result<T> {
        decode(&self.get_text(target).await?)
    }

    /// Reads one object: the one that the path names last.
    pub(crate) async fn get_one<T: DeserializeOwned + Identified>(self: &Arc<Self>, target: Target) -> Result<T> {
        let asked = target.values().next_back().map(|(_, id)| id.to_owned()).unwrap_or_default();
        let resource = target.resource;
        let answer = decode(&self.get_text(target).await?)?;
        ids::check_answer(resource, &asked, &answer)?;
        Ok(answer)
    }

    /// Reads a resource, and returns its JSON for [`decode`]. Identical reads in flight share one request.
    pub(crate) async fn get_text(self: &Arc<Self>, target: Target) -> Result<ResponseText> {
        let key = (self.epoch(), target.path.clone());
        let api = self.clone();
        let read = || async move { api.read(Exchange::new(&target, Body::None)).await.map(Arc::new) };
        self.reads.run(key, || Box::pin(read())).await
    }

    /// Reads by a request with a body.
    pub(crate) async fn query<T: DeserializeOwned>(&self, target: &Target, body: &impl Serialize) -> Result<T> {
        let body = encode(body)?;
        decode(&self.read(Exchange::new(target, Body::Sealed(&body))).await?)
    }

    /// Uploads the ciphertext of a file. Retried like a read, because an uploaded file belongs to nothing yet.
    pub(crate) async fn upload<T: DeserializeOwned>(&self, ciphertext: &[u8]) -> Result<T> {
        let target = routes::UPLOAD_FILE.at([]);
        let exchange = Exchange::new(&target, Body::File(ciphertext));
        decode(&self.read(Exchange { file_size: ciphertext.len() as u64, ..exchange }).await?)
    }

    /// Downloads the ciphertext of a file of about this size.
    pub(crate) async fn download(&self, target: &Target, file_size: u64) -> Result<Vec<u8>> {
        let exchange = Exchange::new(target, Body::None);
        let (_, response) = self.send_with_retries(Exchange { file_size, ..exchange }).await?;
        Ok(response.body)
    }

    /// Writes, and opens the sealed response. Never retried, except after a new sign-in.
    pub(crate) async fn write<T: DeserializeOwned>(&self, target: &Target, body: &impl Serialize) -> Result<T> {
        let body = encode(body)?;
        let exchange = Exchange::new(target, Body::Sealed(&body));
        let (session, response) = self.send_write(exchange).await?;
        decode(&self.open(&session, &response).await?)
    }

    /// Writes by a route whose response is `{"success":1}`, unsealed.
    pub(crate) async fn mutate(&self, target: &Target, body: &impl Serialize) -> Result<()> {
        let body = encode(body)?;
        self.send_mutation(Exchange::new(target, Body::Sealed(&body))).await
    }

    /// Writes by a route that takes no body, and whose response is `{"success":1}`, unsealed.
    pub(crate) async fn act(&self, target: &Target) -> Result<()> {
        self.send_mutation(Exchange::new(target, Body::None)).await
    }

    async fn send_mutation(&self, exchange: Exchange<'_>) -> Result<()> {
        #[derive(serde::Deserialize)]
        struct Success {
            success: u8,
        }
        let (_, response) = self.send_write(exchange).await?;
        match json::decode(&response.body) {
            Ok(Success { success: 1 }) => Ok(()),
            _ => Err(Error::new(ErrorKind::InvalidResponse, "unexpected success response from server")),
        }
    }

    async fn send_write(&self, exchange: Exchange<'_>) -> Result<(Arc<Session>, HttpResponse)> {
        // Before the write, so that later reads do not join one that the server may have answered already. After the
        // write, so that they do not join one that it answered before the write took effect.
        let forget = || self.forget(exchange.target.vault());
        forget();
        // On drop, because a cancelled write may have taken effect too.
        let after = OnDrop(forget);
        let result = self.send(exchange).await;
        drop(after);
        result
    }

    async fn read(&self, exchange: Exchange<'_>) -> Result<Zeroizing<Vec<u8>>> {
        let (session, response) = self.send_with_retries(exchange).await?;
        let answer = self.open(&session, &response).await?;
        #[cfg(not(target_family = "wasm"))]
        let answer = scope::within(&self.connection.options.scope, exchange.target, answer)?;
        Ok(answer)
    }

    async fn open(&self, session: &Session, response: &HttpResponse) -> Result<Zeroizing<Vec<u8>>> {
        transport::open(self.connection.host.crypto(), session, &response.body).await
    }

    async fn send_with_retries(&self, exchange: Exchange<'_>) -> Result<(Arc<Session>, HttpResponse)> {
        let mut tries = 0;
        loop {
            let error = match self.send(exchange).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match self.backoff(&error, tries) {
                Some(wait) => self.connection.host.sleep(wait).await,
                None => return Err(error),
            }
            tries += 1;
        }
    }

    /// Returns how long to wait before a retry, if there is to be one. docs/decisions/0007 says why.
    fn backoff(&self, error: &Error, tries: u32) -> Option<Duration> {
        if !error.retryable() || tries >= self.connection.options.max_retries {
            return None;
        }
        let exponential = (FIRST_BACKOFF * 2_u32.saturating_pow(tries)).min(LONGEST_BACKOFF);
        // Up to half of it is jitter, so that clients that failed at the same time do not retry at the same time.
        let jitter = u32::from(u16::from_be_bytes(self.connection.random()));
        let jittered = exponential / 2 + exponential * jitter / (2 * u32::from(u16::MAX));
        let asked = error.retry_after().unwrap_or_default();
        (asked <= LONGEST_BACKOFF).then(|| asked.max(jittered))
    }

    /// Sends an exchange. If the session has ended, sends it once more in a new session.
    async fn send(&self, exchange: Exchange<'_>) -> Result<(Arc<Session>, HttpResponse)> {
        #[cfg(not(target_family = "wasm"))]
        self.admit(exchange).await?;
        let session = self.sessions.current().await?;
        let response = self.attempt(exchange, &session).await?;
        if response.status != 401 {
            return Ok((session, transport::checked(response, exchange.target)?));
        }
        let session = self.sessions.renew(&session).await?;
        let response = self.attempt(exchange, &session).await?;
        Ok((session, transport::checked(response, exchange.target)?))
    }

    /// Refuses a request that is outside the client's scope.
    #[cfg(not(target_family = "wasm"))]
    async fn admit(&self, exchange: Exchange<'_>) -> Result<()> {
        let body = if let Body::Sealed(plaintext) = exchange.body { plaintext } else { &[] };
        match scope::admit(&self.connection.options.scope, exchange.target, body)? {
            Admission::Sent => Ok(()),
            Admission::IfShareIsWithin(share) => {
                let target = routes::SHARE.at([&share]);
                // Boxed, because reading sends a request too.
                Box::pin(self.read(Exchange::new(&target, Body::None))).await.map(drop)
            }
        }
    }

    async fn attempt(&self, exchange: Exchange<'_>, session: &Session) -> Result<HttpResponse> {
        let body = match exchange.body {
            Body::None => Vec::new(),
            Body::File(ciphertext) => ciphertext.to_vec(),
            Body::Sealed(plaintext) => {
                let sealed = Envelope::seal(&session.keys.key, self.connection.random(), plaintext);
                encode(&sealed)?.to_vec()
            }
        };
        let mut request = self.connection.request(exchange.target, body);
        if let Body::File(_) = exchange.body {
            request.headers.push(("content-type", "application/octet-stream".to_owned()));
        }
        request.timeout += transfer_time(exchange.file_size);
        transport::sign(&mut request, session);
        let response = self.connection.exchange(request).await?;
        self.limits.record(&response, self.connection.host.now_millis() / 1000);
        Ok(response)
    }
}

/// Returns how long the transfer of a file of this size may take.
pub(crate) fn transfer_time(file_size: u64) -> Duration {
    Duration::from_secs(file_size / SLOWEST_TRANSFER)
}

pub(crate) fn encode(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>> {
    serde_json::to_vec(value)
        .map(Zeroizing::new)
        .map_err(|error| Error::new(ErrorKind::Internal, format_args!("a request could not be encoded: {error}")))
}

/// Reads the JSON of a response.
pub(crate) fn decode<'a, T: Deserialize<'a>>(plaintext: &'a [u8]) -> Result<T> {
    json::decode(plaintext).map_err(|error| {
        Error::new(
            ErrorKind::InvalidResponse,
            format_args!(
                "when deserializing HTTP responses into the corresponding types in authenticated requests: \
                 not what the protocol says: {error}"
            ),
        )
    })
}
