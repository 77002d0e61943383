//! What all exchanges with the account server share: signing, opening responses, and naming failures.

use std::time::Duration;

use op_protocol::{
    envelope::{EnvelopeError, EnvelopeRef},
    json,
    rest::{
        ErrorBody,
        routes::{Resource, Target},
    },
};
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind, Result},
    host::{Crypto, HttpRequest, HttpResponse, MAX_RESPONSE_BYTES, TransportError, TransportErrorKind},
    wire::{address::Address, opener::Opener, session::Session},
};

/// The longest part of a server's message that an error quotes, in characters.
const MAX_REASON: usize = 300;

/// Adds the session's id and signature.
pub(crate) fn sign(request: &mut HttpRequest, session: &Session) {
    let mac = session.keys.mac.header(request.method.as_str(), &request.url, session.request_id());
    request.headers.push(("x-agilebits-session-id", session.keys.id.clone()));
    request.headers.push(("x-agilebits-mac", mac));
}

/// Opens a sealed response body.
pub(crate) async fn open(crypto: &dyn Crypto, session: &Session, body: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let refuse =
        |reason: &str| Error::new(ErrorKind::InvalidResponse, format_args!("when decrypting request body: {reason}"));
    let envelope: EnvelopeRef<'_> = json::decode(body)
        .map_err(|_| refuse("the response is not an encrypted envelope; a proxy may have answered for the server"))?;
    Opener::new(crypto, &session.keys.key).open(&envelope).await.map_err(|error| match error {
        EnvelopeError::Tampered => refuse("Aes(GcmFailedToDecrypt)"),
        member => refuse(&format!("the envelope does not belong to this session: {member}")),
    })
}

/// Returns the response to a request, or the failure for its status. docs/decisions/0063 says what a failure names.
pub(crate) fn checked(response: HttpResponse, target: &Target) -> Result<HttpResponse> {
    let resource = target.resource;
    let error = match response.status {
        200..=299 => return Ok(response),
        400 => Error::new(ErrorKind::BadRequest, ""),
        401 => Error::new(ErrorKind::BadCredentials, "failed to authenticate"),
        403 => Error::new(ErrorKind::PermissionDenied, resource.operation()),
        404 => Error::new(ErrorKind::NotFound, resource.noun()),
        408 => Error::new(ErrorKind::Timeout, ""),
        409 => Error::new(ErrorKind::Conflict, resource.operation()),
        413 if resource == Resource::File => Error::new(ErrorKind::FileTooBig, ""),
        429 => Error::new(ErrorKind::RateLimitExceeded, resource.operation()).with_retry_after(retry_after(&response)),
        500 => Error::new(ErrorKind::ServerError, "internal server error"),
        status => Error::new(ErrorKind::UnexpectedStatus, status_text(status)).with_retryable(status > 500),
    };
    let error = match (resource, response.status) {
        (Resource::GroupAccess, 403) => error.with_text("you don't have the right permissions to access this resource"),
        (Resource::GroupAccess, 404) => error.with_text("resource not found"),
        _ => error,
    };
    let error = with_refusal(error, &response);
    let ids = ids_of(target, error.message());
    let error = if ids.is_empty() { error } else { error.with_reason(ids) };
    Err(error.with_status(response.status))
}

/// Adds the server's reason for its refusal.
pub(crate) fn with_refusal(error: Error, response: &HttpResponse) -> Error {
    match refusal(response).map(|refusal| printable(&refusal.error_message)) {
        Some(reason) if !reason.is_empty() => error.with_reason(reason),
        _ => error,
    }
}

/// Reads the body of a refusal. A proxy that answers for the server may send another body.
pub(crate) fn refusal(response: &HttpResponse) -> Option<ErrorBody> {
    json::decode(&response.body).ok()
}

/// Returns a server's text on one line, cut to a reasonable length.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_REASON).collect()
}

/// Returns the ids in a request that `message` does not name, as in ``item `a…` of vault `b…` ``.
fn ids_of(target: &Target, message: &str) -> String {
    let ids = target.values().rev().filter(|(name, id)| *name != "content_version" && !message.contains(id));
    ids.map(|(name, id)| format!("{name} `{id}`")).collect::<Vec<_>>().join(" of ")
}

/// Returns the failure of a request that got no response from the server at this address.
pub(crate) fn failure(error: &TransportError, address: &Address) -> Error {
    let server = address.server();
    let (way, peer) = match error.proxy.as_deref() {
        None => (String::new(), "server"),
        Some("") => (", without a proxy".to_owned(), "server"),
        Some(proxy) => (format!(", through the proxy {proxy}"), "proxy"),
    };
    let what = match error.kind {
        TransportErrorKind::Dns => format!("the name of the {peer} does not resolve"),
        TransportErrorKind::Refused => format!("the {peer} refuses connections"),
        TransportErrorKind::Connect => format!("no connection to the {peer} could be made"),
        TransportErrorKind::Proxy => "the proxy did not connect to the server".to_owned(),
        TransportErrorKind::Interrupted => "the connection broke off".to_owned(),
        TransportErrorKind::Timeout => "no answer in time".to_owned(),
        TransportErrorKind::Tls => "TLS failed; a certificate of an authority of your own has to be trusted".to_owned(),
        TransportErrorKind::InvalidRequest => "the request could not be made".to_owned(),
        TransportErrorKind::TooLarge => format!(
            "the response is longer than {MAX_RESPONSE_BYTES} bytes, which none of an account server is; a proxy \
             may have answered for the server"
        ),
        TransportErrorKind::Other => "the request failed".to_owned(),
    };
    let details = format!("{server}{way}: {what} ({})", printable(&error.message));
    let failure = match error.kind {
        TransportErrorKind::Timeout => Error::new(ErrorKind::Timeout, "").with_reason(details),
        TransportErrorKind::TooLarge => Error::new(ErrorKind::InvalidResponse, details),
        kind => Error::new(ErrorKind::Network, details)
            .with_retryable(!matches!(kind, TransportErrorKind::Tls | TransportErrorKind::InvalidRequest)),
    };
    failure.with_cause(error)
}

/// Returns the wait that a server asks for, in whole seconds. Account servers do not use the date form of the header.
pub(crate) fn retry_after(response: &HttpResponse) -> Option<Duration> {
    response.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// Returns a status with its name, as in `503 Service Unavailable`.
pub(crate) fn status_text(status: u16) -> String {
    let reason = match status {
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        402 => "Payment Required",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        410 => "Gone",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        422 => "Unprocessable Entity",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        507 => "Insufficient Storage",
        _ => return status.to_string(),
    };
    format!("{status} {reason}")
}
