//! A host with which a test can read and change the server's answers before the client reads them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use op_core::{
    Crypto, Host,
    host::{BoxFuture, CryptoError, HttpRequest, HttpResponse, TransportError},
};
use op_protocol::{
    b64,
    envelope::Envelope,
    jwk::{RsaPrivateKey, RsaPublicKey},
};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::account::host;

type Edit = dyn Fn(&str, &mut Value) + Send + Sync;
type Nonce = [u8; 12];

/// The native host, with an edit of the JSON in each answer. Sealed answers are edited after decryption, so it works
/// with every server.
pub struct Answers {
    native: Arc<dyn Host>,
    edit: Box<Edit>,
    /// The requests of the sealed answers that are not yet decrypted.
    sealed: Mutex<HashMap<Nonce, String>>,
}

impl Answers {
    /// Returns a host whose answers go through `edit`, together with their request, `METHOD /path?query`.
    #[must_use]
    pub fn edited(edit: impl Fn(&str, &mut Value) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { native: host(), edit: Box::new(edit), sealed: Mutex::default() })
    }

    fn sealed(&self) -> MutexGuard<'_, HashMap<Nonce, String>> {
        self.sealed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        let line = format!("{} /{path}", request.method.as_str());
        let mut response = self.native.http(request).await?;
        if response.status == 200 {
            if let Some(nonce) = nonce(&response.body) {
                self.sealed().insert(nonce, line);
            } else {
                response.body = self.edited_text(&line, response.body);
            }
        }
        Ok(response)
    }

    fn edited_text(&self, line: &str, text: Vec<u8>) -> Vec<u8> {
        let Ok(mut answer) = serde_json::from_slice(&text) else { return text };
        (self.edit)(line, &mut answer);
        answer.to_string().into_bytes()
    }
}

fn nonce(body: &[u8]) -> Option<Nonce> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    b64::decode(&envelope.iv?).ok()?.try_into().ok()
}

impl Host for Answers {
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(self.exchange(request))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.native.sleep(duration)
    }

    fn now_millis(&self) -> u64 {
        self.native.now_millis()
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        self.native.fill_random(buffer);
    }

    fn crypto(&self) -> &dyn Crypto {
        self
    }
}

impl Crypto for Answers {
    fn rsa_oaep_decrypt<'a>(
        &'a self,
        key: &'a RsaPrivateKey,
        ciphertext: &'a [u8],
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        self.native.crypto().rsa_oaep_decrypt(key, ciphertext)
    }

    fn rsa_oaep_encrypt<'a>(
        &'a self,
        key: &'a RsaPublicKey,
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        self.native.crypto().rsa_oaep_encrypt(key, plaintext)
    }

    fn rsa_generate(&self) -> BoxFuture<'_, Result<RsaPrivateKey, CryptoError>> {
        self.native.crypto().rsa_generate()
    }

    fn aes_gcm_seal<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a Nonce,
        plaintext: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, CryptoError>> {
        self.native.crypto().aes_gcm_seal(key, nonce, plaintext)
    }

    fn aes_gcm_open<'a>(
        &'a self,
        key: &'a [u8; 32],
        nonce: &'a Nonce,
        ciphertext: Vec<u8>,
    ) -> BoxFuture<'a, Result<Zeroizing<Vec<u8>>, CryptoError>> {
        Box::pin(async move {
            let mut opened = self.native.crypto().aes_gcm_open(key, nonce, ciphertext).await?;
            let line = self.sealed().remove(nonce);
            Ok(match line {
                Some(line) => self.edited_text(&line, std::mem::take(&mut *opened)).into(),
                None => opened,
            })
        })
    }

    fn composed(&self, password: &str) -> Option<Zeroizing<String>> {
        self.native.crypto().composed(password)
    }

    fn pbkdf2_sha256<'a>(
        &'a self,
        password: &'a [u8],
        salt: &'a [u8],
        iterations: u32,
    ) -> BoxFuture<'a, Result<Zeroizing<[u8; 32]>, CryptoError>> {
        self.native.crypto().pbkdf2_sha256(password, salt, iterations)
    }

    fn sha256<'a>(&'a self, data: &'a [u8]) -> BoxFuture<'a, Result<[u8; 32], CryptoError>> {
        self.native.crypto().sha256(data)
    }
}
