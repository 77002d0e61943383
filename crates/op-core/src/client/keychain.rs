//! The keys of a client. Each keyset is opened once, each vault key unwrapped once.
//!
//! docs/decisions/0047 says who can open which keyset, 0051 why keysets are opened when they are needed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use futures_util::future::try_join_all;
use op_protocol::{
    envelope::Envelope,
    id::VaultId,
    jwk::{RsaPrivateKey, SymmetricKey},
    keyset::{self, Keyset, KeysetsResponse, MASTER_KEY_ID},
    rest::{UserAuth, VaultAccessRecord, VaultRecord, routes},
};

use crate::{
    client::vault_records,
    error::{Error, ErrorKind, Result, if_it_opens},
    host::BoxFuture,
    lock::lock,
    plaintext::vault::{VaultAttributes, attributes},
    wire::{api::Api, single_flight::SingleFlight},
};

pub(crate) struct Keychain {
    api: Arc<Api>,
    keysets: Arc<Mutex<Option<Arc<Keysets>>>>,
    opening: Arc<SingleFlight<(), Result<Arc<Keysets>>>>,
    vault_keys: Mutex<HashMap<String, UnwrappedVaultKey>>,
}

/// An unwrapped vault key, and the data of its envelope, which a rotation changes.
#[derive(Clone)]
struct UnwrappedVaultKey {
    wrapped: String,
    key: SymmetricKey,
}

/// The keysets of an account. Each is opened when it is first needed, after the keysets that seal it.
pub(crate) struct Keysets {
    records: HashMap<String, Keyset>,
    primary: String,
    opened: Mutex<HashMap<String, Arc<OpenKeyset>>>,
}

/// The keys of one keyset.
pub(crate) struct OpenKeyset {
    pub(crate) symmetric: SymmetricKey,
    private: RsaPrivateKey,
}

