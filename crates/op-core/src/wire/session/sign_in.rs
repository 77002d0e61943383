//! Sign-in: four requests, with SRP on both sides. The server's proof is checked before anything else is trusted.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join;
use op_protocol::{
    b64,
    envelope::Envelope,
    json,
    jwk::SymmetricKey,
    kdf,
    rest::{
        self, error_code,
        routes::{self, Route, Target},
    },
    secret_key::SecretKey,
    session::SessionKeys,
    srp,
    token::ServiceAccountToken,
};
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::Session;
use crate::{
    config::{Identity, Options},
    error::{Error, ErrorKind, Result},
    host::{Host, HttpRequest, HttpResponse},
    lock::lock,
    wire::{address::Address, transport},
};

/// The start of the message of every failed sign-in.
const PREFIX: &str = "authentication error: ";

/// The credentials of a person or service account. Clones share their secrets.
#[derive(Clone)]
pub struct Credentials {
    /// The e-mail address of the user or service account.
    pub email: String,
    /// The device id; any text.
    pub device: String,
    secret: Arc<SignInSecret>,
}

enum SignInSecret {
    /// The secrets in a service account token, which need no derivation, or those of a person who has signed in.
    Derived {
        secret_key: SecretKey,
        x: Zeroizing<[u8; 32]>,
        master_unlock_key: SymmetricKey,
        /// How a person's master unlock key was derived; `None` for a token.
        person: Option<rest::UserAuth>,
    },
    /// A person's password and Secret Key, from which secrets are derived with the server's parameters.
    Password { secret_key: SecretKey, password: Zeroizing<String>, derived: Mutex<Vec<Derived>> },
}

/// A secret that was derived from a password, and with which parameters.
struct Derived {
    info: String,
    auth: rest::UserAuth,
    secret: Zeroizing<[u8; 32]>,
}

impl Credentials {
    /// Returns the credentials of a person.
    #[must_use]
    pub fn person(email: &str, secret_key: SecretKey, password: Zeroizing<String>, device: String) -> Self {
        let secret = SignInSecret::Password { secret_key, password, derived: Mutex::default() };
        Self { email: email.to_owned(), device, secret: Arc::new(secret) }
    }

    /// Returns the credentials in a service account token.
    #[must_use]
    pub fn service_account(token: ServiceAccountToken) -> Self {
        let secret = SignInSecret::Derived {
            secret_key: token.secret_key,
            x: token.srp_x,
            master_unlock_key: token.muk,
            person: None,
        };
        Self { email: token.email, device: token.device_uuid, secret: Arc::new(secret) }
    }

    /// Returns the credentials of a person who has signed in and opened their keys, without the password; `None` for
    /// any other.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn without_password(&self) -> Option<Self> {
        use op_protocol::keyset::MASTER_KEY_ID;

