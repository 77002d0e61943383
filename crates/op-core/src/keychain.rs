//! The keys of a client: keysets opened once, each vault key unwrapped once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::try_join_all;
use op_protocol::{
    envelope::Envelope,
    jwk::{RsaPrivateKey, SymmetricKey},
    keyset::{self, Keyset, KeysetsResponse, MASTER_KEY_ID},
    rest::{UserAuth, Vault, VaultAccess},
};

use crate::{
    api::Api,
    error::{Error, ErrorKind, Result},
    single_flight::SingleFlight,
    transport::Resource,
};

pub(crate) struct Keychain {
    api: Arc<Api>,
    keysets: Arc<Mutex<Option<Arc<Keysets>>>>,
    opening: Arc<SingleFlight<(), Result<Arc<Keysets>>>>,
    vault_keys: Mutex<HashMap<String, VaultKey>>,
}

/// A vault key, and the envelope that it came in: a rotated key comes in another.
#[derive(Clone)]
struct VaultKey {
    wrapped: String,
    key: SymmetricKey,
}

/// The opened private keys, by keyset id.
pub(crate) struct Keysets {
    private: HashMap<String, RsaPrivateKey>,
    primary: Keyset,
}

impl Keysets {
    /// The keyset that the master unlock key opens.
    pub(crate) fn primary(&self) -> &Keyset {
        &self.primary
    }
}

impl Keychain {
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self { api, keysets: Arc::default(), opening: SingleFlight::new(), vault_keys: Mutex::default() }
    }

    /// The client's keysets, fetched and opened at the first call.
    pub(crate) async fn keysets(&self) -> Result<Arc<Keysets>> {
        if let Some(keysets) = self.keysets.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(keysets);
        }
        let (api, opened) = (self.api.clone(), self.keysets.clone());
        self.opening
            .run((), || {
                Box::pin(async move {
                    let response = api.get("/api/v2/account/keysets".to_owned(), Resource::Vault).await?;
                    let keysets = Arc::new(open_keysets(&api, response).await?);
                    *opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(keysets.clone());
                    Ok(keysets)
                })
            })
            .await
    }

    /// The key of a vault whose access record is at hand.
    pub(crate) async fn vault_key(&self, vault: &Vault) -> Result<SymmetricKey> {
        let access = combined_access(vault)?;
        if let Some(known) = self.known(&vault.uuid)
            && known.wrapped == access.enc_vault_key.data
        {
            return Ok(known.key);
        }
        let keysets = self.keysets().await?;
        let key = unwrap_vault_key(&self.api, &keysets, &access.enc_vault_key).await?;
        let entry = VaultKey { wrapped: access.enc_vault_key.data.clone(), key: key.clone() };
        self.vault_keys.lock().unwrap_or_else(PoisonError::into_inner).insert(vault.uuid.clone(), entry);
        Ok(key)
    }

    /// The keys of several vaults, in their order.
    pub(crate) async fn vault_keys(&self, vaults: &[Vault]) -> Result<Vec<SymmetricKey>> {
        try_join_all(vaults.iter().map(|vault| self.vault_key(vault))).await
    }

    /// The key of a vault by its id; the vault is fetched when the key is not known.
    pub(crate) async fn vault_key_by_id(&self, vault_id: &str) -> Result<SymmetricKey> {
        if let Some(known) = self.known(vault_id) {
            return Ok(known.key);
        }
        self.fetch_vault_key(vault_id).await
    }

    /// The key of a vault that is not the one with this id: the vault's key was rotated.
    pub(crate) async fn rotated_vault_key(&self, vault_id: &str) -> Result<SymmetricKey> {
        self.fetch_vault_key(vault_id).await
    }

    async fn fetch_vault_key(&self, vault_id: &str) -> Result<SymmetricKey> {
        // Side by side: neither needs the other's answer.
        let vault = self.api.get::<Vault>(crate::vaults::route(vault_id), Resource::Vault);
        let (vault, _) = futures_util::future::try_join(vault, self.keysets()).await?;
        self.vault_key(&vault).await
    }

    fn known(&self, vault_id: &str) -> Option<VaultKey> {
        self.vault_keys.lock().unwrap_or_else(PoisonError::into_inner).get(vault_id).cloned()
    }
}

fn combined_access(vault: &Vault) -> Result<&VaultAccess> {
    vault
        .combined_access
        .as_ref()
        .ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "combined access field is missing"))
}

async fn open_keysets(api: &Api, response: KeysetsResponse) -> Result<Keysets> {
    let keysets = response.keysets;
    let order = keyset::unlock_order(&keysets, MASTER_KEY_ID)
        .map_err(|error| Error::new(ErrorKind::InvalidResponse, format_args!("the account's keysets: {error}")))?;
    let mut private: HashMap<String, RsaPrivateKey> = HashMap::new();
    let mut primary = None;
    for keyset in order.into_iter().filter_map(|index| keysets.get(index)) {
        let symmetric = match private.get(&keyset.encrypted_by) {
            Some(parent) => {
                let jwk = rsa_open(api, &keyset.enc_sym_key, parent).await?;
                SymmetricKey::from_jwk_json(&jwk).map_err(|_| undecryptable("a keyset's key"))?
            }
            None => {
                primary.get_or_insert(keyset);
                open_primary(api, keyset)?
            }
        };
        let jwk = keyset.enc_pri_key.open(&symmetric).map_err(|_| undecryptable("a keyset's private key"))?;
        let key = RsaPrivateKey::from_jwk_json(&jwk).map_err(|_| undecryptable("a keyset's private key"))?;
        private.insert(keyset.uuid.clone(), key);
    }
    // `unlock_order` gives at least the keyset that the master unlock key opens.
    let primary = primary.cloned().ok_or_else(|| undecryptable("any keyset of this account"))?;
    Ok(Keysets { private, primary })
}

fn open_primary(api: &Api, keyset: &Keyset) -> Result<SymmetricKey> {
    let wrapped = &keyset.enc_sym_key;
    let kdf = wrapped.alg.as_ref().zip(wrapped.p2s.as_ref()).zip(wrapped.p2c).map(|((alg, salt), iterations)| {
        UserAuth { method: op_protocol::kdf::METHOD.to_owned(), alg: alg.clone(), iterations, salt: salt.clone() }
    });
    let unlock = api.connection.credentials.master_unlock_key(MASTER_KEY_ID, kdf.as_ref())?;
    let jwk = wrapped.open(&unlock).map_err(|_| undecryptable("the account's keyset: wrong master unlock key"))?;
    SymmetricKey::from_jwk_json(&jwk).map_err(|_| undecryptable("a keyset's key"))
}

async fn unwrap_vault_key(api: &Api, keysets: &Keysets, wrapped: &Envelope) -> Result<SymmetricKey> {
    let key =
        keysets.private.get(&wrapped.kid).ok_or_else(|| undecryptable("vault key: no keyset of this account fits"))?;
    let jwk = rsa_open(api, wrapped, key).await?;
    SymmetricKey::from_jwk_json(&jwk).map_err(|_| undecryptable("vault key"))
}

async fn rsa_open(api: &Api, envelope: &Envelope, key: &RsaPrivateKey) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    let ciphertext = envelope.rsa_ciphertext(&key.kid).map_err(|_| undecryptable("key"))?;
    let crypto = api.connection.host.crypto();
    crypto.rsa_oaep_decrypt(key, &ciphertext).await.map_err(|_| undecryptable("key"))
}

fn undecryptable(what: &str) -> Error {
    Error::new(ErrorKind::Decryption, what)
}
