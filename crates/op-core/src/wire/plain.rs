//! Requests without a session, whose bodies are protected by TLS alone.

use std::time::Duration;

use op_protocol::rest::routes::Target;
use serde::Serialize;

use crate::{
    config::Options,
    error::{Error, ErrorKind, Result},
    host::{Host, HttpRequest, HttpResponse},
    wire::{
        address::Address,
        api::{encode, transfer_time},
        transport,
    },
};

type Headers = Vec<(&'static str, String)>;

/// Posts `body`, and returns the response, whatever its status.
pub(crate) async fn post(
    host: &dyn Host,
    address: &str,
    target: &Target,
    headers: Headers,
    body: &impl Serialize,
) -> Result<HttpResponse> {
    let content_type = ("content-type", "application/json".to_owned());
    let headers = std::iter::once(content_type).chain(headers).collect();
    send(host, address, target, headers, encode(body)?.to_vec(), Duration::ZERO).await
}

/// Downloads a file of about this size, and returns the response, whatever its status.
pub(crate) async fn download(
    host: &dyn Host,
    address: &str,
    target: &Target,
    headers: Headers,
    file_size: u64,
) -> Result<HttpResponse> {
    send(host, address, target, headers, Vec::new(), transfer_time(file_size)).await
}

async fn send(
    host: &dyn Host,
    address: &str,
    target: &Target,
    headers: Headers,
    body: Vec<u8>,
    transfer: Duration,
) -> Result<HttpResponse> {
    let address = Address::parse(address).map_err(|problem| {
        Error::new(ErrorKind::InvalidConfiguration, format_args!("the server's address {problem}"))
    })?;
    let timeout = Options::default().request_timeout + transfer;
    let request = HttpRequest { method: target.method, url: address.url(&target.path), headers, body, timeout };
    host.http(request).await.map_err(|error| transport::failure(&error, &address))
}
