//! Opening envelopes, with the platform's AES if that is faster than the core's own. docs/decisions/0057 says when.

use std::sync::OnceLock;

use op_protocol::{
    envelope::{EnvelopeError, EnvelopeRef, Opener as PortableOpener},
    jwk::SymmetricKey,
};
use zeroize::Zeroizing;

use crate::host::{Crypto, CryptoError};

/// Opens envelopes that are sealed with one key.
pub(crate) struct Opener<'k> {
    crypto: &'k dyn Crypto,
    key: &'k SymmetricKey,
    /// Created when it is first needed.
    portable: OnceLock<PortableOpener<'k>>,
}

impl<'k> Opener<'k> {
    pub(crate) fn new(crypto: &'k dyn Crypto, key: &'k SymmetricKey) -> Self {
        Self { crypto, key, portable: OnceLock::new() }
    }

    pub(crate) async fn open(&self, envelope: &EnvelopeRef<'_>) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let (nonce, ciphertext) = envelope.sealed(self.key.kid())?;
        if ciphertext.len() < self.crypto.aes_gcm_threshold() {
            return self.portable.get_or_init(|| PortableOpener::new(self.key)).open_sealed(nonce, ciphertext);
        }
        let opened = self.crypto.aes_gcm_open(self.key.bytes(), &nonce, ciphertext).await;
        opened.map_err(|CryptoError| EnvelopeError::Tampered)
    }
}
