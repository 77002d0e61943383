//! Converts reqwest's errors into the core's.

use std::{error::Error, io};

use op_core::host::{TransportError, TransportErrorKind};

/// Returns the kind and the causes of a failure, without the URL, which contains ids of vaults and items.
pub(crate) fn describe(error: &reqwest::Error, proxy: String) -> TransportError {
    TransportError { proxy: Some(proxy), ..TransportError::new(kind(error), causes(error)) }
}

fn kind(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_builder() {
        TransportErrorKind::InvalidRequest
    } else if sources(error).any(is_tls) {
        TransportErrorKind::Tls
    } else if error.is_connect() {
        // Checked before timeouts: if connecting timed out, the server has received nothing.
        connect_kind(error)
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_request() || error.is_body() || error.is_decode() {
        TransportErrorKind::Interrupted
    } else {
        TransportErrorKind::Other
    }
}

/// Recognises DNS and tunnel errors by their text, because the libraries' types for them are private.
fn connect_kind(error: &reqwest::Error) -> TransportErrorKind {
    let is = |what: fn(&(dyn Error + 'static)) -> bool| sources(error).any(what);
    if is(|cause| cause.to_string().starts_with("dns error")) {
        TransportErrorKind::Dns
    } else if is(|cause| {
        cause.downcast_ref().is_some_and(|io: &io::Error| io.kind() == io::ErrorKind::ConnectionRefused)
    }) {
        TransportErrorKind::Refused
    } else if is(|cause| cause.to_string().starts_with("tunnel error: ")) {
        TransportErrorKind::Proxy
    } else {
        TransportErrorKind::Connect
    }
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// rustls wraps its errors in one or two [`io::Error`]s, whose `source` skips the wrapped error.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let wrapped = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || wrapped.is_some_and(|inner| is_tls(inner))
}

fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in sources(error).map(ToString::to_string) {
        // The client's own error says only which step failed, and wrapping errors repeat the text of the wrapped one.
        if !text.starts_with("client error (") && !texts.iter().any(|earlier| earlier.contains(&text)) {
            texts.push(text);
        }
    }
    if texts.is_empty() { "the request failed".to_owned() } else { texts.join(": ") }
}
