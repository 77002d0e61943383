//! An account, and its server. The server is the attacker here: it knows every key, so it can seal any content of an
//! input.

use std::{
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use op_core::{
    Crypto, Host,
    host::{BoxFuture, HttpMethod, HttpRequest, HttpResponse, TransportError, TransportErrorKind},
};
use op_host::{NativeCrypto, generate_rsa_key};
use op_protocol::{
    b64,
    envelope::Envelope,
    id,
    jwk::{RsaPrivateKey, SymmetricKey},
    kdf,
    keyset::{Keyset, KeysetsResponse, MASTER_KEY_ID},
    permissions,
    rest::{
        AccessorType, AuthRequest, AuthResponse, AuthStartResponse, ConfirmKeyRequest, ConfirmKeyResponse, ItemPatch,
        ItemRecord, ShareRecord, ShareState, UserAuth, VaultAccessRecord, VaultRecord, VaultType,
    },
    secret_key::SecretKey,
    session::SessionKeys,
    share::LinkSecret,
    srp,
    token::ServiceAccountToken,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{client::finish, input::json_bytes};

/// Part of every secret. No error may contain it.
pub(crate) const SECRET: &str = "HUSHHUSHHUSH";

/// More requests than any method needs for this small account. A client that sends more does not stop.
const MAX_REQUESTS: u32 = 40;
/// The longest pause that a client makes on its own.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// The seed of the client's random numbers, so that runs are reproducible.
const RANDOM_SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const TIME: &str = "2026-11-22T23:08:33Z";
/// The clock at [`TIME`].
const NOW_MILLIS: u64 = 1_795_388_913_000;

/// The account, created only once, because generating keys is slow.
pub(crate) struct Account {
    pub(crate) token: ServiceAccountToken,
    pub(crate) vault_id: String,
    pub(crate) item_id: String,
    srp: srp::Server,
    salt: Vec<u8>,
    keys: RsaPrivateKey,
    keyset_key: SymmetricKey,
    vault_key: SymmetricKey,
}

pub(crate) static ACCOUNT: LazyLock<Account> = LazyLock::new(Account::new);

impl Account {
    fn new() -> Self {
        let x = [9; 32];
        let salt = vec![8; 16];
        let keyset_id = id::new_id([1; 16]);
        let secret_key = format!("A3-ABCDEF-{SECRET}23456789ABCDEF");
        let token = ServiceAccountToken {
            sign_in_address: "https://account.example".to_owned(),
            email: "program@account.example".to_owned(),
            secret_key: SecretKey::parse(&secret_key).unwrap(),
            srp_x: Zeroizing::new(x),
            muk: SymmetricKey::new(MASTER_KEY_ID, b64_key()),
            user_auth: auth_parameters(&salt),
            throttle_secret: None,
            device_uuid: id::new_id([2; 16]),
        };
        Self {
            token,
            vault_id: id::new_id([3; 16]),
            item_id: id::new_id([4; 16]),
            srp: srp::Server::new(&srp::verifier(&x), [7; 32]).unwrap(),
            salt,
            keys: generate_rsa_key(&keyset_id).unwrap(),
            keyset_key: SymmetricKey::new(&keyset_id, [5; 32]),
            vault_key: SymmetricKey::new(id::new_id([5; 16]), b64_key()),
        }
    }

    pub(crate) fn keys(&self) -> &RsaPrivateKey {
        &self.keys
    }

    /// Returns a secret reference to the item's password.
    pub(crate) fn reference(&self) -> String {
        format!("op://{}/{}/password", self.vault_id, self.item_id)
    }

    /// Decrypts an envelope that the client sealed with the vault's key.
    pub(crate) fn open(&self, envelope: &Envelope) -> Zeroizing<Vec<u8>> {
        envelope.open(&self.vault_key).expect("the client seals with the vault's key")
    }
}

/// Returns a key whose Base64 text contains the secret.
fn b64_key() -> [u8; 32] {
    let mut text = SECRET.repeat(4);
    text.truncate(42);
    b64::decode(&(text + "A")).unwrap().try_into().unwrap()
}

fn auth_parameters(salt: &[u8]) -> UserAuth {
    UserAuth {
        method: kdf::METHOD.to_owned(),
        alg: kdf::ALG.to_owned(),
        iterations: kdf::DEFAULT_ITERATIONS,
        salt: b64::encode(salt),
    }
}

/// The state of the server for one input.
pub(crate) struct Scene {
    pub(crate) template: &'static str,
    pub(crate) overview: Vec<u8>,
    pub(crate) details: Vec<u8>,
    pub(crate) created_at: String,
    /// The plaintext of the vault's attributes.
    pub(crate) attributes: Vec<u8>,
    /// The JWKs that are encrypted with the account's other keys.
    pub(crate) vault_key: Vec<u8>,
    pub(crate) keyset_key: Vec<u8>,
    pub(crate) private_key: Vec<u8>,
    /// The answer to replace, counted from 0, and its replacement.
    pub(crate) tampered: Option<(u32, Tamper)>,
    pub(crate) now_millis: u64,
    /// The item that the client wrote last.
    pub(crate) written: Option<ItemPatch>,
}

/// The replacement of an answer.
pub(crate) enum Tamper {
    Response(HttpResponse),
    /// The plaintext of a sealed answer.
    Sealed(Vec<u8>),
    Failure(TransportErrorKind),
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            template: "001",
            overview: json_bytes(&json!({"title": "Example", "ainfo": "wendy", "tags": ["work"]})),
            details: json_bytes(&json!({"fields": [
                {"id": "username", "name": "username", "type": "T", "designation": "username", "value": "wendy"},
                {"id": "password", "name": "password", "type": "P", "designation": "password", "value": SECRET},
            ]})),
            created_at: TIME.to_owned(),
            attributes: json_bytes(&json!({"name": "Development", "desc": "", "avatar": "", "type": "U"})),
            vault_key: ACCOUNT.vault_key.to_jwk_json().as_bytes().to_vec(),
            keyset_key: ACCOUNT.keyset_key.to_jwk_json().as_bytes().to_vec(),
            private_key: ACCOUNT.keys.to_jwk_json().as_bytes().to_vec(),
            tampered: None,
            now_millis: NOW_MILLIS,
            written: None,
        }
    }
}

