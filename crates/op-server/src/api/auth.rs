//! Sign-in: four requests, the first three in the clear. Their answers are alike for known and unknown e-mail
//! addresses.

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use op_protocol::envelope::Envelope;
use op_protocol::id::UserId;
use op_protocol::rest::{
    AuthRequest, AuthResponse, AuthStartRequest, AuthStartResponse, CompleteResponse, ConfirmKeyRequest,
    ConfirmKeyResponse, UserAuth, UserState, VerifyRequest, error_code,
};
use op_protocol::session::SessionKeys;
use op_protocol::srp::{OlderServer as OlderSrp, Params, Server as Srp, ServerProof, SrpError, older_proofs};
use op_protocol::{b64, kdf};
use zeroize::Zeroizing;

use super::error::{ApiError, Result};
use super::extract::{Plain, SealedSignIn, Source, bytes, refuse_exhausted, session_id, take};
use crate::State;
use crate::policy::account::Role;
use crate::store::rows::SignIn;
use crate::store::sessions::Identity;
use crate::system::{new_id, now, random};

/// Seconds that a sign-in may take from its first request to its last.
const SIGN_IN_TTL: i64 = 120;
/// The longest e-mail address there can be (RFC 5321), and more than any id of a Secret Key.
const MAX_EMAIL: usize = 320;
const MAX_SECRET_KEY_ID: usize = 16;
const SALT_BYTES: usize = 16;
/// Hex digits of a number of the group.
const MAX_PUBLIC_KEY: usize = 1024;

/// Opens a session and says how the address signs in.
pub(super) async fn start(
    server: State,
    source: Source,
    Plain(request): Plain<AuthStartRequest>,
) -> Result<Json<AuthStartResponse>> {
    if request.email.len() > MAX_EMAIL || request.skid.len() > MAX_SECRET_KEY_ID {
        return Err(ApiError::bad_request("the e-mail address or the Secret Key's id is too long"));
    }
    take(&server, server.limits.sign_ins(), &source.network()).await?;
    let email = request.email.to_lowercase();
    let login_key = b64::encode(&server.keyed_hash("login", &email));
    refuse_after_failures(&server, &login_key).await?;
    let user = server.store.sign_in_by_email(&email).await?;
    let session_id = new_id().map_err(|error| ApiError::internal(&error))?.to_uppercase();
    let identity = user.as_ref().map(|user| Identity {
        user_uuid: user.uuid.clone(),
        account_uuid: user.account_uuid.clone(),
        role: user.role,
    });
    server
        .store
        .start_session(&session_id, &login_key, identity.as_ref(), &source.address(), now() + SIGN_IN_TTL)
        .await?;
    let user_auth = user.map_or_else(|| decoy(&server, &email), |user| user_auth(&user));
    Ok(Json(AuthStartResponse {
        status: Some("ok".to_owned()),
        session_id,
        account_key_format: Some(request.sk_format),
        // The id that the client sent. Only the proof shows whether it is the right one.
        account_key_uuid: Some(request.skid),
        user_auth: Some(user_auth),
    }))
}

/// Exchanges the public numbers.
pub(super) async fn exchange(
    server: State,
    headers: HeaderMap,
    Plain(request): Plain<AuthRequest>,
) -> Result<Json<AuthResponse>> {
    let id = session_id(&headers)?;
    exchange_by(&server, id, request, |verifier, b| Srp::new(verifier, b).map(|srp| srp.public_key_hex())).await
}

/// Exchanges the public numbers with an older client.
pub(super) async fn exchange_older(
    server: State,
    headers: HeaderMap,
    Plain(request): Plain<AuthRequest>,
) -> Result<Json<AuthResponse>> {
    let id = session_id(&headers)?;
    let session = id.to_owned();
    let public_key = move |verifier: &str, b| OlderSrp::new(verifier, b, &session).map(|srp| srp.public_key_hex());
    exchange_by(&server, id, request, public_key).await
}