        let SignInSecret::Password { secret_key, derived, .. } = &*self.secret else { return None };
        let derived = lock(derived);
        let with = |info: fn(&rest::UserAuth) -> &str| derived.iter().rev().find(|each| each.info == info(&each.auth));
        let (x, unlock) = (with(|auth| &auth.method)?, with(|auth| &auth.alg)?);
        let secret = SignInSecret::Derived {
            secret_key: secret_key.clone(),
            x: x.secret.clone(),
            master_unlock_key: SymmetricKey::new(MASTER_KEY_ID, *unlock.secret),
            person: Some(unlock.auth.clone()),
        };
        Some(Self { email: self.email.clone(), device: self.device.clone(), secret: Arc::new(secret) })
    }

    /// Returns whether this is the password from which the credentials of a person were derived. Takes some tenths of a
    /// second.
    #[must_use]
    #[cfg(not(target_family = "wasm"))]
    pub fn password_matches(&self, password: &str) -> bool {
        use subtle::ConstantTimeEq as _;

        match &*self.secret {
            SignInSecret::Derived { secret_key, master_unlock_key, person: Some(auth), .. } => {
                let key = derive(&auth.alg, auth, &self.email, secret_key, password);
                key.is_ok_and(|key| bool::from(key.ct_eq(master_unlock_key.bytes())))
            }
            SignInSecret::Password { password: known, .. } => bool::from(known.as_bytes().ct_eq(password.as_bytes())),
            SignInSecret::Derived { person: None, .. } => false,
        }
    }

    fn secret_key(&self) -> &SecretKey {
        match &*self.secret {
            SignInSecret::Derived { secret_key, .. } | SignInSecret::Password { secret_key, .. } => secret_key,
        }
    }

    fn is_token(&self) -> bool {
        matches!(*self.secret, SignInSecret::Derived { person: None, .. })
    }

    /// Returns the Secret Key of a person; `None` for a service account, whose Secret Key is part of its token.
    pub(crate) fn person_secret_key(&self) -> Option<&SecretKey> {
        (!self.is_token()).then(|| self.secret_key())
    }

    /// Returns what is probably wrong if the server refuses the proof.
    fn likely_cause(&self) -> &'static str {
        if self.is_token() {
            "the service account was deleted, its token was replaced, or the token belongs to another server"
        } else {
            "the e-mail address, the Secret Key or the password is wrong"
        }
    }

    /// Returns the SRP secret x for the server's parameters.
    fn srp_x(&self, auth: &rest::UserAuth) -> Result<Zeroizing<[u8; 32]>> {
        match &*self.secret {
            SignInSecret::Derived { x, .. } => Ok(x.clone()),
            SignInSecret::Password { secret_key, password, derived } => {
                derive_once(derived, &auth.method, auth, || {
                    derive(&auth.method, auth, &self.email, secret_key, password)
                })
            }
        }
    }

    /// Returns the key that opens the primary keyset, which has the parameters `kdf`.
    pub(crate) fn master_unlock_key(&self, kid: &str, kdf: Option<&rest::UserAuth>) -> Result<SymmetricKey> {
        match (&*self.secret, kdf) {
            (SignInSecret::Derived { master_unlock_key, .. }, _) => Ok(master_unlock_key.clone()),
            (SignInSecret::Password { secret_key, password, derived }, Some(auth)) => {
                let key = derive_once(derived, &auth.alg, auth, || {
                    derive(&auth.alg, auth, &self.email, secret_key, password)
                })?;
                Ok(SymmetricKey::new(kid, *key))
            }
            (SignInSecret::Password { .. }, None) => {
                Err(failed("the keyset does not say how its key is derived from the password"))
            }
        }
    }
}

/// Returns a secret that was derived before, or derives it. It is derived again in each session otherwise.
fn derive_once(
    derived: &Mutex<Vec<Derived>>,
    info: &str,
    auth: &rest::UserAuth,
    derive: impl FnOnce() -> Result<Zeroizing<[u8; 32]>>,
) -> Result<Zeroizing<[u8; 32]>> {
    if let Some(known) = lock(derived).iter().find(|each| each.info == info && each.auth == *auth) {
        return Ok(known.secret.clone());
    }
    let secret = derive()?;
    lock(derived).push(Derived { info: info.to_owned(), auth: auth.clone(), secret: secret.clone() });
    Ok(secret)
}

fn derive(
    info: &str,
    auth: &rest::UserAuth,
    email: &str,
    secret_key: &SecretKey,
    password: &str,
) -> Result<Zeroizing<[u8; 32]>> {
    let salt = b64::decode(&auth.salt).map_err(|_| failed("the server's salt is not base64url"))?;
    kdf::two_secret(&kdf::TwoSecretInput {
        info,
        alg: &auth.alg,
        email,
        password,
        secret_key,
        salt: &salt,
        iterations: auth.iterations,
    })
    .map_err(failed)
}

/// The parts of a client that all requests need.
pub(crate) struct Connection {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) address: Address,
    pub(crate) credentials: Credentials,
    pub(crate) identity: Identity,
    pub(crate) options: Options,
}