/// The server, as the host of a client.
pub(crate) struct Server {
    scene: Mutex<Scene>,
    /// The number of requests in this scene.
    requests: AtomicU32,
    session: Mutex<Option<SessionKeys>>,
    random: Mutex<u64>,
}

impl Server {
    pub(crate) fn new(scene: Scene) -> Arc<Self> {
        Arc::new(Self {
            scene: Mutex::new(scene),
            requests: AtomicU32::new(0),
            session: Mutex::default(),
            random: Mutex::new(RANDOM_SEED),
        })
    }

    /// Sets the state of the server for the next input.
    pub(crate) fn set_scene(&self, scene: Scene) {
        *self.scene() = scene;
        self.requests.store(0, Ordering::Relaxed);
    }

    pub(crate) fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session(&self) -> MutexGuard<'_, Option<SessionKeys>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut scene = self.scene();
        let at = self.requests.fetch_add(1, Ordering::Relaxed);
        assert!(at < MAX_REQUESTS, "the client does not stop sending requests: {}", request.url);
        match scene.tampered.take() {
            Some((tampered, how)) if tampered == at => match how {
                Tamper::Response(response) => Ok(response),
                Tamper::Sealed(plaintext) => Ok(self.sealed(&plaintext)),
                Tamper::Failure(kind) => Err(TransportError::new(kind, "no route to the server")),
            },
            later => {
                scene.tampered = later;
                Ok(self.honest(&mut scene, request))
            }
        }
    }

    /// Returns the answer of a server that follows the protocol.
    fn honest(&self, scene: &mut Scene, request: &HttpRequest) -> HttpResponse {
        let route = request.url.strip_prefix("https://account.example").unwrap_or_default();
        match (request.method, route) {
            (HttpMethod::Post, "/api/v3/auth/start") => clear(&honest_start()),
            (HttpMethod::Post, "/api/v2/auth") => {
                self.agree(&request.body);
                clear(&AuthResponse { session_id: None, user_b: ACCOUNT.srp.public_key_hex() })
            }
            (HttpMethod::Post, "/api/v2/auth/confirm-key") => clear(&confirmation(&request.body)),
            (HttpMethod::Post, "/api/v2/auth/complete") => self.sealed_json(&json!({"userUuid": "USER"})),
            (HttpMethod::Get, "/api/v2/account/keysets") => self.sealed_json(&scene.keysets()),
            (HttpMethod::Get, "/api/v1/vaults?attrs=combined-access") => self.sealed_json(&json!([scene.vault()])),
            (HttpMethod::Post, "/api/v4/itemshare/validate-recipients") => {
                self.sealed_json(&json!({"rejectedRecipients": []}))
            }
            (HttpMethod::Post, "/api/v4/itemshare") => self.sealed_json(&json!({"url": "https://share.example/s"})),
            (HttpMethod::Get, route) if route.starts_with("/api/v4/itemshare/preflight/") => {
                self.sealed_json(&share_policy())
            }
            (HttpMethod::Get, route) if route.starts_with("/api/opwire/v1/shares?") => {
                self.sealed_json(&json!([scene.share()]))
            }
            (HttpMethod::Get, route) if route.starts_with("/api/opwire/v1/shares/") => self.sealed_json(&scene.share()),
            // The account has one vault.
            (_, route) if !route.contains(&ACCOUNT.vault_id) => response(404, Vec::new()),
            (method, route) => match (method, route.rsplit('/').next().unwrap_or_default()) {
                (HttpMethod::Get, "overviews") => self.sealed_json(&scene.overviews()),
                (HttpMethod::Get, last) if last.ends_with("?attrs=combined-access") => self.sealed_json(&scene.vault()),
                (HttpMethod::Get, item) if item == ACCOUNT.item_id => {
                    self.sealed_json(&json!({"contentVersion": 1, "item": scene.record()}))
                }
                (HttpMethod::Post, "batch") => self.sealed_json(&self.batch(scene, &request.body)),
                (HttpMethod::Patch, "items") => self.sealed_json(&self.write(scene, &request.body)),
                _ => response(404, Vec::new()),
            },
        }
    }

    /// Computes the session key that the client will have.
    fn agree(&self, body: &[u8]) {
        let request: AuthRequest = serde_json::from_slice(body).unwrap();
        let mut agreed = agreed();
        let agreed = match agreed.take() {
            Some(known) if known.user_a == request.user_a => agreed.insert(known),
            _ => {
                let token = &ACCOUNT.token;
                let params =
                    srp::Params { email: &token.email, secret_key_id: token.secret_key.id(), salt: &ACCOUNT.salt };
                let proof = ACCOUNT.srp.finish(&request.user_a, &params).unwrap();
                agreed.insert(Agreed { user_a: request.user_a, proof })
            }
        };
        *self.session() = Some(SessionKeys::new(SESSION_ID, &agreed.proof.session_key));
    }

    /// Returns the plaintext that the client sent.
    fn opened(&self, body: &[u8]) -> Zeroizing<Vec<u8>> {
        let envelope: Envelope = serde_json::from_slice(body).unwrap();
        envelope.open(&self.session().as_ref().expect("sealed requests follow a sign-in").key).unwrap()
    }

    fn batch(&self, scene: &Scene, body: &[u8]) -> Value {
        let request: Value = serde_json::from_slice(&self.opened(body)).unwrap();
        let wanted = request["itemUuids"].as_array().unwrap();
        let items: Vec<_> = wanted.iter().map(|id| (*id == *ACCOUNT.item_id).then(|| scene.record())).collect();
        json!({"contentVersion": 1, "items": items})
    }

    fn write(&self, scene: &mut Scene, body: &[u8]) -> Value {
        let patch: Vec<ItemPatch> = serde_json::from_slice(&self.opened(body)).unwrap();
        let updated: serde_json::Map<_, _> =
            patch.iter().map(|item| (item.uuid.clone(), json!(item.item_version + 1))).collect();
        scene.written = patch.into_iter().next_back();
        json!({"contentVersion": 2, "updatedItems": updated})
    }

    fn sealed_json(&self, answer: &impl serde::Serialize) -> HttpResponse {
        self.sealed(&json_bytes(answer))
    }

    fn sealed(&self, plaintext: &[u8]) -> HttpResponse {
        match &*self.session() {
            Some(session) => clear(&Envelope::seal(&session.key, [6; 12], plaintext)),
            None => response(200, plaintext.to_vec()),
        }
    }
}

