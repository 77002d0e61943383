//! What the core needs from the program that runs it: HTTP, time, randomness, and the heavy cryptography.
//!
//! The core itself does no I/O. The native host is tokio and reqwest; in JavaScript it is `fetch` and the event loop,
//! in Go `net/http` around the WebAssembly module.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use op_protocol::jwk::{RsaPrivateKey, RsaPublicKey};
pub use op_protocol::rest::routes::Method as HttpMethod;
use zeroize::Zeroizing;

/// The longest body of a response, in bytes: that of the largest file. Hosts stop reading there. docs/decisions/0021
/// says why.
pub const MAX_RESPONSE_BYTES: u32 = op_protocol::file::MAX_CIPHERTEXT;

/// A boxed future; `Send` wherever threads exist.
#[cfg(not(target_family = "wasm"))]
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A boxed future; not `Send`, because JavaScript promises and single-threaded modules are not.
#[cfg(target_family = "wasm")]
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[cfg(not(target_family = "wasm"))]
mod maybe {
    /// `Send` where threads exist, any type in WebAssembly.
    pub trait MaybeSend: Send {}
    impl<T: Send + ?Sized> MaybeSend for T {}
    /// `Sync` where threads exist, any type in WebAssembly.
    pub trait MaybeSync: Sync {}
    impl<T: Sync + ?Sized> MaybeSync for T {}
}
#[cfg(target_family = "wasm")]
mod maybe {
    /// `Send` where threads exist, any type in WebAssembly.
    pub trait MaybeSend {}
    impl<T: ?Sized> MaybeSend for T {}
    /// `Sync` where threads exist, any type in WebAssembly.
    pub trait MaybeSync {}
    impl<T: ?Sized> MaybeSync for T {}
}
pub use maybe::{MaybeSend, MaybeSync};

/// The program around the core. Dropping a future that it returned cancels the operation.
pub trait Host: MaybeSend + MaybeSync + 'static {
    /// Sends one request and reads the whole response, up to [`MAX_RESPONSE_BYTES`]. Redirects are not followed.
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Returns the milliseconds since the Unix epoch.
    fn now_millis(&self) -> u64;

    /// Fills `buffer` from a cryptographically secure source.
    fn fill_random(&self, buffer: &mut [u8]);

    /// Returns the platform's implementation of the heavy cryptography.
    fn crypto(&self) -> &dyn Crypto;
}

/// Cryptography that the platform performs faster, or with better protection, than portable code.
/// docs/decisions/0001 and 0057 say which, and why.
pub trait Crypto: MaybeSend + MaybeSync {
    /// Decrypts by RSA-OAEP with SHA-1 and MGF1-SHA-1, the scheme of the account protocol.
    fn rsa_oaep_decrypt<'a>(
        &'a self,
        key: &'a RsaPrivateKey,
        ciphertext: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>>;

    /// The inverse of [`Crypto::rsa_oaep_decrypt`].
    fn rsa_oaep_encrypt<'a>(
        &'a self,
        key: &'a RsaPublicKey,
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>>;

    /// Generates a 2048-bit key pair for RSA-OAEP, without an id. Only people need one, and they use the native build.
    fn rsa_generate(&self) -> BoxFuture<'_, Result<RsaPrivateKey, CryptoError>> {
        Box::pin(async { Err(CryptoError) })
    }

    /// Seals by AES-256-GCM without additional data. Returns the ciphertext followed by the tag.
    fn aes_gcm_seal<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>>;

    /// The inverse of [`Crypto::aes_gcm_seal`].
    fn aes_gcm_open<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        ciphertext: Vec<u8>,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>>;

    /// Returns the number of bytes from which [`Crypto::aes_gcm_open`] is faster than portable code: 0 if it completes
    /// at once, more if it is asynchronous.
    fn aes_gcm_threshold(&self) -> usize {
        0
    }

    /// Returns a password in the composed form of Unicode (NFC), in which it is the same on whichever machine it was
    /// typed; `None` if the platform cannot compose it. docs/decisions/0073 says why the core does not.
    fn composed(&self, password: &str) -> Option<Zeroizing<String>>;

    /// Computes PBKDF2-HMAC-SHA256. Takes long enough to block an event loop, so that no portable code may do it.
    fn pbkdf2_sha256<'a>(
        &'a self,
        password: &'a [u8],
        salt: &'a [u8],
        iterations: u32,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, CryptoError>>;

    /// Computes SHA-256.
    fn sha256<'a>(&'a self, data: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], CryptoError>>;
}

/// The platform refused a key, or a ciphertext does not belong to its key. It carries no details on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CryptoError;

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the platform's cryptography failed")
    }
}

impl std::error::Error for CryptoError {}

/// One request to the account server.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: HttpMethod,
    /// The absolute URL.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// The time limit, from sending to the last byte of the response.
    pub timeout: Duration,
}

// Headers carry the session id and the request signature.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The response to an [`HttpRequest`], whatever its status.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// Returns the first header with this name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why a request got no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// The kind of failure.
    pub kind: TransportErrorKind,
    /// The platform's message, without headers, bodies or secrets.
    pub message: String,
    /// The proxy, as `scheme://host:port`; empty for none, `None` if the host does not know.
    pub proxy: Option<String>,
    /// The number under which the host keeps the platform's own error. The failure carries it, so that the host can
    /// find the error again.
    pub cause: Option<u64>,
}

/// The kinds of [`TransportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransportErrorKind {
    /// The host name did not resolve.
    Dns,
    /// The connection was refused.
    Refused,
    /// No connection was made for another reason. The server has not seen the request.
    Connect,
    /// The proxy was reached, but did not connect to the server.
    Proxy,
    /// The connection broke after it was made. The server may have executed the request.
    Interrupted,
    /// The request timed out.
    Timeout,
    /// TLS or its certificates failed.
    Tls,
    /// The request could not be built, because of its URL or a header.
    InvalidRequest,
    /// The response is longer than [`MAX_RESPONSE_BYTES`].
    TooLarge,
    /// Any other failure.
    Other,
}

impl TransportError {
    /// Returns a failure with the platform's message, and nothing else.
    #[must_use]
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), proxy: None, cause: None }
    }

    /// Returns the failure of a request whose response is longer than [`MAX_RESPONSE_BYTES`].
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(TransportErrorKind::TooLarge, "the response is too large")
    }
}

impl TransportErrorKind {
    const ALL: [Self; 9] = [
        Self::Dns,
        Self::Refused,
        Self::Connect,
        Self::Proxy,
        Self::Interrupted,
        Self::Timeout,
        Self::Tls,
        Self::InvalidRequest,
        Self::TooLarge,
    ];

    /// Returns the name by which hosts outside Rust report the kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Interrupted => "interrupted",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::InvalidRequest => "invalid_request",
            Self::TooLarge => "too_large",
            Self::Other => "other",
        }
    }

    /// Returns the kind with this [`TransportErrorKind::name`]; [`TransportErrorKind::Other`] for unknown names.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Other)
    }
}
