//! What both ends of a session hold once its keys are confirmed.

use zeroize::Zeroizing;

use crate::{jwk::SymmetricKey, request_mac::RequestMac};

/// A session's id and keys. Bodies are envelopes sealed with [`key`](Self::key), requests carry [`mac`](Self::mac)'s header.
#[derive(Debug, Clone)]
pub struct SessionKeys {
    /// The session's id, exactly as the server gave it.
    pub id: String,
    /// Seals the bodies; its id is the session's.
    pub key: SymmetricKey,
    /// Signs the requests.
    pub mac: RequestMac,
}

impl SessionKeys {
    /// The keys of the session `id` whose sign-in agreed on `session_key`.
    #[must_use]
    pub fn new(id: impl Into<String>, session_key: &Zeroizing<[u8; 32]>) -> Self {
        let id = id.into();
        Self { key: SymmetricKey::new(id.clone(), **session_key), mac: RequestMac::new(id.clone(), session_key), id }
    }
}
