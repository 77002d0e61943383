//! The protocol without the client: a sign-in, and reads that only fetch and decrypt. Benchmarks compare the client
//! with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use op_core::{
    Crypto, Host,
    host::{HttpMethod, HttpRequest},
};
use op_host::NativeCrypto;
use op_protocol::{
    b64,
    envelope::{Envelope, EnvelopeRef, Opener},
    jwk::{RsaPrivateKey, SymmetricKey},
    keyset::KeysetsResponse,
    rest::{
        AuthResponse, AuthStartResponse, ConfirmKeyResponse, ItemPatch, ItemRecord, ItemResponse, ItemState,
        VaultRecord,
    },
    session::SessionKeys,
    srp,
    token::ServiceAccountToken,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::vectors;

/// Why a bare request failed.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

const TIMEOUT: Duration = Duration::from_secs(60);
/// The creation time of the items of [`Bare::put_plain`].
const STORED_AT: &str = "2026-01-31T12:00:00Z";

/// A session of a service account.
pub struct Bare {
    /// The session's keys.
    pub session: SessionKeys,
    host: Arc<dyn Host>,
    base: String,
    master_key: SymmetricKey,
    request_id: AtomicU32,
}

impl Bare {
    /// Signs in.
    ///
    /// # Errors
    /// The token is malformed, or the server refuses it.
    pub async fn sign_in(host: Arc<dyn Host>, token: &str) -> Result<Self> {
        let token = ServiceAccountToken::parse(token)?;
        let base = token.base_url();
        let start = json!({ "email": token.email.to_lowercase(), "skFormat": "A3", "skid": token.secret_key.id(),
            "deviceUuid": token.device_uuid });
        let started: AuthStartResponse = post_unsealed(&host, &base, "/api/v3/auth/start", None, &start).await?;
        let session = started.session_id.as_str();

        let mut secret = [0; 32];
        host.fill_random(&mut secret);
        let client = srp::Client::new(&token.srp_x, secret);
        let number = json!({ "userA": client.public_key_hex() });
        let answer: AuthResponse = post_unsealed(&host, &base, "/api/v2/auth", Some(session), &number).await?;
        let salt = b64::decode(&started.user_auth.ok_or("the server sent no salt")?.salt)?;
        let params = srp::Params { email: &token.email, secret_key_id: token.secret_key.id(), salt: &salt };
        let proof = client.finish(&answer.user_b, &params)?;

        let m1 = json!({ "clientVerifyHash": b64::encode(&proof.m1) });
        let confirmed: ConfirmKeyResponse =
            post_unsealed(&host, &base, "/api/v2/auth/confirm-key", Some(session), &m1).await?;
        proof.verify_server(&b64::decode(&confirmed.server_verify_hash)?)?;
        let session = SessionKeys::new(session, &proof.session_key);
        let bare = Self { session, host, base, master_key: token.muk, request_id: AtomicU32::new(1) };
        let mut request = bare.signed(HttpMethod::Post, "/api/v2/auth/complete");
        request.body = bare.sealed(&json!({ "client": "bare", "device": null }))?;
        bare.send(request).await?;
        Ok(bare)
    }

    /// Returns a signed request.
    #[must_use]
    pub fn signed(&self, method: HttpMethod, route: &str) -> HttpRequest {
        let url = format!("{}{route}", self.base);
        let number = self.request_id.fetch_add(1, Ordering::Relaxed);
        let headers = vec![
            ("x-agilebits-session-id", self.session.id.clone()),
            ("x-agilebits-mac", self.session.mac.header(method.as_str(), &url, number)),
        ];
        HttpRequest { method, url, headers, body: Vec::new(), timeout: TIMEOUT }
    }

    /// Fetches and decrypts the data of a vault's list. Returns the numbers of items and of decrypted bytes.
    ///
    /// # Errors
    /// The server refuses, or its answer does not follow the protocol.
    pub async fn overviews(&self, vault_id: &str, key: &SymmetricKey) -> Result<(usize, usize)> {
        #[derive(Deserialize)]
        struct Listing<'a> {
            #[serde(borrow)]
            items: Vec<Sealed<'a>>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Sealed<'a> {
            #[serde(borrow)]
            enc_overview: EnvelopeRef<'a>,
        }
        let body = self.send(self.signed(HttpMethod::Get, &overviews_route(vault_id))).await?;
        let answer = Opener::new(&self.session.key).open(&serde_json::from_slice(&body)?)?;
        drop(body);
        let listing: Listing<'_> = serde_json::from_slice(&answer)?;
        let opener = Opener::new(key);
        let mut bytes = answer.len();
        for item in &listing.items {
            bytes += opener.open(&item.enc_overview)?.len();
        }
        Ok((listing.items.len(), bytes))
    }

    /// Returns the key of a vault.
    ///
    /// # Errors
    /// The server refuses, or its answer does not follow the protocol.
    pub async fn vault_key(&self, vault_id: &str) -> Result<SymmetricKey> {
        let keysets: KeysetsResponse = self.get("/api/v2/account/keysets").await?;
        let keyset = keysets.keysets.first().ok_or("the account has no keyset")?;
        let symmetric = SymmetricKey::from_jwk_json(&keyset.enc_sym_key.open(&self.master_key)?)?;
        let private: RsaPrivateKey = serde_json::from_slice(&keyset.enc_pri_key.open(&symmetric)?)?;
        let vault: VaultRecord = self.get(&format!("/api/v3/vault/{vault_id}?attrs=combined-access")).await?;
        let wrapped = vault.combined_access.ok_or("the server sent no key of the vault")?.enc_vault_key;
        let jwk = NativeCrypto.rsa_oaep_decrypt(&private, &wrapped.rsa_ciphertext(&private.kid)?).await;
        Ok(SymmetricKey::from_jwk_json(&jwk.map_err(|error| error.to_string())?)?)
    }

    /// Returns the plaintext of an item: its overview and its details.
    ///
    /// # Errors
    /// The server refuses, or its answer does not follow the protocol.
    pub async fn item(&self, vault_id: &str, item_id: &str, key: &SymmetricKey) -> Result<[Value; 2]> {
        let found: ItemResponse = self.get(&format!("/api/v1/vault/{vault_id}/item/{item_id}")).await?;
        let details = found.item.enc_details.ok_or("the server sent an item without its details")?;
        let read = |envelope: &Envelope| Ok::<_, Failure>(serde_json::from_slice(&envelope.open(key)?)?);
        Ok([read(&found.item.enc_overview)?, read(&details)?])
    }

    /// Puts the items of `recorded/vault-a.json` into a vault, with their ids and times; their versions are 1.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn put_recorded(&self, vault_id: &str) -> Result<()> {
        let recorded = vectors::json("recorded/vault-a.json");
        let member = |name: &str| recorded.pointer(name).cloned().unwrap_or_default();
        let bytes = b64::decode(member("/vaultKey/k").as_str().unwrap_or_default())?;
        let old = SymmetricKey::new(member("/vaultKey/kid").as_str().unwrap_or_default(), bytes.as_slice().try_into()?);
        let records: Vec<ItemRecord> = serde_json::from_value(member("/items"))?;
        let new = self.vault_key(vault_id).await?;
        let items = records.into_iter().map(|record| self.resealed(record, &old, &new)).collect::<Result<_>>()?;
        self.put(vault_id, items).await
    }

    /// Puts items into a vault as another program may have stored them, given as `templateUuid` and the plaintexts
    /// `overview` and `details`. Returns their ids.
    ///
    /// # Errors
    /// An item lacks a part, or the server refuses.
    pub async fn put_plain(&self, vault_id: &str, items: &[Value]) -> Result<Vec<String>> {
        let key = self.vault_key(vault_id).await?;
        let items: Vec<ItemPatch> = items.iter().map(|item| self.sealed_item(item, &key)).collect::<Result<_>>()?;
        let ids = items.iter().map(|item| item.uuid.clone()).collect();
        self.put(vault_id, items).await.map(|()| ids)
    }

    pub(crate) async fn put(&self, vault_id: &str, items: Vec<ItemPatch>) -> Result<()> {
        let vault: VaultRecord = self.get(&format!("/api/v3/vault/{vault_id}?attrs=combined-access")).await?;
        let route = format!("/api/v3/vault/{vault_id}/{}/items", vault.content_version);
        let mut request = self.signed(HttpMethod::Patch, &route);
        request.body = self.sealed(&serde_json::to_value(items)?)?;
        self.send(request).await.map(drop)
    }

    pub(crate) fn sealed_item(&self, item: &Value, key: &SymmetricKey) -> Result<ItemPatch> {
        let seal = |member: &str| {
            let plaintext = item.get(member).ok_or_else(|| format!("an item has no {member}"))?;
            Ok::<_, Failure>(Envelope::seal(key, self.random(), plaintext.to_string().as_bytes()))
        };
        let template = item.get("templateUuid").and_then(Value::as_str).ok_or("an item has no templateUuid")?;
        Ok(ItemPatch {
            uuid: op_protocol::id::new_id(self.random()),
            item_version: 0,
            enc_overview: seal("overview")?,
            enc_details: seal("details")?,
            trashed: ItemState::Active,
            template_uuid: template.to_owned(),
            created_at: STORED_AT.to_owned(),
            updated_at: STORED_AT.to_owned(),
            encrypted_by: key.kid().to_owned(),
            file_references: None,
        })
    }

    fn resealed(&self, record: ItemRecord, old: &SymmetricKey, new: &SymmetricKey) -> Result<ItemPatch> {
        let seal = |envelope: &Envelope| Ok::<_, Failure>(Envelope::seal(new, self.random(), &envelope.open(old)?));
        Ok(ItemPatch {
            item_version: 0,
            enc_overview: seal(&record.enc_overview)?,
            enc_details: seal(record.enc_details.as_ref().ok_or("a recorded item has details")?)?,
            uuid: record.uuid,
            trashed: record.trashed,
            template_uuid: record.template_uuid,
            created_at: record.created_at,
            updated_at: record.updated_at,
            encrypted_by: new.kid().to_owned(),
            file_references: None,
        })
    }

    /// Returns random bytes, for keys, nonces and ids.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.host.fill_random(&mut bytes);
        bytes
    }

    /// Sends a sealed body, and opens the sealed response.
    pub(crate) async fn post<T: DeserializeOwned>(&self, route: &str, body: &Value) -> Result<T> {
        self.post_bytes(route, self.sealed(body)?).await
    }

    /// Sends these bytes, and opens the sealed response.
    pub(crate) async fn post_bytes<T: DeserializeOwned>(&self, route: &str, body: Vec<u8>) -> Result<T> {
        self.opened(&self.send(HttpRequest { body, ..self.signed(HttpMethod::Post, route) }).await?)
    }

    async fn get<T: DeserializeOwned>(&self, route: &str) -> Result<T> {
        self.opened(&self.send(self.signed(HttpMethod::Get, route)).await?)
    }

    fn opened<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T> {
        let envelope: Envelope = serde_json::from_slice(body)?;
        Ok(serde_json::from_slice(&envelope.open(&self.session.key)?)?)
    }

    fn sealed(&self, body: &Value) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(&Envelope::seal(&self.session.key, self.random(), body.to_string().as_bytes()))?)
    }

    async fn send(&self, request: HttpRequest) -> Result<Vec<u8>> {
        send(&self.host, request).await
    }
}

/// Returns the route of a vault's list.
#[must_use]
pub fn overviews_route(vault_id: &str) -> String {
    format!("/api/v1/vault/{vault_id}/items/overviews")
}

/// Sends an unsealed request, before the sign-in is complete.
async fn post_unsealed<T: DeserializeOwned>(
    host: &Arc<dyn Host>,
    base: &str,
    route: &str,
    session: Option<&str>,
    body: &Value,
) -> Result<T> {
    let headers = session.map(|id| ("x-agilebits-session-id", id.to_owned())).into_iter().collect();
    let (url, body) = (format!("{base}{route}"), body.to_string().into_bytes());
    let request = HttpRequest { method: HttpMethod::Post, url, headers, body, timeout: TIMEOUT };
    Ok(serde_json::from_slice(&send(host, request).await?)?)
}

async fn send(host: &Arc<dyn Host>, request: HttpRequest) -> Result<Vec<u8>> {
    let response = host.http(request).await.map_err(|error| error.message)?;
    if response.status == 200 {
        Ok(response.body)
    } else {
        Err(format!("the server answered {}", response.status).into())
    }
}
