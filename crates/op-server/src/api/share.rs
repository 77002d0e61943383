//! Shares, for whoever has a link. There is no session: the token and the ticket in each request say what it may do.
//! Web pages other than the server's own may not call these routes.

use axum::Json;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use op_protocol::b64;
use op_protocol::rest::{
    OpenShareRequest, ShareCodeRequest, ShareContent, ShareRecipient, ShareState, ShareStatus, ShareTicket,
    VerifyShareRequest, error_code,
};
use op_protocol::share::{CODE_LENGTH, stored_hash};
use subtle::ConstantTimeEq;

use super::answer::{Success, stored, success};
use super::error::{ApiError, Result};
use super::extract::{Plain, SharedFilePath, Source, take, text};
use super::range::{Asked, asked};
use super::time;
use crate::State;
use crate::mail::Code;
use crate::policy::shares::{MAX_CODES, MAX_CODES_OF_SHARE, is_listed, is_recipient};
use crate::store::share_codes::CodeOwner;
use crate::store::share_views::{Bearer, Found, Opened};
use crate::system::{now, now_micros, random};

/// Whoever has a link. Their requests are counted for each network address.
pub(super) struct Visitor {
    source: Source,
}

impl FromRequestParts<State> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, server: &State) -> Result<Self> {
        let source = Source::from_request_parts(parts, server).await.unwrap_or_else(|never| match never {});
        take(server, server.limits.share_requests(), &source.network()).await?;
        Ok(Self { source })
    }
}

/// Answers of these routes are kept nowhere.
pub(super) async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

pub(super) async fn status(server: State, _: Visitor, Plain(ticket): Plain<ShareTicket>) -> Result<Json<ShareStatus>> {
    let found = find(&server, &bearer(&ticket)?).await?;
    let now = now();
    Ok(Json(ShareStatus {
        state: found.access.state(now),
        needs_email: found.viewer.is_none(),
        needs_password: found.has_password(),
        views_left: found.access.views_left(),
        is_open: found.access.is_open(now),
        expires_at: time::write(found.access.expires_at),
        now: time::write_millis(now_micros()),
        files: found.files,
        sender: found.sender,
        account: found.account,
    }))
}

/// Sends a code. The answer, and the work before it, are the same for addresses that are not invited.
pub(super) async fn code(server: State, _: Visitor, Plain(body): Plain<ShareCodeRequest>) -> Result<Json<Success>> {
    let proof = AddressProof::of(&server, &body.share, &body.email).await?;
    let mailer = server.mailer.clone().ok_or_else(no_mail)?;
    let now = now();
    for (of, most) in
        [(b64::encode(&proof.email_hash).as_str(), MAX_CODES), (proof.bearer.share.as_str(), MAX_CODES_OF_SHARE)]
    {
        if let Some(seconds) = server.store.count_code(&format!("share-codes:{of}"), most, now).await? {
            return Err(ApiError::too_many_requests(seconds));
        }
    }
    let digits = digits()?;
    server.store.store_code(&proof.owner(), &proof.code_hash(&server, &digits), now).await?;
    if proof.is_invited() {
        let code = Code { to: proof.email, digits, sender: proof.found.sender, account: proof.found.account };
        // Nobody waits for it, so that the time of the answer does not tell.
        tokio::spawn(async move { mailer.send(code).await });
    }
    Ok(success())
}

pub(super) async fn verify(server: State, _: Visitor, Plain(body): Plain<VerifyShareRequest>) -> Result<Json<Success>> {
    let proof = AddressProof::of(&server, &body.share, &body.email).await?;
    let expired = || {
        let message = "the code is too old, or was tried too often: ask for a new one";
        ApiError::barred(error_code::SHARE_CODE_EXPIRED, message)
    };
    let tried = server.store.try_code(&proof.owner(), now()).await?.ok_or_else(expired)?;
    let is_right = bool::from(tried.code_hash.as_slice().ct_eq(&proof.code_hash(&server, &body.code)));
    if is_right && proof.is_invited() {
        server.store.verify_ticket(&proof.bearer, &proof.email).await?;
        server.store.drop_code(&proof.owner()).await?;
        return Ok(success());
    }
    if tried.is_last {
        return Err(expired());
    }
    Err(ApiError::barred(error_code::SHARE_WRONG_CODE, "this is not the code that was sent last: try again"))
}

/// Somebody's claim to an e-mail address.
struct AddressProof<'a> {
    bearer: Bearer,
    ticket: &'a str,
    found: Found,
    email: String,
    email_hash: [u8; 32],
}

impl<'a> AddressProof<'a> {
    async fn of(server: &State, ticket: &'a ShareTicket, email: &str) -> Result<Self> {
        let bearer = bearer(ticket)?;
        let found = find(server, &bearer).await?;
        match found.access.shared_state(now()) {
            ShareState::Active => {}
            ended => return Err(gone(ended)),
        }
        if found.recipients.is_none() {
            return Err(ApiError::bad_request(
                "anyone who has the link can open this share: it needs no e-mail address",
            ));
        }
        let email = email.trim().to_lowercase();
        if !is_recipient(&ShareRecipient::Email { email: email.clone() }) {
            return Err(ApiError::bad_request("the e-mail address is malformed"));
        }
        let email_hash = server.keyed_hash("share-email", &format!("{}\0{email}", bearer.share));
        Ok(Self { bearer, ticket: &ticket.ticket, found, email, email_hash })
    }

    fn is_invited(&self) -> bool {
        let recipient = ShareRecipient::Email { email: self.email.clone() };
        self.found.recipients.as_deref().is_some_and(|list| is_listed(list, &recipient))
    }

