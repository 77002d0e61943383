//! People, programs and vaults, and a client that speaks for them.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use op_protocol::envelope::Envelope;
use op_protocol::file::SigningKey;
use op_protocol::jwk::RsaPublicKey;
use op_protocol::jwk::SymmetricKey;
use op_protocol::keyset::{Keyset, MASTER_KEY_ID};
use op_protocol::rest::{
    AccessorType, AuthResponse, AuthStartResponse, ConfirmKeyResponse, FileReference, ItemPatch, ItemState, NewUser,
    PatchResponse, UploadResponse, VaultAccessRecord, VaultRecord,
};
use op_protocol::session::SessionKeys;
use op_protocol::srp::{self, Params};
use op_protocol::{b64, id, kdf, permissions};
use op_testkit::TestServer;
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn new_id() -> String {
    id::new_id(random())
}

/// Anything sealed: the server never opens it.
pub(crate) fn sealed(kid: &str, text: &str) -> Envelope {
    Envelope::seal(&SymmetricKey::new(kid, [7; 32]), random(), text.as_bytes())
}

/// A user and its secrets.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) user: NewUser,
    pub(crate) x: Zeroizing<[u8; 32]>,
}

impl Person {
    pub(crate) fn new(name: &str) -> Self {
        let x = Zeroizing::new(random::<32>());
        let keys = new_id();
        let public = RsaPublicKey {
            kty: "RSA".to_owned(),
            n: b64::encode(&random::<256>()),
            e: "AQAB".to_owned(),
            alg: "RSA-OAEP".to_owned(),
            kid: keys.clone(),
            ext: Some(true),
            key_ops: Some(vec!["encrypt".to_owned()]),
        };
        let keyset = Keyset {
            uuid: keys.clone(),
            encrypted_by: MASTER_KEY_ID.to_owned(),
            sn: 1,
            enc_sym_key: sealed(MASTER_KEY_ID, "symmetric key"),
            enc_pri_key: sealed(&keys, "private key"),
            pub_key: public,
            enc_s_pri_key: None,
            spub_key: None,
            created_at: None,
            updated_at: None,
        };
        let user = NewUser {
            uuid: new_id(),
            email: format!("{name}-{}@example.com", new_id()),
            name: name.to_owned(),
            verifier: srp::verifier(&x),
            salt: b64::encode(&random::<16>()),
            iterations: kdf::DEFAULT_ITERATIONS,
            method: kdf::METHOD.to_owned(),
            alg: kdf::ALG.to_owned(),
            secret_key_id: "ABCDEF".to_owned(),
            keyset,
        };
        Self { user, x }
    }

    /// This person's access to a vault.
    pub(crate) fn access(&self, vault: &str, acl: u32) -> VaultAccessRecord {
        VaultAccessRecord {
            vault_uuid: vault.to_owned(),
            accessor_type: AccessorType::User.into(),
            accessor_uuid: self.user.uuid.clone(),
            acl,
            lease_timeout: 0,
            vault_key_sn: 1,
            encrypted_by: self.user.keyset.uuid.clone(),
            enc_vault_key: Envelope::rsa(&self.user.keyset.uuid, b"vault key"),
            access_version: None,
        }
    }
}