async fn exchange_by(
    server: &State,
    id: &str,
    request: AuthRequest,
    public_key: impl FnOnce(&str, [u8; 32]) -> std::result::Result<String, SrpError> + Send + 'static,
) -> Result<Json<AuthResponse>> {
    let user_a = request.user_a;
    if user_a.is_empty() || user_a.len() > MAX_PUBLIC_KEY || !user_a.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApiError::bad_request("userA is not a number of the SRP group in hex"));
    }
    let session = server.store.started_session(id, now()).await?.ok_or_else(ApiError::unauthorized)?;
    refuse_after_failures(server, &session.login_key).await?;
    let verifier = verifier(server, session.user_uuid.as_ref()).await?.verifier;
    let server_secret = Zeroizing::new(random::<32>().map_err(|error| ApiError::internal(&error))?);
    let b = server_secret.clone();
    let user_b = server
        .heavy(move || public_key(&verifier, *b))
        .await
        .map_err(|error| ApiError::internal(&error))?
        .map_err(|error| ApiError::internal(&error))?;
    if !server.store.key_session(id, &user_a, &server_secret).await? {
        return Err(ApiError::unauthorized());
    }
    Ok(Json(AuthResponse { session_id: Some(id.to_owned()), user_b }))
}

/// Checks the client's proof and returns the server's. A session allows one proof.
pub(super) async fn confirm_key(
    server: State,
    headers: HeaderMap,
    Plain(request): Plain<ConfirmKeyRequest>,
) -> Result<Json<ConfirmKeyResponse>> {
    let id = session_id(&headers)?;
    let attempt = Attempt::at(&server, id).await?;
    let proof = attempt.compute(&server, |attempt| attempt.prove()).await?;
    let client_proof = b64::decode(&request.client_verify_hash).unwrap_or_default();
    match proof {
        Some(proof) if attempt.is_known && proof.verify_client(&client_proof).is_ok() => {
            server.store.confirm_session(id, &proof.session_key).await?;
            Ok(Json(ConfirmKeyResponse { server_verify_hash: b64::encode(&proof.m2) }))
        }
        _ => Err(attempt.failed(&server, id).await?),
    }
}

/// Confirm-key and complete in one, for older clients. That the client can seal the request
/// is its proof.
pub(super) async fn verify(server: State, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let body = bytes(Request::from_parts(parts.clone(), body), &server).await?;
    let id = session_id(&parts.headers)?;
    let attempt = Attempt::at(&server, id).await?;
    let session = id.to_owned();
    let key = attempt.compute(&server, move |attempt| attempt.older_key(&session)).await?;
    let (m1, m2) = older_proofs(&attempt.user.secret_key_id, id);
    let request = key.as_ref().and_then(|key| open_unproved(id, key, &body));
    match (key, request) {
        (Some(key), Some(request)) if attempt.is_known && request.client_verify_hash == m1 => {
            server.store.confirm_session(id, &key).await?;
            let sealed = SealedSignIn::from_request(Request::from_parts(parts, Body::from(body)), &server).await?;
            sign_in(&server, sealed, Some(m2)).await
        }
        _ => Err(attempt.failed(&server, id).await?),
    }
}

/// The body, if it is sealed with this key.
fn open_unproved(session: &str, key: &Zeroizing<[u8; 32]>, body: &[u8]) -> Option<VerifyRequest> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    let plain = envelope.open(&SessionKeys::new(session, key).key).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// The first sealed and signed request, which completes the sign-in.
pub(super) async fn complete(server: State, sealed: SealedSignIn) -> Result<Response> {
    sign_in(&server, sealed, None).await
}

async fn sign_in(
    server: &State,
    SealedSignIn { caller, claims }: SealedSignIn,
    server_verify_hash: Option<String>,
) -> Result<Response> {
    let session = caller.session_id();
    // The user has proved who they are, so they may see their state.
    let user = server.store.sign_in_by_user(caller.user()).await?.ok_or_else(ApiError::unauthorized)?;
    let barred = match user.state {
        UserState::Active => None,
        UserState::Pending => Some(ApiError::barred(
            error_code::USER_NOT_CONFIRMED,
            "you have joined, and an administrator of the account has yet to confirm you",
        )),
        UserState::Suspended => Some(ApiError::barred(
            error_code::USER_SUSPENDED,
            "you are suspended: ask an administrator of the account to reactivate you",
        )),
        UserState::Deleted => Some(ApiError::forbidden("an active user")),
    };
    if let Some(barred) = barred {
        server.store.drop_session(session).await?;
        return Err(barred);
    }
    // Before the session is signed in, so that no sign-in is missing in the log.
    server.store.record_sign_in(&caller.actor, &server.session_name(session)).await?;
    let ttl = i64::try_from(server.session_ttl.as_secs()).unwrap_or(i64::MAX);
    let started_at = now();
    // Last, as this function stops wherever it is when the client disconnects. A suspension after the check above ends
    // this session too: it ends all sessions of its user, including those that are not signed in yet.
    let ends_at = started_at.saturating_add(ttl);
    if !server.store.complete_session(caller.user(), session, &claims, started_at, ends_at).await? {
        return Err(ApiError::unauthorized());
    }
    caller.seal(&CompleteResponse {
        user_uuid: caller.user().to_string(),
        account_uuid: Some(caller.account().to_owned()),
        server_verify_hash,
    })
}

