//! Extractors: who is calling, and the contents of the body.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use op_protocol::envelope::Envelope;
use op_protocol::id::{GroupId, InviteId, ItemId, ShareId, UserId, VaultId};
use op_protocol::rest::CompleteRequest;
use op_protocol::session::SessionKeys;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::Reads;
use super::error::{ApiError, Result};
use super::rate_limit_headers::Counted;
use crate::State;
use crate::ids::IdText;
use crate::policy::account::{Role, Standing};
use crate::policy::limits::{FRESH_SECONDS, Limit};
use crate::quota::Usage;
use crate::store::audit::Actor;
use crate::store::sessions::{Claims, Identity, Progress};
use crate::system::{now, random};

pub(super) const SESSION_HEADER: &str = "x-agilebits-session-id";
const MAC_HEADER: &str = "x-agilebits-mac";
/// More than the length of this server's session ids.
const MAX_SESSION_ID: usize = 64;
/// The most characters of a claim that are kept.
const MAX_CLAIM: usize = 100;

/// Handlers take the open server as it is.
impl FromRequestParts<Self> for State {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, server: &Self) -> std::result::Result<Self, Infallible> {
        Ok(server.clone())
    }
}

/// The signed-in user of a request whose signature is valid.
pub(super) struct Caller {
    /// The author of the changes that the request makes.
    pub(super) actor: Actor,
    identity: Identity,
    session: SessionKeys,
    signed_in_at: i64,
}

impl FromRequestParts<State> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &State) -> Result<Self> {
        let caller = authenticate(parts, server, Progress::Complete).await?;
        if !is_read(parts) {
            take_once(&parts.headers, server, caller.session_id()).await?;
        }
        caller.count(parts, server).await?;
        Ok(caller)
    }
}

impl Caller {
    pub(super) fn user(&self) -> &UserId {
        &self.identity.user_uuid
    }

    pub(super) fn account(&self) -> &str {
        &self.identity.account_uuid
    }

    pub(super) fn is_service_account(&self) -> bool {
        self.identity.role == Role::Service
    }

    /// The caller's standing in the account now, which may have changed since the sign-in.
    pub(super) async fn standing(&self, server: &State) -> Result<Standing> {
        server.store.standing(self.user()).await?.ok_or_else(ApiError::unauthorized)
    }

    pub(super) fn session_id(&self) -> &str {
        &self.session.id
    }

    /// Refuses what a stolen session must not be enough for, unless the user has just proved their password.
    pub(super) fn require_fresh(&self) -> Result<()> {
        if now().saturating_sub(self.signed_in_at) <= FRESH_SECONDS {
            return Ok(());
        }
        Err(ApiError::forbidden(&format!("a sign-in in the last {} minutes: sign in again", FRESH_SECONDS / 60)))
    }

    /// An answer that only this session's client can read.
    pub(super) fn seal<T: Serialize>(&self, answer: &T) -> Result<Response> {
        let plain = serde_json::to_vec(answer).map_err(|error| ApiError::internal(&error))?;
        let nonce = random().map_err(|error| ApiError::internal(&error))?;
        Ok(axum::Json(Envelope::seal_in_place(&self.session.key, nonce, plain)).into_response())
    }

    /// Counts the request of a service account against its own limits. It counts against the account's too once it has
    /// succeeded, so that what is refused is at nobody else's cost.
    async fn count(&self, parts: &Parts, server: &State) -> Result<()> {
        if !self.is_service_account() {
            return Ok(());
        }
        let counted = parts.extensions.get::<Counted>();
        let report = |limit, usage| {
            if let Some(counted) = counted {
                counted.add(limit, usage);
            }
            refuse_exhausted(usage)
        };
        let hourly = if is_read(parts) { server.limits.reads() } else { server.limits.writes() };
        for limit in [hourly, server.limits.share_of_account()] {
            report(limit, server.quota.take(&server.store, limit, self.user().as_str(), now()).await?)?;
        }
        let limit = server.limits.account_requests();
        report(limit, server.quota.usage(&server.store, limit, self.account(), now()).await?)?;
        if let Some(counted) = counted {
            counted.owe(self.account());
        }
        Ok(())
    }
}

/// Counts one request; refuses it when the limit is exhausted.
pub(super) async fn take(server: &State, limit: Limit, subject: &str) -> Result<()> {
    refuse_exhausted(server.quota.take(&server.store, limit, subject, now()).await?)
}

/// Refuses a request when the limit was exhausted before it.
pub(super) fn refuse_exhausted(usage: Usage) -> Result<()> {
    if usage.exhausted() { Err(ApiError::too_many_requests(usage.resets_in)) } else { Ok(()) }
}

fn is_read(parts: &Parts) -> bool {
    parts.extensions.get::<Reads>().is_some_and(|reads| reads.0)
}