impl Connection {
    /// Returns a request with the headers that all requests have.
    pub(crate) fn request(&self, target: &Target, body: Vec<u8>) -> HttpRequest {
        let headers = vec![
            ("user-agent", self.identity.user_agent()),
            ("x-agilebits-client", format!("opwire SDK/{}", self.identity.sdk_version)),
            ("op-user-agent", self.identity.op_user_agent(&self.credentials.device)),
            ("op-data-consistency", "eventual".to_owned()),
        ];
        HttpRequest {
            method: target.method,
            url: self.address.url(&target.path),
            headers,
            body,
            timeout: self.options.request_timeout,
        }
    }

    /// Sends a request. A failure names the server.
    pub(crate) async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse> {
        self.host.http(request).await.map_err(|error| transport::failure(&error, &self.address))
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.host.fill_random(&mut bytes);
        bytes
    }
}

/// Signs in. [`ErrorKind::Auth`] means that the client or the server refuses the credentials; other failures have the
/// same kinds as in any request.
pub(crate) async fn sign_in(connection: &Connection) -> Result<Session> {
    let credentials = &connection.credentials;
    let request = rest::AuthStartRequest {
        email: credentials.email.to_lowercase(),
        sk_format: credentials.secret_key().format().to_owned(),
        skid: credentials.secret_key().id().to_owned(),
        device_uuid: credentials.device.clone(),
    };
    let start = post(connection, &routes::AUTH_START, None, &request);
    let (start, keys) = compute_during(connection, start, || srp::ClientKeys::new(connection.random())).await;
    let start: rest::AuthStartResponse = start?;
    let auth = check_start(&start, credentials.secret_key())?;

    let id = start.session_id.clone();
    let salt = b64::decode(&auth.salt).map_err(|_| failed("the server's salt is not base64url"))?;
    let request = rest::AuthRequest { user_a: keys.public_key_hex() };
    let answer = post(connection, &routes::AUTH, Some(&id), &request);
    let with_secret = || credentials.srp_x(auth).map(|x| keys.with_secret(&x));
    let (answer, exchange) = compute_during(connection, answer, with_secret).await;
    let (answer, exchange): (rest::AuthResponse, _) = (answer?, exchange?);

    let params = srp::Params { email: &credentials.email, secret_key_id: credentials.secret_key().id(), salt: &salt };
    let proof = exchange
        .finish(&answer.user_b, &params)
        .map_err(|error| failed(format_args!("verifying the server hash in the SRP exchange: {error}")))?;
    let request = rest::ConfirmKeyRequest { client_verify_hash: b64::encode(&proof.m1) };
    let answer: rest::ConfirmKeyResponse = post(connection, &routes::AUTH_CONFIRM_KEY, Some(&id), &request).await?;
    b64::decode(&answer.server_verify_hash).ok().and_then(|hash| proof.verify_server(&hash).ok()).ok_or_else(|| {
        failed(
            "verifying the server hash in the SRP exchange: \
                 Server hash was invalid, shared key mismatch",
        )
    })?;

    let keys = SessionKeys::new(&id, &proof.session_key);
    complete(connection, keys).await
}

/// Computes while a request is in flight. The pause lets the host send the request first. docs/decisions/0031 says why.
async fn compute_during<T, R>(
    connection: &Connection,
    request: impl Future<Output = T>,
    compute: impl FnOnce() -> R,
) -> (T, R) {
    let compute = async {
        connection.host.sleep(Duration::ZERO).await;
        compute()
    };
    join(request, compute).await
}

fn check_start<'a>(start: &'a rest::AuthStartResponse, secret_key: &SecretKey) -> Result<&'a rest::UserAuth> {
    if !matches!(start.status.as_deref(), None | Some("ok" | "device-not-registered" | "device-deleted")) {
        return Err(failed("unknown device status returned by auth lookup"));
    }
    let auth = start.user_auth.as_ref().ok_or_else(|| {
        failed("bad service account token, please rotate it: invalid user auth parameters within token")
    })?;
    if auth.method != kdf::METHOD {
        return Err(failed("when starting SRP auth: SRP authentication method unsupported"));
    }
    if !kdf::ITERATIONS.contains(&auth.iterations) {
        return Err(failed(format_args!("InvalidPbkdf2Iterations({})", auth.iterations)));
    }
    if start.account_key_uuid.as_deref().is_some_and(|id| id != secret_key.id()) {
        return Err(failed("secret key from lookup response did not match local sk"));
    }
    Ok(auth)
}