/// A sign-in whose client sends its proof. A session allows one proof.
#[derive(Clone)]
struct Attempt {
    login_key: String,
    is_known: bool,
    user: SignIn,
    server_secret: Zeroizing<[u8; 32]>,
    client_public: String,
}

impl Attempt {
    async fn at(server: &State, id: &str) -> Result<Self> {
        let session = server.store.prove_session(id, now()).await?.ok_or_else(ApiError::unauthorized)?;
        refuse_after_failures(server, &session.login_key).await?;
        let server_secret = <[u8; 32]>::try_from(session.server_secret.as_slice()).map(Zeroizing::new);
        Ok(Self {
            login_key: session.login_key,
            is_known: session.user_uuid.is_some(),
            user: verifier(server, session.user_uuid.as_ref()).await?,
            server_secret: server_secret.map_err(|_| ApiError::unauthorized())?,
            client_public: session.client_public,
        })
    }

    /// Runs work that takes some 10 ms.
    async fn compute<T: Send + 'static>(
        &self,
        server: &State,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T> {
        let attempt = self.clone();
        let done = server.heavy(move || work(&attempt)).await.map_err(|error| ApiError::internal(&error))?;
        // Checked again, as proofs that arrived together all passed the first check before they waited for each other.
        refuse_after_failures(server, &self.login_key).await?;
        Ok(done)
    }

    /// The SRP computation. None: SRP forbids the client's number.
    fn prove(&self) -> Option<ServerProof> {
        let user = &self.user;
        let srp = Srp::new(&user.verifier, *self.server_secret).ok()?;
        let params = Params { email: &user.email, secret_key_id: &user.secret_key_id, salt: &user.salt };
        srp.finish(&self.client_public, &params).ok()
    }

    /// The key that this server shares with an older client that knows the user's secret.
    fn older_key(&self, session: &str) -> Option<Zeroizing<[u8; 32]>> {
        let srp = OlderSrp::new(&self.user.verifier, *self.server_secret, session).ok()?;
        srp.finish(&self.client_public).ok()
    }

    /// Counts the failure, ends the session, and returns the answer.
    async fn failed(&self, server: &State, id: &str) -> Result<ApiError> {
        take(server, server.limits.failures(), &self.login_key).await?;
        // docs/operate.md has a filter of fail2ban for this.
        tracing::warn!("sign-in refused");
        server.store.drop_session(id).await?;
        Ok(ApiError::unauthorized())
    }
}

/// What the user's proof is checked against. No proof is right for an unknown user.
async fn verifier(server: &State, user: Option<&UserId>) -> Result<SignIn> {
    let nobody = UserId::from_server("");
    // The query runs in either case, so that both take equally long.
    let user = server.store.sign_in_by_user(user.unwrap_or(&nobody)).await?;
    Ok(user.unwrap_or_else(|| SignIn {
        uuid: nobody,
        account_uuid: String::new(),
        role: Role::Member,
        email: String::new(),
        method: String::new(),
        alg: String::new(),
        iterations: 0,
        salt: vec![0; SALT_BYTES],
        secret_key_id: String::new(),
        verifier: server.decoy_verifier.clone(),
        state: UserState::Deleted,
    }))
}

fn user_auth(user: &SignIn) -> UserAuth {
    UserAuth {
        method: user.method.clone(),
        alg: user.alg.clone(),
        iterations: user.iterations,
        salt: b64::encode(&user.salt),
    }
}

/// How an unknown address would sign in. As for a known one, each request gets the same answer.
fn decoy(server: &State, email: &str) -> UserAuth {
    let hash = server.keyed_hash("salt", email);
    let (salt, _) = hash.split_at(SALT_BYTES);
    UserAuth {
        method: kdf::METHOD.to_owned(),
        alg: kdf::ALG.to_owned(),
        iterations: kdf::DEFAULT_ITERATIONS,
        salt: b64::encode(salt),
    }
}

/// Refuses an address with too many wrong proofs lately, whether it is known or not.
async fn refuse_after_failures(server: &State, login_key: &str) -> Result<()> {
    refuse_exhausted(server.quota.usage(&server.store, server.limits.failures(), login_key, now()).await?)
}
