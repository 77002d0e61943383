//! The core's host. Operations that wait go through [`Ops`], and all others through the module's imports.

use std::time::Duration;

use op_core::host::{
    BoxFuture, Crypto, CryptoError, Host, HttpRequest, HttpResponse, MaybeSend, MaybeSync, TransportError,
    TransportErrorKind,
};
use op_protocol::{
    file::TAG_LENGTH,
    jwk::{RsaPrivateKey, RsaPublicKey},
};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::ops::{Event, Ops, Request};

/// The functions that the module imports.
pub trait Imports: MaybeSend + MaybeSync + 'static {
    /// Fills `buffer` from a cryptographically secure source.
    fn random_fill(&self, buffer: &mut [u8]);

    /// Returns the milliseconds since the Unix epoch.
    fn now_millis(&self) -> u64;

    /// Decrypts with RSA-OAEP and SHA-1. `key` is a private JWK. Writes the plaintext to `out` and returns its length,
    /// or `None` if the platform refuses or `out` is too small.
    fn rsa_oaep_decrypt(&self, key: &[u8], ciphertext: &[u8], out: &mut [u8]) -> Option<usize>;

    /// Encrypts with RSA-OAEP and SHA-1. `key` is a public JWK.
    fn rsa_oaep_encrypt(&self, key: &[u8], plaintext: &[u8], out: &mut [u8]) -> Option<usize>;

    /// Encrypts with AES-256-GCM in place. The last 16 bytes of `buffer` are for the tag.
    fn aes_gcm_seal(&self, key: &[u8; 32], nonce: &[u8; 12], buffer: &mut [u8]);

    /// Decrypts with AES-256-GCM in place. Returns `false` if the tag does not match the ciphertext.
    fn aes_gcm_open(&self, key: &[u8; 32], nonce: &[u8; 12], buffer: &mut [u8]) -> bool;

    /// Writes PBKDF2-HMAC-SHA256 of `password` to `out`.
    fn pbkdf2_sha256(&self, password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8; 32]);

    /// Writes the SHA-256 digest of `data` to `out`.
    fn sha256(&self, data: &[u8], out: &mut [u8; 32]);
}

/// [`Host`] over the module's imports and operations.
pub struct ModuleHost<I> {
    ops: Ops,
    crypto: ImportedCrypto<I>,
}

impl<I: Imports> ModuleHost<I> {
    /// Returns a host whose requests go to `ops`.
    pub fn new(ops: Ops, imports: I) -> Self {
        Self { ops, crypto: ImportedCrypto(imports) }
    }
}

impl<I: Imports> Host for ModuleHost<I> {
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let operation = self.ops.perform(Request::Http(request));
        Box::pin(async move {
            match operation.await {
                Event::Http(result) => result,
                Event::Slept => Err(TransportError::new(
                    TransportErrorKind::Other,
                    "the host answered a request with the end of a pause",
                )),
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        let operation = self.ops.perform(Request::Sleep(duration));
        Box::pin(async move {
            operation.await;
        })
    }

    fn now_millis(&self) -> u64 {
        self.crypto.0.now_millis()
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        self.crypto.0.random_fill(buffer);
    }

    fn crypto(&self) -> &dyn Crypto {
        &self.crypto
    }
}

struct ImportedCrypto<I>(I);

impl<I: Imports> Crypto for ImportedCrypto<I> {
    fn rsa_oaep_decrypt<'a>(
        &'a self,
        key: &'a RsaPrivateKey,
        ciphertext: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        Box::pin(async move {
            // A plaintext is shorter than its ciphertext.
            let mut out = Zeroizing::new(vec![0; ciphertext.len()]);
            let length = self.0.rsa_oaep_decrypt(&jwk(key)?, ciphertext, &mut out).ok_or(CryptoError)?;
            out.truncate(length);
            Ok(out)
        })
    }

    fn rsa_oaep_encrypt<'a>(
        &'a self,
        key: &'a RsaPublicKey,
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        Box::pin(async move {
            // A ciphertext is as long as the modulus, whose base64 text is longer.
            let mut out = vec![0; key.n.len()];
            let length = self.0.rsa_oaep_encrypt(&jwk(key)?, plaintext, &mut out).ok_or(CryptoError)?;
            out.truncate(length);
            Ok(out)
        })
    }

    fn aes_gcm_seal<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        Box::pin(async move {
            let mut buffer = Vec::with_capacity(plaintext.len() + TAG_LENGTH);
            buffer.extend_from_slice(plaintext);
            buffer.resize(plaintext.len() + TAG_LENGTH, 0);
            self.0.aes_gcm_seal(key, nonce, &mut buffer);
            Ok(buffer)
        })
    }

    fn aes_gcm_open<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        ciphertext: Vec<u8>,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        Box::pin(async move {
            let mut buffer = Zeroizing::new(ciphertext);
            let length = buffer.len().checked_sub(TAG_LENGTH).ok_or(CryptoError)?;
            if !self.0.aes_gcm_open(key, nonce, &mut buffer) {
                return Err(CryptoError);
            }
            buffer.truncate(length);
            Ok(buffer)
        })
    }

    /// Go's standard library cannot compose texts, and its tables would make the module larger.
    fn composed(&self, password: &str) -> Option<Zeroizing<String>> {
        (!password.contains(is_combining)).then(|| Zeroizing::new(password.to_owned()))
    }

    fn pbkdf2_sha256<'a>(
        &'a self,
        password: &'a [u8],
        salt: &'a [u8],
        iterations: u32,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, CryptoError>> {
        Box::pin(async move {
            let mut out = Zeroizing::new([0; 32]);
            self.0.pbkdf2_sha256(password, salt, iterations, &mut out);
            Ok(out)
        })
    }

    fn sha256<'a>(&'a self, data: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], CryptoError>> {
        Box::pin(async move {
            let mut out = [0; 32];
            self.0.sha256(data, &mut out);
            Ok(out)
        })
    }
}

/// Whether a character is of those that machines write one letter with, instead of one composed character: the marks of
/// Latin, Greek and Cyrillic letters, those of kana, and the parts of Hangul syllables.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1100}'..='\u{11ff}' | '\u{3099}'..='\u{309a}')
}

fn jwk(key: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    serde_json::to_vec(key).map(Zeroizing::new).map_err(|_| CryptoError)
}