    fn owner(&self) -> CodeOwner<'_> {
        CodeOwner { share: &self.bearer.share, ticket_hash: &self.bearer.ticket_hash, email_hash: &self.email_hash }
    }

    fn code_hash(&self, server: &State, digits: &str) -> [u8; 32] {
        server.keyed_hash("share-code", &format!("{}\0{}\0{digits}", self.bearer.share, self.ticket))
    }
}

/// The digits of a code.
fn digits() -> Result<String> {
    // Of 2^64 numbers, the remainder of each is as likely as the others to one part in 10^13.
    let number =
        u64::from_le_bytes(random().map_err(|error| ApiError::internal(&error))?) % 10_u64.pow(CODE_LENGTH as u32);
    Ok(format!("{number:0CODE_LENGTH$}"))
}

pub(super) async fn open(
    server: State,
    Visitor { source }: Visitor,
    Plain(body): Plain<OpenShareRequest>,
) -> Result<Json<ShareContent>> {
    let proof = body.password_proof.as_deref().map(stored_hash);
    match server.store.open_share(&bearer(&body.share)?, proof, &source.address(), now()).await? {
        Opened::Content { enc_overview, enc_details, found } => Ok(Json(ShareContent {
            enc_overview: stored(&enc_overview)?,
            enc_details: stored(&enc_details)?,
            views_left: found.access.views_left(),
            expires_at: time::write(found.access.expires_at),
            now: time::write_millis(now_micros()),
            template_uuid: found.template,
        })),
        Opened::Gone(state) => Err(gone(state)),
        Opened::NeedsEmail => Err(ApiError::barred(
            error_code::SHARE_NEEDS_EMAIL,
            "this share is for certain people: prove your e-mail address first",
        )),
        Opened::WrongPassword => {
            Err(ApiError::barred(error_code::SHARE_WRONG_PASSWORD, "the password is missing or wrong"))
        }
        Opened::Locked(seconds) => Err(ApiError::too_many_requests(seconds)),
        Opened::Nothing => Err(ApiError::not_found("share")),
    }
}

pub(super) async fn end(server: State, _: Visitor, Plain(ticket): Plain<ShareTicket>) -> Result<Json<Success>> {
    let bearer = bearer(&ticket)?;
    let found = find(&server, &bearer).await?;
    match server.store.end_share_for(&bearer, now()).await? {
        Some(true) => Ok(success()),
        _ => match found.access.shared_state(now()) {
            ShareState::Active => Err(not_open()),
            ended => Err(gone(ended)),
        },
    }
}

/// A file of a share that the ticket has open: all of it, or the range that the request asks for.
pub(super) async fn file(
    server: State,
    _: Visitor,
    SharedFilePath { file }: SharedFilePath,
    headers: HeaderMap,
) -> Result<Response> {
    let ticket = authorization(&headers).ok_or_else(|| {
        let message = "the header `Authorization` must be `Share <share>.<token>.<ticket>`";
        ApiError::new(StatusCode::UNAUTHORIZED, message)
    })?;
    let bearer = bearer(&ticket)?;
    let found = find(&server, &bearer).await?;
    if !found.access.is_open(now()) {
        return Err(match found.access.state(now()) {
            ShareState::Active => not_open(),
            ended => gone(ended),
        });
    }
    let size = server.store.size_of_shared_file(&bearer, &file).await?.ok_or_else(|| ApiError::not_found("file"))?;
    let asked = asked(&headers, &file, size);
    let mut response = match &asked {
        Asked::Nothing => StatusCode::RANGE_NOT_SATISFIABLE.into_response(),
        Asked::All | Asked::Part(_) => {
            let part = if let Asked::Part(part) = &asked { part.clone() } else { 0..size };
            let length = part.end - part.start;
            let content = server.files.read_part(&file, part).await.map_err(|error| ApiError::internal(&error))?;
            let mut response = content.into_response();
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            response
        }
    };
    if let Some(range) = asked.content_range(size) {
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    if let Asked::Part(_) = asked {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(tag) = HeaderValue::try_from(format!("\"{file}\"")) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// The ticket in `Authorization: Share <share>.<token>.<ticket>`.
fn authorization(headers: &HeaderMap) -> Option<ShareTicket> {
    let mut parts = text(headers, header::AUTHORIZATION.as_str())?.strip_prefix("Share ")?.split('.');
    let mut next = || parts.next().map(str::to_owned);
    Some(ShareTicket { uuid: next()?, token: next()?, ticket: next()? })
}

/// What has not the form of an id is the id of nothing.
fn bearer(ticket: &ShareTicket) -> Result<Bearer> {
    let share = ticket.uuid.parse().map_err(|_| ApiError::not_found("share"))?;
    Ok(Bearer { share, token_hash: stored_hash(&ticket.token), ticket_hash: stored_hash(&ticket.ticket) })
}

/// A wrong token is answered as an unknown share is.
async fn find(server: &State, bearer: &Bearer) -> Result<Found> {
    server.store.find_share(bearer).await?.ok_or_else(|| ApiError::not_found("share"))
}

fn not_open() -> ApiError {
    ApiError::forbidden("the share to be open: open it first")
}

fn no_mail() -> ApiError {
    let message = "this server cannot send mail at present: ask the sender for a link that needs no e-mail address";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, message)
}

fn gone(state: ShareState) -> ApiError {
    let (code, message) = match state {
        ShareState::Active | ShareState::Expired => (error_code::SHARE_EXPIRED, "this share has expired"),
        ShareState::Spent => (error_code::SHARE_SPENT, "this share was viewed as often as it may be"),
        ShareState::Revoked => (error_code::SHARE_REVOKED, "this share was revoked"),
        ShareState::Ended => (error_code::SHARE_ENDED, "this share was ended by its recipient"),
    };
    ApiError { code: Some(code), ..ApiError::new(StatusCode::GONE, message) }
}