const SESSION_ID: &str = "PBXONDZUWVCJFAV25C7XR7IYDQ";

/// The latest sign-in. The same random numbers lead to the same session key, which need not be computed again.
struct Agreed {
    user_a: String,
    proof: srp::ServerProof,
}

fn agreed() -> MutexGuard<'static, Option<Agreed>> {
    static AGREED: Mutex<Option<Agreed>> = Mutex::new(None);
    AGREED.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn honest_start() -> AuthStartResponse {
    AuthStartResponse {
        status: Some("ok".to_owned()),
        session_id: SESSION_ID.to_owned(),
        account_key_format: Some("A3".to_owned()),
        account_key_uuid: Some(ACCOUNT.token.secret_key.id().to_owned()),
        user_auth: Some(auth_parameters(&ACCOUNT.salt)),
    }
}

/// Returns the server's number B.
pub(crate) fn honest_number() -> String {
    ACCOUNT.srp.public_key_hex()
}

/// Returns the server's proof for the latest sign-in.
pub(crate) fn honest_proof() -> String {
    agreed().as_ref().map(|agreed| b64::encode(&agreed.proof.m2)).unwrap_or_default()
}

fn confirmation(body: &[u8]) -> ConfirmKeyResponse {
    let _: ConfirmKeyRequest = serde_json::from_slice(body).unwrap();
    ConfirmKeyResponse { server_verify_hash: honest_proof() }
}

