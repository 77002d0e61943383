//! What the core asks of the program that runs it: HTTP, time, randomness, and the heavy cryptography.
//!
//! The core itself performs no I/O. Natively the host is tokio and reqwest, in JavaScript `fetch` and the event loop,
//! in Go `net/http` around the WebAssembly module.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use op_protocol::jwk::{RsaPrivateKey, RsaPublicKey};
pub use op_protocol::rest::routes::Method as HttpMethod;
use zeroize::Zeroizing;

/// The longest body of a response, in bytes: the largest file. Hosts stop reading there.
pub const MAX_RESPONSE_BYTES: u32 = op_protocol::file::MAX_CIPHERTEXT;

/// A boxed future; `Send` wherever threads exist.
#[cfg(not(target_family = "wasm"))]
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// A boxed future; JavaScript promises and a single-threaded module are not `Send`.
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

/// The program around the core. Dropping a future that it returned cancels what the future waits for.
pub trait Host: MaybeSend + MaybeSync + 'static {
    /// Sends one request and reads the whole response, up to [`MAX_RESPONSE_BYTES`]. Redirects are not followed.
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;

    /// Milliseconds since the Unix epoch.
    fn now_millis(&self) -> u64;

    /// Fills `buffer` from a cryptographically secure source.
    fn fill_random(&self, buffer: &mut [u8]);

    /// The heavy cryptography, by the platform's own implementation.
    fn crypto(&self) -> &dyn Crypto;
}

/// Operations that a platform performs faster, or with better protection, than portable code could.
pub trait Crypto: MaybeSend + MaybeSync {
    /// RSA-OAEP with SHA-1 and MGF1-SHA-1, the scheme of the account protocol.
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

    /// A new 2048-bit key pair for RSA-OAEP, without an id. Only people make what needs one, and they sign in natively.
    fn rsa_generate(&self) -> BoxFuture<'_, Result<RsaPrivateKey, CryptoError>> {
        Box::pin(async { Err(CryptoError) })
    }

    /// AES-256-GCM without additional data. Gives the ciphertext with the tag after it.
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

    /// From how many bytes on [`Crypto::aes_gcm_open`] is faster than portable code: 0 where it answers at once, more
    /// where the platform lets it wait.
    fn aes_gcm_pays_from(&self) -> usize {
        0
    }

    /// SHA-256.
    fn sha256<'a>(&'a self, data: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], CryptoError>>;
}

/// A key that the platform refused, or a ciphertext that does not belong to it. Carries no detail, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CryptoError;

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the platform's RSA-OAEP operation failed")
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
    /// Header names (lower case) and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// The time from sending to the last byte of the response.
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

/// The response to an [`HttpRequest`], of any status.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first header of this (lower-case) name.
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
    /// What the platform said of it. Without headers, bodies or secrets.
    pub message: String,
    /// The proxy on the way, as `scheme://host:port`: empty for none, `None` where the host cannot tell.
    pub proxy: Option<String>,
    /// The host's number for the platform's own error, where it keeps that: the failure carries it, so that the host
    /// finds it again.
    pub cause: Option<u64>,
}

/// The kinds of [`TransportError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransportErrorKind {
    /// The name did not resolve.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No connection was made for another reason: the server saw nothing.
    Connect,
    /// The proxy was reached, and did not connect to the server.
    Proxy,
    /// The connection broke after it was made; the server may have acted.
    Interrupted,
    /// The request's timeout passed.
    Timeout,
    /// TLS or its certificates failed.
    Tls,
    /// The request could not be built: a bad URL or header.
    InvalidRequest,
    /// The response is longer than [`MAX_RESPONSE_BYTES`].
    TooLarge,
    /// Anything else that the platform reports.
    Other,
}

impl TransportError {
    /// A failure in the platform's words, of which the host knows no more.
    #[must_use]
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), proxy: None, cause: None }
    }

    /// The failure of a request whose response is longer than [`MAX_RESPONSE_BYTES`].
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

    /// The name that hosts outside Rust report the kind by.
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

    /// The kind of this [`TransportErrorKind::name`]; unknown names are [`TransportErrorKind::Other`].
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Other)
    }
}
