//! Builds the HTTP client: proxy, trusted certificates, connection pool.

use std::{env, fmt, time::Duration};

use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy, redirect::Policy};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Load balancers close idle connections after a minute or later. Closing them earlier ensures that no request is sent
/// on a connection just as the other side closes it.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The variables with which the TLS library finds certificates, in preference to the system's.
const CERTIFICATE_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// How a [`crate::NativeHost`] reaches the network.
#[derive(Clone)]
pub struct HostOptions {
    /// URL of a proxy for all requests, with user and password if the proxy needs them. Without it, the environment
    /// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`) and the system's settings decide. `NO_PROXY` applies in both cases.
    pub proxy: Option<String>,
    /// Certificates in PEM to trust in addition to the system's.
    pub extra_ca_pem: Option<Vec<u8>>,
    /// Timeout for a new connection, including name resolution, TCP and TLS. 10 seconds by default.
    pub connect_timeout: Duration,
}

impl Default for HostOptions {
    fn default() -> Self {
        Self { proxy: None, extra_ca_pem: None, connect_timeout: Duration::from_secs(10) }
    }
}

// Leaves out the proxy's URL, which may contain a password.
impl fmt::Debug for HostOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostOptions").field("connect_timeout", &self.connect_timeout).finish_non_exhaustive()
    }
}

/// Why a host could not be created. Names the invalid option.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// [`HostOptions::proxy`] is not the URL of a proxy.
    #[error("the proxy is not a valid URL such as http://proxy.example:3128")]
    Proxy,
    /// [`HostOptions::extra_ca_pem`] contains no certificate, or a malformed one.
    #[error("the extra CA certificates are not valid PEM")]
    Certificates,
    /// The files named by `SSL_CERT_FILE` or `SSL_CERT_DIR` contain no certificate.
    #[error("no certificates could be loaded from SSL_CERT_FILE or SSL_CERT_DIR")]
    CertificateFiles,
    /// The TLS library refused the configuration.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
}

/// Builds the client for these options. It follows no redirects, and uses HTTP/2 if the server offers it.
pub(crate) fn build(options: &HostOptions) -> Result<Client, HostError> {
    match configure(options)?.build() {
        Ok(client) => Ok(client),
        // The bundled certificates do not silently replace those that a person chose with these variables.
        Err(_) if CERTIFICATE_VARIABLES.iter().any(|name| env::var_os(name).is_some()) => {
            Err(HostError::CertificateFiles)
        }
        // The system has no certificates.
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
        // Checked here, because reqwest reports a malformed certificate like a system without certificates.
        usable.add(der).map_err(|_| HostError::Certificates)?;
    }
    if certificates.is_empty() { Err(HostError::Certificates) } else { Ok(certificates) }
}

/// Returns Mozilla's certificates, for containers without any.
fn bundled_roots() -> impl Iterator<Item = Certificate> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|der| Certificate::from_der(der).ok())
}