/// Refuses a request that somebody sends once more. Its signature is valid: only its number tells.
async fn take_once(headers: &HeaderMap, server: &State, session: &str) -> Result<()> {
    let number = text(headers, MAC_HEADER).and_then(|header| header.split('|').nth(1)?.parse().ok());
    let number = number.ok_or_else(ApiError::unauthorized)?;
    if server.store.take_request(session, number).await? {
        return Ok(());
    }
    let message = format!("the request {number} of this session was taken before: sign each request with a new number");
    Err(ApiError::bad_request(message))
}

/// The session of the request, if the request is signed with its key and the session has this progress.
async fn authenticate(parts: &Parts, server: &State, progress: Progress) -> Result<Caller> {
    let id = session_id(&parts.headers)?;
    let live = server.store.live_session(id, now()).await?.ok_or_else(ApiError::unauthorized)?;
    let key = <[u8; 32]>::try_from(live.key.as_slice()).map(Zeroizing::new).map_err(|_| ApiError::unauthorized())?;
    let session = SessionKeys::new(id, &key);
    let signature = text(&parts.headers, MAC_HEADER).ok_or_else(ApiError::unauthorized)?;
    let host = host(parts).ok_or_else(|| ApiError::bad_request("the request does not name a host"))?;
    let path_and_query = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if live.progress != progress || !session.mac.verify(parts.method.as_str(), &host, path_and_query, signature) {
        return Err(ApiError::unauthorized());
    }
    let span = tracing::Span::current();
    span.record("user", live.identity.user_uuid.as_str()).record("account", &live.identity.account_uuid);
    let source = Source::of(parts);
    let actor = source.actor(&live.identity.account_uuid, &live.identity.user_uuid);
    let actor = Actor { session: Some(id.to_owned()), ..actor };
    Ok(Caller { actor, identity: live.identity, session, signed_in_at: live.started_at })
}

/// The id of a request in the log; the logging layer sets it.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) String);

/// The client's network address, or that of a proxy that is not trusted; the logging layer sets it.
#[derive(Clone, Copy)]
pub(super) struct ClientAddress(pub(super) Option<IpAddr>);

/// Where a request comes from.
pub(super) struct Source {
    client: Option<IpAddr>,
    request_id: String,
}

impl Source {
    fn of(parts: &Parts) -> Self {
        Self {
            client: parts.extensions.get::<ClientAddress>().and_then(|client| client.0),
            request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        }
    }

    pub(super) fn address(&self) -> String {
        self.client.map_or_else(|| "unknown".to_owned(), |client| client.to_string())
    }

    /// A user without a session as the author of changes from this address.
    pub(super) fn actor(&self, account: &str, user: &UserId) -> Actor {
        Actor {
            account: account.to_owned(),
            user: user.clone(),
            session: None,
            address: self.address(),
            request_id: self.request_id.clone(),
        }
    }

    /// The unit of rate limits: an IPv4 address, or the /64 network of an IPv6 address, as one customer usually has all
    /// of it.
    pub(super) fn network(&self) -> String {
        match self.client {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
            None => "unknown".to_owned(),
        }
    }
}

impl FromRequestParts<State> for Source {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> std::result::Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// The session id header.
pub(super) fn session_id(headers: &HeaderMap) -> Result<&str> {
    text(headers, SESSION_HEADER).filter(|id| id.len() <= MAX_SESSION_ID).ok_or_else(ApiError::unauthorized)
}

pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The host that the client addressed, which its signature covers: from the absolute URL that a proxy gets (or
/// HTTP/2's `:authority`), otherwise from the Host header.
fn host(parts: &Parts) -> Option<String> {
    Some(authority(&parts.uri, &parts.headers)?.host().to_owned())
}

/// The same with the port, if there is one.
pub(super) fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    match uri.authority() {
        Some(authority) => Some(authority.clone()),
        None => text(headers, header::HOST.as_str())?.parse().ok(),
    }
}

/// The values of `?name=a,b`.
pub(super) fn query_list(uri: &Uri, name: &str) -> Vec<String> {
    let mut list = Vec::new();
    for (key, values) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if key == name {
            list.extend(values.split(',').filter(|value| !value.is_empty()).map(str::to_owned));
        }
    }
    list
}

/// A sealed JSON body and who sent it.
pub(super) struct Sealed<T> {
    pub(super) caller: Caller,
    pub(super) body: T,
}

impl<T: DeserializeOwned> FromRequest<State> for Sealed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &State) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, server).await?;
        let body = open(&caller, Request::from_parts(parts, body), server).await?;
        Ok(Self { caller, body })
    }
}

/// The last request of a sign-in: sealed and signed like all later ones, before the session counts as signed in.
pub(super) struct SealedSignIn {
    pub(super) caller: Caller,
    /// What the client says about itself.
    pub(super) claims: Claims,
}

