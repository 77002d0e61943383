//! The keys that both sides of a session have after sign-in.

use zeroize::Zeroizing;

use crate::{jwk::SymmetricKey, request_mac::RequestMac};

/// The id and keys of a session. Bodies are envelopes sealed with [`key`](Self::key); requests have a header of
/// [`mac`](Self::mac).
#[derive(Debug, Clone)]
pub struct SessionKeys {
    /// The session's id, exactly as the server sent it.
    pub id: String,
    /// The key that seals the bodies. Its id is that of the session.
    pub key: SymmetricKey,
    /// The signer of the requests.
    pub mac: RequestMac,
}

impl SessionKeys {
    /// Returns the keys of the session `id`, derived from the `session_key` of its sign-in.
    #[must_use]
    pub fn new(id: impl Into<String>, session_key: &Zeroizing<[u8; 32]>) -> Self {
        let id = id.into();
        Self { key: SymmetricKey::new(id.clone(), **session_key), mac: RequestMac::new(id.clone(), session_key), id }
    }
}