impl Keychain {
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self { api, keysets: Arc::default(), opening: SingleFlight::new(), vault_keys: Mutex::default() }
    }

    /// Returns the client's keysets, which the first call fetches.
    pub(crate) async fn keysets(&self) -> Result<Arc<Keysets>> {
        match self.known_keysets() {
            Some(keysets) => Ok(keysets),
            None => self.fetch_keysets().await,
        }
    }

    /// Returns the keys of the keyset `id`. Fetches the keysets again if it is unknown, because the user may have
    /// joined a group.
    pub(crate) async fn keyset(&self, id: &str) -> Result<Arc<OpenKeyset>> {
        let mut keysets = self.keysets().await?;
        if !keysets.records.contains_key(id) {
            keysets = self.fetch_keysets().await?;
        }
        keysets.open(&self.api, id).await
    }

    async fn fetch_keysets(&self) -> Result<Arc<Keysets>> {
        let (api, known) = (self.api.clone(), self.keysets.clone());
        self.opening
            .run((), || {
                Box::pin(async move {
                    let response = api.get(routes::KEYSETS.at([])).await?;
                    let before = lock(&known).clone();
                    let keysets = Arc::new(Keysets::new(response, before.as_deref())?);
                    // Opened here, in the shared work, because deriving a person's key from the password takes long.
                    keysets.open(&api, &keysets.primary).await?;
                    *lock(&known) = Some(keysets.clone());
                    Ok(keysets)
                })
            })
            .await
    }

    fn known_keysets(&self) -> Option<Arc<Keysets>> {
        lock(&self.keysets).clone()
    }

    /// Returns the key of a vault whose record has the access that opens it.
    pub(crate) async fn vault_key(&self, vault: &VaultRecord) -> Result<SymmetricKey> {
        let access = vault
            .combined_access
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::InvalidResponse, "combined access field is missing"))?;
        if let Some(known) = self.known(&vault.uuid)
            && known.wrapped == access.enc_vault_key.data
        {
            return Ok(known.key);
        }
        let key = self.open_vault_key(access).await?;
        let entry = UnwrappedVaultKey { wrapped: access.enc_vault_key.data.clone(), key: key.clone() };
        let before = lock(&self.vault_keys).insert(vault.uuid.clone(), entry);
        if before.is_some_and(|before| before.key.kid() != key.kid()) {
            // What was read earlier is sealed with the old key.
            self.api.forget(Some(&vault.uuid));
        }
        Ok(key)
    }

    /// Returns the vault key of an access whose keyset this client can open.
    pub(crate) async fn open_vault_key(&self, access: &VaultAccessRecord) -> Result<SymmetricKey> {
        let keyset = self.keyset(&access.enc_vault_key.kid).await?;
        unwrap_key(&self.api, &access.enc_vault_key, &keyset.private).await
    }

    /// Unwraps the keys of listed vaults, so that none of the vaults is fetched for its key. A key that does not open is
    /// passed over.
    pub(crate) async fn remember_vault_keys(&self, vaults: &[VaultRecord]) -> Result<()> {
        self.open_each(vaults, |vault| Box::pin(self.listed_vault_key(vault))).await.map(drop)
    }

    /// Returns the decrypted attributes of listed vaults, in the order of the list; `None` for a vault whose key or
    /// attributes do not open.
    pub(crate) async fn vault_attributes(&self, vaults: &[VaultRecord]) -> Result<Vec<Option<VaultAttributes>>> {
        self.open_each(vaults, |vault| Box::pin(self.attributes_of(vault))).await
    }

    /// Opens something of each listed vault. What does not open is `None`, because anybody can give access to a vault
    /// that nobody can open. Fails if this client's own keys do not open, or a request fails.
    async fn open_each<'a, T>(
        &self,
        vaults: &'a [VaultRecord],
        open: impl Fn(&'a VaultRecord) -> BoxFuture<'a, Result<T>>,
    ) -> Result<Vec<Option<T>>> {
        if !vaults.is_empty() {
            self.keysets().await?;
        }
        try_join_all(vaults.iter().map(|vault| async { if_it_opens(open(vault).await) })).await
    }

    /// Returns the decrypted attributes of a listed vault.
    pub(crate) async fn attributes_of(&self, vault: &VaultRecord) -> Result<VaultAttributes> {
        let key = self.listed_vault_key(vault).await?;
        if vault.enc_attrs.kid == key.kid() {
            return attributes(vault, &key);
        }
        // The key was rotated after the vaults were listed.
        let (vault, key) = self.fetch_vault(&VaultId::from_server(&vault.uuid)).await?;
        attributes(&vault, &key)
    }

    /// Returns the key of a listed vault, whose record may lack the access that opens it.
    async fn listed_vault_key(&self, vault: &VaultRecord) -> Result<SymmetricKey> {
        if vault.combined_access.is_some() {
            return self.vault_key(vault).await;
        }
        match self.known(&vault.uuid) {
            Some(known) if known.key.kid() == vault.enc_attrs.kid => Ok(known.key),
            _ => self.fetch_vault_key(&VaultId::from_server(&vault.uuid)).await,
        }
    }

    /// Returns the key of a vault by the vault's id. Fetches the vault if the key is unknown.
    pub(crate) async fn vault_key_by_id(&self, vault_id: &VaultId) -> Result<SymmetricKey> {
        if let Some(known) = self.known(vault_id.as_str()) {
            return Ok(known.key);
        }
        self.fetch_vault_key(vault_id).await
    }

    /// Fetches the key of a vault whose known key was rotated.
    pub(crate) async fn rotated_vault_key(&self, vault_id: &VaultId) -> Result<SymmetricKey> {
        self.fetch_vault_key(vault_id).await
    }

    async fn fetch_vault_key(&self, vault_id: &VaultId) -> Result<SymmetricKey> {
        Ok(self.fetch_vault(vault_id).await?.1)
    }

    async fn fetch_vault(&self, vault_id: &VaultId) -> Result<(VaultRecord, SymmetricKey)> {
        // At the same time, because neither needs the other's response.
        let vault = self.api.get_one::<VaultRecord>(vault_records::target(vault_id));
        let (vault, _) = futures_util::future::try_join(vault, self.keysets()).await?;
        let key = self.vault_key(&vault).await?;
        Ok((vault, key))
    }

    fn known(&self, vault_id: &str) -> Option<UnwrappedVaultKey> {
        lock(&self.vault_keys).get(vault_id).cloned()
    }
}