impl FromRequest<State> for SealedSignIn {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &State) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let caller = authenticate(&parts, server, Progress::Confirmed).await?;
        let (program, machine) = (program(&parts.headers), machine(&parts.headers));
        let CompleteRequest { client, .. } = open(&caller, Request::from_parts(parts, body), server).await?;
        Ok(Self { caller, claims: Claims { client: claim(&client), program, machine } })
    }
}

/// The program and its version: what follows `<product> <language> SDK/<version>` in the user agent, as in
/// `<product> <language> SDK/<version> <program>/<version>`. The program's name may have blanks.
fn program(headers: &HeaderMap) -> String {
    let agent = text(headers, header::USER_AGENT.as_str()).unwrap_or_default();
    let after_sdk = agent.split_once(" SDK/").and_then(|(_, rest)| rest.split_once(' '));
    claim(after_sdk.map_or(agent, |(_, program)| program))
}

/// The machine: its name, system and processor, which are the columns 5, 9 and 11 of `op-user-agent`. Bars separate
/// them.
fn machine(headers: &HeaderMap) -> String {
    let columns: Vec<&str> = text(headers, "op-user-agent").unwrap_or_default().split('|').collect();
    let parts = [4, 8, 10].into_iter().filter_map(|at| columns.get(at).copied().filter(|part| !part.is_empty()));
    claim(&parts.collect::<Vec<_>>().join(" "))
}

/// The part of a client's claim about itself that is kept.
fn claim(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MAX_CLAIM).collect()
}

async fn open<T: DeserializeOwned>(caller: &Caller, request: Request, server: &State) -> Result<T> {
    let envelope: Envelope = json(&bytes(request, server).await?)?;
    let plain = envelope
        .open(&caller.session.key)
        .map_err(|error| ApiError::bad_request(format!("the body is not sealed with the session key: {error}")))?;
    json(&plain)
}

/// A JSON body in the clear, whatever its content type says: the official clients send none.
pub(super) struct Plain<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<State> for Plain<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &State) -> Result<Self> {
        json(&bytes(request, server).await?).map(Self)
    }
}

/// The body of a request, within the bounds of its route.
pub(super) async fn bytes(request: Request, server: &State) -> Result<Bytes> {
    Bytes::from_request(request, server).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
        status => ApiError::new(status, "the body did not arrive completely"),
    })
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::bad_request(format!("the body is not valid for this route: {error}")))
}

/// Declares extractors of the ids in a path; what has not the form of an id is the id of nothing.
macro_rules! id_paths {
    ($($(#[$doc:meta])* $name:ident { $($id:ident: $type:ty),+ })+) => {$(
        $(#[$doc])*
        pub(super) struct $name { $(pub(super) $id: $type),+ }

        impl FromRequestParts<State> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, server: &State) -> Result<Self> {
                let Path(($($id,)+)) = path(parts, server).await?;
                Ok(Self { $($id: checked_id($id, stringify!($id))?.into()),+ })
            }
        }
    )+};
}

id_paths! {
    VaultPath { vault: VaultId }
    ItemPath { vault: VaultId, item: ItemId }
    /// A vault, one of its items, and one of that item's files.
    FilePath { vault: VaultId, item: ItemId, file: String }
    GroupPath { group: GroupId }
    UserPath { user: UserId }
    InvitePath { invite: InviteId }
    /// A group and one of its members.
    MemberPath { group: GroupId, user: UserId }
    /// A vault and a group with access to it.
    VaultGroupPath { vault: VaultId, group: GroupId }
    /// A vault and a user with access to it.
    VaultUserPath { vault: VaultId, user: UserId }
    SharePath { share: ShareId }
    /// A file of a share.
    SharedFilePath { file: String }
    /// A vault and its next key.
    RotationPath { vault: VaultId, key: String }
}

/// A vault and the version of its content that a change builds on.
pub(super) struct ChangePath {
    pub(super) vault: VaultId,
    pub(super) content_version: u32,
}

impl FromRequestParts<State> for ChangePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &State) -> Result<Self> {
        let Path((vault, content_version)) = path::<(String, u32)>(parts, server).await?;
        Ok(Self { vault: checked_id(vault, "vault")?.into(), content_version })
    }
}

async fn path<T: DeserializeOwned + Send>(parts: &mut Parts, server: &State) -> Result<Path<T>> {
    Path::from_request_parts(parts, server).await.map_err(|_| ApiError::bad_request("the path is malformed"))
}

/// What has not the form of an id is the id of nothing.
fn checked_id(text: String, what: &str) -> Result<IdText> {
    IdText::checked(text).ok_or_else(|| ApiError::not_found(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_queries_are_decoded() {
        let uri: Uri = "/api?uuids=a,b%2Cc&attrs=combined%2daccess&uuids=,d".parse().unwrap();
        assert_eq!(query_list(&uri, "uuids"), ["a", "b", "c", "d"]);
        assert_eq!(query_list(&uri, "attrs"), ["combined-access"]);
        assert_eq!(query_list(&uri, "limit"), <[&str; 0]>::default());
    }
}