/// A server's answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }

    /// Asserts a refusal with its JSON body.
    pub(crate) fn refused(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        let body: Value = self.json();
        // Finer codes begin with the status.
        assert!(body["errorCode"].to_string().starts_with(&status.to_string()), "{body}");
        assert!(body["errorMessage"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        assert!(body["requestId"].as_str().is_some_and(id::is_id), "{body}");
        body
    }

    /// Asserts the clear-text answer of a change.
    pub(crate) fn succeeded(&self) {
        assert_eq!(self.json::<Value>(), json!({"success": 1}));
        assert_eq!(self.status, 200);
    }
}

/// A signed-in client.
pub(crate) struct Client {
    pub(crate) base: String,
    pub(crate) keys: SessionKeys,
    pub(crate) person: Person,
    http: reqwest::Client,
    request_id: AtomicU32,
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

pub(crate) async fn post(base: &str, path: &str, session: Option<&str>, body: &Value) -> Answer {
    let mut request = http().post(format!("{base}{path}")).body(body.to_string());
    if let Some(session) = session {
        request = request.header("x-agilebits-session-id", session);
    }
    send(request).await
}

pub(crate) async fn start(base: &str, email: &str) -> Answer {
    let body = json!({"email": email, "skFormat": "A3", "skid": "ABCDEF", "deviceUuid": new_id()});
    post(base, "/api/v3/auth/start", None, &body).await
}

/// A sign-in that has exchanged its public numbers, and the proof for the next step.
pub(crate) struct Exchanged {
    pub(crate) session: String,
    pub(crate) proof: srp::ClientProof,
}

pub(crate) async fn exchange(base: &str, person: &Person) -> Exchanged {
    let started: AuthStartResponse = start(base, &person.user.email).await.json();
    let auth = started.user_auth.unwrap();
    let client = srp::Client::new(&person.x, random());
    let body = json!({"userA": client.public_key_hex()});
    let answer: AuthResponse = post(base, "/api/v2/auth", Some(&started.session_id), &body).await.json();
    assert_eq!(answer.user_b.len(), 1024);
    let salt = b64::decode(&auth.salt).unwrap();
    let params = Params { email: &person.user.email, secret_key_id: "ABCDEF", salt: &salt };
    Exchanged { session: started.session_id, proof: client.finish(&answer.user_b, &params).unwrap() }
}

pub(crate) async fn confirm(base: &str, session: &str, m1: &[u8]) -> Answer {
    post(base, "/api/v2/auth/confirm-key", Some(session), &json!({"clientVerifyHash": b64::encode(m1)})).await
}

impl Client {
    /// Signs in with all four requests.
    pub(crate) async fn sign_in(base: &str, person: &Person) -> Self {
        let client = Self::confirmed(base, person).await;
        let body: Value = client.open(&client.complete().await);
        assert_eq!(body["userUuid"], person.user.uuid.as_str());
        client
    }

    /// Signs in but for the last request.
    pub(crate) async fn confirmed(base: &str, person: &Person) -> Self {
        let Exchanged { session, proof } = exchange(base, person).await;
        let confirmed: ConfirmKeyResponse = confirm(base, &session, &proof.m1).await.json();
        proof.verify_server(&b64::decode(&confirmed.server_verify_hash).unwrap()).unwrap();
        Self::with_keys(base, person.clone(), SessionKeys::new(session, &proof.session_key))
    }

    pub(crate) fn with_keys(base: &str, person: Person, keys: SessionKeys) -> Self {
        Self { base: base.to_owned(), keys, person, http: http(), request_id: AtomicU32::new(1) }
    }

    pub(crate) async fn complete(&self) -> Answer {
        self.send(Method::POST, "/api/v2/auth/complete", Some(&json!({"client": "test", "device": null}))).await
    }

    pub(crate) fn signature(&self, method: &str, url: &str) -> String {
        self.keys.mac.header(method, url, self.request_id.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn seal(&self, body: &Value) -> String {
        serde_json::to_string(&Envelope::seal(&self.keys.key, random(), body.to_string().as_bytes())).unwrap()
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        send(self.request(method, path, body)).await
    }

    /// A request, sealed and signed.
    pub(crate) fn request(&self, method: Method, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        let mut request = self
            .http
            .request(method.clone(), &url)
            .header("x-agilebits-session-id", &self.keys.id)
            .header("x-agilebits-mac", self.signature(method.as_str(), &url));
        if let Some(body) = body {
            request = request.body(self.seal(body));
        }
        request
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Opens a sealed answer.
    pub(crate) fn open<T: DeserializeOwned>(&self, answer: &Answer) -> T {
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let plain = answer.json::<Envelope>().open(&self.keys.key).unwrap();
        serde_json::from_slice(&plain).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&plain)))
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Gets and opens a sealed answer.
    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &str) -> T {
        self.open(&self.get(path).await)
    }

    pub(crate) async fn vault(&self, vault: &str) -> VaultRecord {
        self.open(&self.get(&format!("/api/v3/vault/{vault}?attrs=combined-access")).await)
    }

    /// Makes a vault that this client manages.
    pub(crate) async fn make_vault(&self) -> String {
        let vault = new_id();
        let body = json!({
            "uuid": vault, "type": "U", "encAttrs": sealed("vault-key", "attributes"),
            "access": [self.person.access(&vault, permissions::ALL)],
        });
        self.post("/api/v2/vault", &body).await.succeeded();
        vault
    }

    pub(crate) async fn patch(&self, vault: &str, content_version: u32, elements: &[ItemPatch]) -> Answer {
        let path = format!("/api/v3/vault/{vault}/{content_version}/items");
        self.send(Method::PATCH, &path, Some(&serde_json::to_value(elements).unwrap())).await
    }

    /// Applies one element at the vault's present version.
    pub(crate) async fn change(&self, vault: &str, element: &ItemPatch) -> PatchResponse {
        let version = self.vault(vault).await.content_version;
        self.open(&self.patch(vault, version, std::slice::from_ref(element)).await)
    }

    /// Makes a service account with one grant.
    pub(crate) async fn make_service_account(&self, vault: &str, acl: u32) -> Person {
        let program = Person::new("program");
        let body = json!({"user": program.user, "vaults": [program.access(vault, acl)]});
        self.post("/api/opwire/v1/service-accounts", &body).await.succeeded();
        program
    }
}

/// A new item.
pub(crate) fn new_item(text: &str) -> ItemPatch {
    ItemPatch {
        uuid: new_id(),
        item_version: 0,
        enc_overview: sealed("vault-key", text),
        enc_details: sealed("vault-key", &format!("details of {text}")),
        trashed: ItemState::Active,
        template_uuid: "001".to_owned(),
        created_at: "2026-11-22T23:08:33Z".to_owned(),
        updated_at: "2026-11-22T23:08:33Z".to_owned(),
        encrypted_by: "vault-key".to_owned(),
        file_references: None,
    }
}

/// The element that replaces `item`, stored at `version`.
pub(crate) fn next(item: &ItemPatch, version: u32, trashed: ItemState) -> ItemPatch {
    ItemPatch {
        item_version: version,
        trashed,
        enc_overview: sealed("vault-key", "changed"),
        enc_details: sealed("vault-key", "changed details"),
        ..item.clone()
    }
}

impl Client {
    pub(crate) async fn upload(&self, content: Vec<u8>) -> Answer {
        let url = format!("{}/api/v3/file", self.base);
        let request = http()
            .post(&url)
            .header("x-agilebits-session-id", &self.keys.id)
            .header("x-agilebits-mac", self.signature("POST", &url))
            .body(content);
        send(request).await
    }

    pub(crate) async fn uploaded(&self, content: &[u8]) -> UploadResponse {
        self.open(&self.upload(content.to_vec()).await)
    }

    pub(crate) async fn download(&self, vault: &str, item: &str, file: &str) -> Answer {
        self.send(Method::GET, &format!("/api/v2/file/{vault}/{item}/{file}"), None).await
    }
}

/// The item with these files, as its author signs them.
pub(crate) fn with_files(item: ItemPatch, files: &[&UploadResponse]) -> ItemPatch {
    let reference = |file: &&UploadResponse| FileReference {
        file_id: file.file_id.clone(),
        signature: SigningKey::from_jwk(&file.signing_key).unwrap().sign(&file.file_id, &item.uuid, item.item_version),
    };
    ItemPatch { file_references: Some(files.iter().map(reference).collect()), ..item.clone() }
}

/// Makes an account and signs its owner in.
pub(crate) async fn owner(server: &TestServer) -> Client {
    let person = Person::new("owner");
    create_account(server, &person, &server.setup_token).await.succeeded();
    Client::sign_in(&server.url, &person).await
}

pub(crate) async fn create_account(server: &TestServer, person: &Person, setup_token: &str) -> Answer {
    let body = json!({"account": {"uuid": new_id(), "name": "Acme"}, "user": person.user});
    post_account(server, setup_token, &body).await
}

pub(crate) async fn post_account(server: &TestServer, setup_token: &str, body: &Value) -> Answer {
    post_account_at(&server.url, setup_token, body).await
}

pub(crate) async fn post_account_at(base: &str, setup_token: &str, body: &Value) -> Answer {
    let request = http().post(format!("{base}/api/opwire/v1/accounts"));
    send(request.header("x-opwire-setup-token", setup_token).body(body.to_string())).await
}

/// What the process logged, for the tests that look at it.
pub(crate) static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The number of stored files in a data folder.
pub(crate) fn stored_files(dir: &Path) -> usize {
    let folders = std::fs::read_dir(dir.join("files")).unwrap();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

/// Waits for a round of removing, or, if that one met a busy database, the one after.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    for _ in 0..900 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not come to that");
}
