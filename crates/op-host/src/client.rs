//! Builds the HTTP client: proxy, trusted certificates, connection pool.

use std::{env, fmt, time::Duration};

use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy, redirect::Policy};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Load balancers drop idle connections after a minute or later; a connection that we let go first is never reused
/// just as the other side closes it.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the TLS library looks for certificates before it asks the system.
const CERTIFICATE_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// How a [`crate::NativeHost`] reaches the network.
#[derive(Clone)]
pub struct HostOptions {
    /// URL of a proxy for all requests, user and password included if it needs them. Without it, the environment
    /// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`) and the system's settings decide. `NO_PROXY` is honoured in both cases.
    pub proxy: Option<String>,
    /// Certificates in PEM to trust in addition to the system's.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// The longest wait for a connection: name resolution, TCP and TLS. 10 seconds by default.
    pub connect_timeout: Duration,
}

impl Default for HostOptions {
    fn default() -> Self {
        Self { proxy: None, extra_ca_pem: None, connect_timeout: Duration::from_secs(10) }
    }
}

// The proxy's URL may carry a password.
impl fmt::Debug for HostOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostOptions").field("connect_timeout", &self.connect_timeout).finish_non_exhaustive()
    }
}

/// Why no host could be made. Names the option at fault.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// [`HostOptions::proxy`] is not a proxy's URL.
    #[error("the proxy is not a valid URL such as http://proxy.example:3128")]
    Proxy,
    /// [`HostOptions::extra_ca_pem`] holds no certificate, or a malformed one.
    #[error("the extra CA certificates are not valid PEM")]
    Certificates,
    /// The files named by `SSL_CERT_FILE` or `SSL_CERT_DIR` hold no certificate.
    #[error("no certificates could be loaded from SSL_CERT_FILE or SSL_CERT_DIR")]
    CertificateFiles,
    /// The TLS library refused the configuration.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
}

/// The client for these options: it follows no redirect, and speaks HTTP/2 where the server offers it.
pub(crate) fn build(options: &HostOptions) -> Result<Client, HostError> {
    match configure(options)?.build() {
        Ok(client) => Ok(client),
        // The system has no certificates. What a person chose by these variables is not quietly replaced.
        Err(_) if CERTIFICATE_VARIABLES.iter().any(|name| env::var_os(name).is_some()) => {
            Err(HostError::CertificateFiles)
        }
        Err(_) => configure(options)?
            .tls_certs_only(bundled_roots())
            .build()
            .map_err(|error| HostError::Tls(error.without_url().to_string())),
    }
}

fn configure(options: &HostOptions) -> Result<ClientBuilder, HostError> {
    let mut builder = Client::builder()
        .redirect(Policy::none())
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
    if let Some(url) = &options.proxy {
        let proxy = Proxy::all(url).map_err(|_| HostError::Proxy)?;
        builder = builder.proxy(proxy.no_proxy(NoProxy::from_env()));
    }
    if let Some(pem) = &options.extra_ca_pem {
        builder = builder.tls_certs_merge(certificates(pem)?);
    }
    Ok(builder)
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, HostError> {
    let mut usable = RootCertStore::empty();
    let mut certificates = Vec::new();
    for der in CertificateDer::pem_slice_iter(pem) {
        let der = der.map_err(|_| HostError::Certificates)?;
        certificates.push(Certificate::from_der(&der).map_err(|_| HostError::Certificates)?);
        // reqwest would report a malformed one as it reports a system without certificates.
        usable.add(der).map_err(|_| HostError::Certificates)?;
    }
    if certificates.is_empty() { Err(HostError::Certificates) } else { Ok(certificates) }
}

/// Mozilla's certificates, for containers that have none.
fn bundled_roots() -> impl Iterator<Item = Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok())
}
