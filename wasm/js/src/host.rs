//! Implements the core's host with the JavaScript host object.

use std::{rc::Rc, time::Duration};

use js_sys::Uint8Array;
use op_core::host::{
    BoxFuture, Crypto, CryptoError, Host, HttpRequest, HttpResponse, TransportError, TransportErrorKind,
};
use op_protocol::jwk::{RsaPrivateKey, RsaPublicKey};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::operations::{Event, Operation, Operations};

#[wasm_bindgen]
extern "C" {
    /// The object that the loader passes in. No method may call into the module before it returns.
    pub type JsHost;

    /// Sends a request. Ends with `httpDone` or `httpFailed`. `headers` alternates names and values.
    #[wasm_bindgen(method)]
    fn http(
        this: &JsHost,
        operation: u32,
        method: &str,
        url: &str,
        headers: Vec<String>,
        body: Option<Vec<u8>>,
        timeout_ms: f64,
    );

    /// Waits. Ends with `sleepDone`.
    #[wasm_bindgen(method)]
    fn sleep(this: &JsHost, operation: u32, milliseconds: f64);

    /// Decrypts by RSA-OAEP. Ends with `cryptoDone`.
    #[wasm_bindgen(method, js_name = rsaOaepDecrypt)]
    fn rsa_oaep_decrypt(this: &JsHost, operation: u32, jwk: &str, data: Vec<u8>);

    /// Encrypts by RSA-OAEP. Ends with `cryptoDone`.
    #[wasm_bindgen(method, js_name = rsaOaepEncrypt)]
    fn rsa_oaep_encrypt(this: &JsHost, operation: u32, jwk: &str, data: Vec<u8>);

    /// Runs AES-256-GCM; `cryptoDone` follows. `usage` is `encrypt` or `decrypt`. The views are valid only during the
    /// call.
    #[wasm_bindgen(method, js_name = aesGcm)]
    fn aes_gcm(this: &JsHost, operation: u32, usage: &str, key: &[u8], nonce: &[u8], data: &[u8]);

    /// Returns a text in the composed form of Unicode (NFC).
    #[wasm_bindgen(method)]
    fn composed(this: &JsHost, text: &str) -> String;

    /// Computes PBKDF2-HMAC-SHA256; `cryptoDone` follows. The views are valid only during the call.
    #[wasm_bindgen(method)]
    fn pbkdf2(this: &JsHost, operation: u32, password: &[u8], salt: &[u8], iterations: u32);

    /// `cryptoDone` follows. The view is valid only during the call.
    #[wasm_bindgen(method)]
    fn sha256(this: &JsHost, operation: u32, data: &[u8]);

    /// Cancels an operation. Nothing follows.
    #[wasm_bindgen(method)]
    pub(crate) fn cancel(this: &JsHost, operation: u32);

    /// Returns the milliseconds since the Unix epoch.
    #[wasm_bindgen(method)]
    fn now(this: &JsHost) -> f64;

    /// Fills `buffer` from a cryptographically secure source.
    #[wasm_bindgen(method)]
    fn random(this: &JsHost, buffer: &mut [u8]);

    /// Reports the result of a call and its attachments, or the JSON text of its error.
    #[wasm_bindgen(method)]
    pub(crate) fn settle(this: &JsHost, call: u32, ok: bool, text: &str, attachments: Vec<Uint8Array>);

    /// Reports the location of a panic, after which the instance ends.
    #[wasm_bindgen(method)]
    pub(crate) fn panicked(this: &JsHost, location: &str);
}

/// The number of bytes that portable code opens in about the time of two turns of the event loop, which WebCrypto
/// takes.
const AES_GCM_THRESHOLD: usize = 16 << 10;

/// [`Host`] for one engine.
pub(crate) struct BrowserHost {
    js: Rc<JsHost>,
    operations: Rc<Operations>,
}

impl BrowserHost {
    pub(crate) fn new(js: Rc<JsHost>, operations: Rc<Operations>) -> Self {
        Self { js, operations }
    }
}

impl Host for BrowserHost {
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let headers = request.headers.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
            let body = (!request.body.is_empty()).then_some(request.body);
            let operation = self.operations.start(|js, id| {
                js.http(id, request.method.as_str(), &request.url, headers, body, milliseconds(request.timeout));
            });
            match operation.await {
                Event::Http(result) => result,
                _ => Err(TransportError::new(
                    TransportErrorKind::Other,
                    "the host reported the result of another operation for a request",
                )),
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.operations.start(|js, id| js.sleep(id, milliseconds(duration))).await;
        })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of this millennium fits")]
    fn now_millis(&self) -> u64 {
        self.js.now() as u64
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        self.js.random(buffer);
    }

    fn crypto(&self) -> &dyn Crypto {
        self
    }
}

impl Crypto for BrowserHost {
    fn rsa_oaep_decrypt<'a>(
        &'a self,
        key: &'a RsaPrivateKey,
        ciphertext: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        Box::pin(async move {
            let jwk = Zeroizing::new(serde_json::to_string(key).map_err(|_| CryptoError)?);
            let begin = |js: &JsHost, id| js.rsa_oaep_decrypt(id, &jwk, ciphertext.to_vec());
            result_of(self.operations.start(begin)).await.map(Zeroizing::new)
        })
    }

    fn rsa_oaep_encrypt<'a>(
        &'a self,
        key: &'a RsaPublicKey,
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        Box::pin(async move {
            let jwk = serde_json::to_string(key).map_err(|_| CryptoError)?;
            let begin = |js: &JsHost, id| js.rsa_oaep_encrypt(id, &jwk, plaintext.to_vec());
            result_of(self.operations.start(begin)).await
        })
    }

    fn aes_gcm_seal<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        Box::pin(async move {
            result_of(self.operations.start(|js, id| js.aes_gcm(id, "encrypt", key, nonce, plaintext))).await
        })
    }

    fn aes_gcm_open<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a [u8; 12],
        ciphertext: Vec<u8>,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        Box::pin(async move {
            let operation = self.operations.start(|js, id| js.aes_gcm(id, "decrypt", key, nonce, &ciphertext));
            drop(ciphertext);
            result_of(operation).await.map(Zeroizing::new)
        })
    }

    fn aes_gcm_threshold(&self) -> usize {
        AES_GCM_THRESHOLD
    }

    fn composed(&self, password: &str) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new(self.js.composed(password)))
    }

    fn pbkdf2_sha256<'a>(
        &'a self,
        password: &'a [u8],
        salt: &'a [u8],
        iterations: u32,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, CryptoError>> {
        Box::pin(async move {
            let begin = |js: &JsHost, id| js.pbkdf2(id, password, salt, iterations);
            let derived = Zeroizing::new(result_of(self.operations.start(begin)).await?);
            derived.as_slice().try_into().map(Zeroizing::new).map_err(|_| CryptoError)
        })
    }

    fn sha256<'a>(&'a self, data: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], CryptoError>> {
        Box::pin(async move {
            let digest = result_of(self.operations.start(|js, id| js.sha256(id, data))).await?;
            digest.try_into().map_err(|_| CryptoError)
        })
    }
}

async fn result_of(operation: Operation) -> Result<Vec<u8>, CryptoError> {
    match operation.await {
        Event::Crypto(Some(result)) => Ok(result),
        _ => Err(CryptoError),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
