//! Requests without a session, whose bodies are protected by TLS alone.

use op_protocol::rest::routes::Target;
use serde::Serialize;

use super::internal;
use crate::{
    config::Options,
    error::{Error, ErrorKind, Result},
    host::{Host, HttpRequest, HttpResponse},
    wire::{address::Address, transport},
};

/// Posts `body`, and returns the response, whatever its status.
pub(super) async fn post(
    host: &dyn Host,
    address: &str,
    target: &Target,
    headers: Vec<(&'static str, String)>,
    body: &impl Serialize,
) -> Result<HttpResponse> {
    let address = Address::parse(address).map_err(|problem| {
        Error::new(ErrorKind::InvalidConfiguration, format_args!("the server's address {problem}"))
    })?;
    let content_type = ("content-type", "application/json".to_owned());
    let request = HttpRequest {
        method: target.method,
        url: address.url(&target.path),
        headers: std::iter::once(content_type).chain(headers).collect(),
        body: serde_json::to_vec(body).map_err(internal)?,
        timeout: Options::default().request_timeout,
    };
    host.http(request).await.map_err(|error| transport::failure(&error, &address))
}
