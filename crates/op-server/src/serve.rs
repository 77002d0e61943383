//! Serving the routes on a listener.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::RustlsAcceptor;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;

use crate::tls::Certificate;

const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Where the server's certificate is.
#[derive(Debug, Clone)]
pub struct TlsPaths {
    /// The certificate and its chain, PEM.
    pub certificate: PathBuf,
    /// The certificate's private key, PEM.
    pub key: PathBuf,
}

/// Why the server could not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Plain http is served on loopback only: elsewhere anyone on the network path could replace an answer.
    #[error(
        "{0} is not a loopback address, and plain http is served on loopback only: \
         pass a certificate and its key (--tls-cert FILE --tls-key FILE), or listen on 127.0.0.1 behind a proxy that speaks https"
    )]
    PlainHttp(SocketAddr),
    /// The certificate or the key cannot be used.
    #[error("certificate {certificate} and key {key}: {cause}")]
    Certificate {
        /// The certificate's path.
        certificate: String,
        /// The key's path.
        key: String,
        /// What is wrong.
        cause: io::Error,
    },
    /// The listener failed.
    #[error("listening: {0}")]
    Listen(#[from] io::Error),
}

/// Serves until `shutdown` is done, then gives requests that are under way ten seconds to finish. Takes up a certificate
/// that is renewed meanwhile.
///
/// # Errors
/// The address is not loopback and there is no `tls`; the certificate is unusable; the listener fails.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    tls: Option<TlsPaths>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let handle = Handle::new();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new()).handle(handle.clone());
    let stop = tokio::spawn(async move {
        shutdown.await;
        handle.graceful_shutdown(Some(SHUTDOWN_GRACE));
    });
    let result = match tls {
        Some(paths) => {
            let certificate = load(paths).await?;
            let mut server = server.map(|plain| RustlsAcceptor::new(certificate.config()).acceptor(plain));
            bound_waiting(server.http_builder());
            tokio::select! {
                served = server.serve(service) => served,
                never = certificate.keep_current() => match never {},
            }
        }
        None => {
            check_loopback(address)?;
            let mut server = server;
            bound_waiting(server.http_builder());
            server.serve(service).await
        }
    };
    stop.abort();
    Ok(result?)
}

/// Fails as [`serve`] does with an address, a certificate or a key that it cannot use.
///
/// # Errors
/// The address is not loopback and there is no `tls`; the certificate is unusable.
pub async fn check(address: SocketAddr, tls: Option<&TlsPaths>) -> Result<(), ServeError> {
    match tls {
        Some(paths) => load(paths.clone()).await.map(drop),
        None => check_loopback(address),
    }
}

fn check_loopback(address: SocketAddr) -> Result<(), ServeError> {
    if address.ip().is_loopback() { Ok(()) } else { Err(ServeError::PlainHttp(address)) }
}

async fn load(paths: TlsPaths) -> Result<Certificate, ServeError> {
    let (certificate, key) = (paths.certificate.display().to_string(), paths.key.display().to_string());
    Certificate::load(paths).await.map_err(|cause| ServeError::Certificate { certificate, key, cause })
}

/// Limits how long a client may take for its headers, so that slow ones do not hold connections forever.
fn bound_waiting(builder: &mut Builder<TokioExecutor>) {
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER_TIMEOUT);
}