impl Keysets {
    /// Reads the server's response. Keeps the keysets that were opened `before` and have not changed.
    fn new(response: KeysetsResponse, before: Option<&Self>) -> Result<Self> {
        let order = keyset::unlock_order(&response.keysets, MASTER_KEY_ID)
            .map_err(|error| Error::new(ErrorKind::InvalidResponse, format_args!("the account's keysets: {error}")))?;
        let reachable = order.iter().filter_map(|index| response.keysets.get(*index));
        let primary = reachable.clone().next().map(|keyset| keyset.uuid.clone());
        // `unlock_order` returns at least the keyset that the master unlock key opens.
        let primary = primary.ok_or_else(|| undecryptable("any keyset of this account"))?;
        let records: HashMap<_, _> = reachable.map(|keyset| (keyset.uuid.clone(), keyset.clone())).collect();
        let mut opened = before.map_or_else(HashMap::new, |before| before.opened().clone());
        opened.retain(|id, _| before.is_some_and(|before| before.records.get(id) == records.get(id)));
        Ok(Self { records, primary, opened: Mutex::new(opened) })
    }

    /// Returns the keyset that the master unlock key opens.
    pub(crate) fn primary(&self) -> Result<&Keyset> {
        self.records.get(&self.primary).ok_or_else(|| undecryptable("any keyset of this account"))
    }

    /// Returns the keys of one keyset. Opens the keysets that seal it first.
    async fn open(&self, api: &Api, id: &str) -> Result<Arc<OpenKeyset>> {
        let mut sealed = Vec::new();
        let mut next = id;
        let mut open = loop {
            if let Some(open) = self.opened().get(next) {
                break Some(open.clone());
            }
            if next == MASTER_KEY_ID {
                break None;
            }
            let keyset = self.records.get(next).ok_or_else(|| undecryptable("key: no keyset of this account fits"))?;
            sealed.push(keyset);
            // The loop ends, because the keysets of `unlock_order` all lead to the master unlock key.
            next = &keyset.encrypted_by;
        };
        while let Some(keyset) = sealed.pop() {
            let symmetric = match &open {
                Some(parent) => unwrap_key(api, &keyset.enc_sym_key, &parent.private).await?,
                None => open_primary(api, keyset)?,
            };
            let opened = Arc::new(open_keyset(keyset, symmetric)?);
            self.opened().insert(keyset.uuid.clone(), opened.clone());
            open = Some(opened);
        }
        open.ok_or_else(|| undecryptable("any keyset of this account"))
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<String, Arc<OpenKeyset>>> {
        lock(&self.opened)
    }
}

fn open_keyset(keyset: &Keyset, symmetric: SymmetricKey) -> Result<OpenKeyset> {
    let jwk = keyset.enc_pri_key.open(&symmetric).map_err(|_| undecryptable("a keyset's private key"))?;
    let private = RsaPrivateKey::from_jwk_json(&jwk).map_err(|_| undecryptable("a keyset's private key"))?;
    Ok(OpenKeyset { symmetric, private })
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

/// Unwraps a symmetric key that is sealed for a public key.
async fn unwrap_key(api: &Api, wrapped: &Envelope, key: &RsaPrivateKey) -> Result<SymmetricKey> {
    let ciphertext = wrapped.rsa_ciphertext(&key.kid).map_err(|_| undecryptable("key"))?;
    let crypto = api.connection.host.crypto();
    let jwk = crypto.rsa_oaep_decrypt(key, &ciphertext).await.map_err(|_| undecryptable("key"))?;
    SymmetricKey::from_jwk_json(&jwk).map_err(|_| undecryptable("key"))
}

fn undecryptable(what: &str) -> Error {
    Error::new(ErrorKind::Decryption, what)
}
