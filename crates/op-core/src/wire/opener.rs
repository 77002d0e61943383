//! Opening envelopes, by the platform's AES where that is faster than the core's own.

use std::sync::OnceLock;

use op_protocol::{
    envelope::{EnvelopeError, EnvelopeRef, Opener as PortableOpener},
    jwk::SymmetricKey,
};
use zeroize::Zeroizing;

use crate::host::{Crypto, CryptoError};

/// Opens envelopes that one key has sealed.
pub(crate) struct Opener<'k> {
    crypto: &'k dyn Crypto,
    key: &'k SymmetricKey,
    /// Made when it is needed first.
    portable: OnceLock<PortableOpener<'k>>,
}

impl<'k> Opener<'k> {
    pub(crate) fn new(crypto: &'k dyn Crypto, key: &'k SymmetricKey) -> Self {
        Self { crypto, key, portable: OnceLock::new() }
    }

    pub(crate) async fn open(&self, envelope: &EnvelopeRef<'_>) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let (nonce, ciphertext) = envelope.sealed(self.key.kid())?;
        if ciphertext.len() < self.crypto.aes_gcm_pays_from() {
            return self.portable.get_or_init(|| PortableOpener::new(self.key)).open_sealed(nonce, ciphertext);
        }
        let opened = self.crypto.aes_gcm_open(self.key.bytes(), &nonce, ciphertext).await;
        opened.map_err(|CryptoError| EnvelopeError::Tampered)
    }
}
