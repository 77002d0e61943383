//! The host of `op-core` outside WebAssembly: HTTP with reqwest over rustls, time with tokio, cryptography with
//! aws-lc-rs.
//!
//! The Python extension, the Node addon and the command use it. The futures of [`NativeHost`] run on the tokio runtime
//! that polls them.

mod client;
mod crypto;
mod failure;
mod proxies;

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use op_core::host::{
    BoxFuture, Crypto, Host, HttpMethod, HttpRequest, HttpResponse, MAX_RESPONSE_BYTES, TransportError,
    TransportErrorKind,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::proxies::Proxies;
pub use client::{HostError, HostOptions};
pub use crypto::{NativeCrypto, generate_rsa_key};

/// The HTTP library's version, for the account's list of devices.
pub const REQWEST_VERSION: &str = "0.13.5";

/// Makes panics print only their location, because their messages may quote secrets. Libraries need it: they catch
/// panics at their boundary, but only after the default hook has printed them.
pub fn report_panics_by_location() {
    std::panic::set_hook(Box::new(|panic| {
        if let Some(location) = panic.location() {
            eprintln!("opwire: internal error at {location}");
        }
    }));
}

/// More requests wait until one of these ends. A connection takes some 50 KB, and more connections are not faster.
const MAX_CONNECTIONS: usize = 100;

/// The native host. Cheap to clone; clones share one connection pool.
#[derive(Clone, Debug)]
pub struct NativeHost {
    http: reqwest::Client,
    proxies: Arc<Proxies>,
    connections: Arc<Semaphore>,
}

impl NativeHost {
    /// Returns a host with its own connection pool, which opens no connection yet.
    ///
    /// # Errors
    /// The proxy's URL or a certificate is malformed, or no trusted certificates can be loaded.
    pub fn new(options: &HostOptions) -> Result<Self, HostError> {
        Ok(Self {
            http: client::build(options)?,
            proxies: Arc::new(Proxies::new(options)),
            connections: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let _permit = self.connection_permit(request.timeout).await?;
        let url = request.url.clone();
        let described = |error: reqwest::Error| failure::describe(&error, self.proxies.proxy_for(&url));
        let mut response = self.start(request).send().await.map_err(described)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let body = read(&mut response, described).await?;
        Ok(HttpResponse { status, headers, body })
    }

    /// Waits until a connection is free, at most for the timeout of the request.
    async fn connection_permit(&self, limit: Duration) -> Result<SemaphorePermit<'_>, TransportError> {
        match timeout(limit, self.connections.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => {
                Err(TransportError::new(TransportErrorKind::Timeout, "no connection became free in time"))
            }
        }
    }

    fn start(&self, request: HttpRequest) -> reqwest::RequestBuilder {
        let mut builder = self.http.request(method(request.method), request.url).timeout(request.timeout);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if request.body.is_empty() { builder } else { builder.body(request.body) }
    }
}

impl Host for NativeHost {
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(self.send(request))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        // Created inside the future, because tokio's timer needs the runtime that polls it.
        Box::pin(async move { tokio::time::sleep(duration).await })
    }

    fn now_millis(&self) -> u64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        // Supported systems fail here only if the kernel has no random source, and then no key may be generated.
        getrandom::fill(buffer).expect("the operating system provides randomness");
    }

    fn crypto(&self) -> &dyn Crypto {
        &NativeCrypto
    }
}

async fn read(
    response: &mut reqwest::Response,
    described: impl Fn(reqwest::Error) -> TransportError,
) -> Result<Vec<u8>, TransportError> {
    let announced = u32::try_from(response.content_length().unwrap_or(0)).unwrap_or(u32::MAX);
    if announced > MAX_RESPONSE_BYTES {
        return Err(TransportError::too_large());
    }
    let mut body = Vec::with_capacity(announced as usize);
    while let Some(chunk) = response.chunk().await.map_err(&described)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_RESPONSE_BYTES as usize {
            return Err(TransportError::too_large());
        }
    }
    Ok(body)
}

fn method(method: HttpMethod) -> reqwest::Method {
    match method {
        HttpMethod::Get => reqwest::Method::GET,
        HttpMethod::Post => reqwest::Method::POST,
        HttpMethod::Put => reqwest::Method::PUT,
        HttpMethod::Patch => reqwest::Method::PATCH,
        HttpMethod::Delete => reqwest::Method::DELETE,
    }
}