impl Scene {
    pub(crate) fn keysets(&self) -> KeysetsResponse {
        let token = &ACCOUNT.token;
        let uuid = ACCOUNT.keys.kid.clone();
        let keyset = Keyset {
            encrypted_by: MASTER_KEY_ID.to_owned(),
            sn: 1,
            enc_sym_key: Envelope::seal(&token.muk, [1; 12], &self.keyset_key),
            enc_pri_key: Envelope::seal(&ACCOUNT.keyset_key, [2; 12], &self.private_key),
            pub_key: ACCOUNT.keys.public(),
            enc_s_pri_key: None,
            spub_key: None,
            created_at: None,
            updated_at: None,
            uuid,
        };
        KeysetsResponse { version: 1, keysets: vec![keyset] }
    }

    pub(crate) fn vault(&self) -> VaultRecord {
        let uuid = ACCOUNT.vault_id.clone();
        let access = VaultAccessRecord {
            vault_uuid: uuid.clone(),
            accessor_type: AccessorType::User.into(),
            accessor_uuid: "USER".to_owned(),
            acl: permissions::ALL,
            lease_timeout: 0,
            vault_key_sn: 1,
            encrypted_by: ACCOUNT.keys.kid.clone(),
            enc_vault_key: Envelope::rsa(&ACCOUNT.keys.kid, &encrypted(&self.vault_key)),
            access_version: Some(1),
        };
        VaultRecord {
            uuid,
            kind: VaultType::UserCreated.into(),
            created_at: TIME.to_owned(),
            updated_at: TIME.to_owned(),
            attr_version: 1,
            content_version: 1,
            active_item_count: 1,
            client_access: 1,
            enc_attrs: Envelope::seal(&ACCOUNT.vault_key, [3; 12], &self.attributes),
            combined_access: Some(access),
            access: None,
        }
    }

    pub(crate) fn record(&self) -> ItemRecord {
        ItemRecord {
            uuid: ACCOUNT.item_id.clone(),
            template_uuid: self.template.to_owned(),
            changer_uuid: "USER".to_owned(),
            trashed: op_protocol::rest::ItemState::Active,
            created_at: self.created_at.clone(),
            updated_at: TIME.to_owned(),
            item_version: 1,
            enc_overview: Envelope::seal(&ACCOUNT.vault_key, [4; 12], &self.overview),
            enc_details: Some(Envelope::seal(&ACCOUNT.vault_key, [5; 12], &self.details)),
        }
    }

    pub(crate) fn overviews(&self) -> Value {
        json!({"contentVersion": 1, "batchComplete": true, "items": [self.record()]})
    }
}

impl Scene {
    pub(crate) fn share(&self) -> ShareRecord {
        let secret = LinkSecret::new(b64_key().into());
        ShareRecord {
            uuid: secret.uuid(),
            vault_uuid: ACCOUNT.vault_id.clone(),
            item_uuid: ACCOUNT.item_id.clone(),
            item_version: 1,
            creator_uuid: "USER".to_owned(),
            state: ShareState::Active,
            created_at: TIME.to_owned(),
            expires_at: TIME.to_owned(),
            ended_at: None,
            max_views: None,
            recipients: None,
            has_password: false,
            views: 1,
            enc_overview: Some(Envelope::seal(&secret.key(), [10; 12], &self.overview)),
            enc_share_secret: Some(Envelope::seal(&ACCOUNT.vault_key, [9; 12], secret.fragment().as_bytes())),
            url: "https://share.example/s".to_owned(),
            views_log: None,
        }
    }
}

pub(crate) fn share_policy() -> Value {
    json!({
        "allowedTypes": ["A", "P"], "allowedRecipientTypes": ["E", "D"], "maxExpiry": 2_592_000,
        "defaultExpiry": 604_800, "maxViews": null, "files": {"allowed": true, "maxSize": 1000},
    })
}

/// Encrypts with RSA-OAEP and the account's public key. Returns a plaintext that is too long unchanged.
fn encrypted(plaintext: &[u8]) -> Vec<u8> {
    finish(NativeCrypto.rsa_oaep_encrypt(&ACCOUNT.keys.public(), plaintext)).unwrap_or_else(|_| plaintext.to_vec())
}

fn clear(answer: &impl serde::Serialize) -> HttpResponse {
    response(200, json_bytes(answer))
}

fn response(status: u16, body: Vec<u8>) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body }
}

impl Host for Server {
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(async move { self.exchange(&request) })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        assert!(duration <= MAX_PAUSE, "the client pauses for {duration:?}");
        Box::pin(async {})
    }

    fn now_millis(&self) -> u64 {
        self.scene().now_millis
    }

    /// SplitMix64: not secure, but the same in each run.
    fn fill_random(&self, buffer: &mut [u8]) {
        let mut state = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(RANDOM_SEED);
            let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }

    fn crypto(&self) -> &dyn Crypto {
        &NativeCrypto
    }
}