/// Sends the first sealed request, by which both sides prove that they have the session key.
async fn complete(connection: &Connection, keys: SessionKeys) -> Result<Session> {
    // Below 2^24, like the counters of the official clients.
    let first_request_id = u32::from_be_bytes(connection.random()) >> 8;
    let session = Session::new(keys, first_request_id);
    let request =
        rest::CompleteRequest { client: format!("opwire SDK/{}", connection.identity.sdk_version), device: None };
    let body = serde_json::to_vec(&request).map_err(failed)?;
    let sealed = Envelope::seal(&session.keys.key, connection.random(), &body);
    let mut http = connection.request(&routes::AUTH_COMPLETE.at([]), serde_json::to_vec(&sealed).map_err(failed)?);
    transport::sign(&mut http, &session);
    let response = send(connection, http).await?;
    let plaintext =
        transport::open(connection.host.crypto(), &session, &response.body).await.map_err(|e| e.with_prefix(PREFIX))?;
    let answer: rest::CompleteResponse = decode(&plaintext)?;
    Ok(Session {
        user_id: answer.user_uuid,
        #[cfg(not(target_family = "wasm"))]
        account_id: answer.account_uuid.unwrap_or_default(),
        ..session
    })
}

async fn post<T: DeserializeOwned>(
    connection: &Connection,
    route: &Route<0>,
    session_id: Option<&str>,
    body: &impl Serialize,
) -> Result<T> {
    let mut request = connection.request(&route.at([]), serde_json::to_vec(body).map_err(failed)?);
    if let Some(id) = session_id {
        request.headers.push(("x-agilebits-session-id", id.to_owned()));
    }
    decode(&send(connection, request).await?.body)
}

async fn send(connection: &Connection, request: HttpRequest) -> Result<HttpResponse> {
    checked(connection.exchange(request).await?, &connection.credentials)
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    json::decode(body).map_err(|error| {
        Error::new(
            ErrorKind::InvalidResponse,
            format_args!(
                "{PREFIX}when deserializing HTTP responses into the corresponding types in unauthenticated request: \
                 {error}; a proxy may have answered for the server"
            ),
        )
    })
}

/// Returns the response, or the failure for its status. Sign-in has its own texts for some statuses.
fn checked(response: HttpResponse, credentials: &Credentials) -> Result<HttpResponse> {
    let error = match response.status {
        200..=299 => return Ok(response),
        400 => failed("bad request"),
        401 => failed("you are not authenticated").with_reason(credentials.likely_cause()),
        403 => Error::new(
            match transport::refusal(&response).map(|refusal| refusal.error_code) {
                Some(error_code::USER_NOT_CONFIRMED) => ErrorKind::UserNotConfirmed,
                Some(error_code::USER_SUSPENDED) => ErrorKind::UserSuspended,
                _ => ErrorKind::Auth,
            },
            "you don't have the right permissions to access this resource",
        ),
        404 => failed("resource not found"),
        409 => failed("a conflict occurred on the server. this usually happens due to a race condition in requests")
            .with_retryable(true),
        408 => Error::new(ErrorKind::Timeout, "").with_prefix(PREFIX),
        429 => Error::new(ErrorKind::RateLimitExceeded, "authentication error")
            .with_retry_after(transport::retry_after(&response)),
        500 => Error::new(ErrorKind::ServerError, "internal server error").with_prefix(PREFIX),
        status => Error::new(ErrorKind::UnexpectedStatus, transport::status_text(status))
            .with_retryable(status > 500)
            .with_prefix(PREFIX),
    };
    // The server gives the same reason for every failed proof.
    let error = if response.status == 401 { error } else { transport::with_refusal(error, &response) };
    Err(error.with_status(response.status))
}

fn failed(reason: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Auth, reason)
}
