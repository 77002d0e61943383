//! Fuzzes requests to the account server: signed and sealed ones, forged ones, and those before sign-in.

use std::cell::Cell;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Uri},
};
use op_protocol::{
    b64,
    envelope::Envelope,
    id, kdf, permissions,
    rest::{AuthResponse, AuthStartResponse, CreateVaultRequest, ItemPatch, ItemState, NewUser, VaultType},
    session::SessionKeys,
    srp,
};
use op_server::{Config, RateLimits, State, app};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use zeroize::Zeroizing;

use crate::{
    account::{ACCOUNT, Scene},
    input::{Input, json_bytes, seed, text},
};

const X: [u8; 32] = [9; 32];
const EMAIL: &str = "owner@account.example";
const SECRET_KEY_ID: &str = "ABCDEF";
const HOST: &str = "account.example";

/// The routes, with `V` for the vault and `I` for the item. The first four are used before sign-in.
const ROUTES: [(&str, &str); 15] = [
    ("POST", "/api/v3/auth/start"),
    ("POST", "/api/v2/auth"),
    ("POST", "/api/v2/auth/confirm-key"),
    ("POST", "/api/opwire/v1/accounts"),
    ("POST", "/api/v2/auth/complete"),
    ("POST", "/api/opwire/v1/service-accounts"),
    ("GET", "/api/v2/account/keysets"),
    ("GET", "/api/v3/account"),
    ("GET", "/api/v1/vaults"),
    ("POST", "/api/v2/vault"),
    ("GET", "/api/v3/vault/V"),
    ("GET", "/api/v1/vault/V/items/overviews"),
    ("GET", "/api/v1/vault/V/item/I"),
    ("POST", "/api/v3/vault/V/items/batch"),
    ("PATCH", "/api/v3/vault/V/1/items"),
];
const BEFORE_SIGN_IN: u8 = 4;

/// Sends a request. The input has the kind of signature, the route, the end of its path, and the body.
pub(crate) fn request(data: &[u8]) {
    thread_local!(static SERVER: Server = Server::start());
    SERVER.with(|server| {
        let mut input = Input(data);
        let forged = input.byte() % 3 == 1;
        let route = input.byte() % ROUTES.len() as u8;
        let (method, path) = ROUTES[usize::from(route)];
        let path = path.replace('V', &ACCOUNT.vault_id).replace('I', &ACCOUNT.item_id) + &text(input.part());
        let Ok(uri) = path.parse::<Uri>() else { return };
        let signature = if forged { text(input.part()) } else { server.signature(method, &path) };
        let body = if route < BEFORE_SIGN_IN { input.0.to_vec() } else { server.sealed(input.0) };

        let Some((status, answer)) = server.send(method, uri, &signature, body) else { return };
        assert!(!forged || route < BEFORE_SIGN_IN || status >= 400, "a forged signature is accepted: {signature}");
        check_answer(&format!("{method} {path}"), status, &answer);
        server.assert_usable();
    });
}

fn check_answer(request: &str, status: u16, answer: &[u8]) {
    assert!(status < 500, "{request}: {status} {}", text(answer));
    if status >= 400 {
        let refusal: Value = serde_json::from_slice(answer).expect("a refusal has a JSON body");
        assert_eq!(refusal["errorCode"], status);
        assert!(!refusal["errorMessage"].as_str().unwrap().is_empty());
    }
}

pub(crate) fn request_seeds() -> Vec<Vec<u8>> {
    let user = owner();
    let start = json!({"email": EMAIL, "skFormat": "A3", "skid": SECRET_KEY_ID, "deviceUuid": "x"});
    let account = json!({"account": {"uuid": id::new_id([1; 16]), "name": "Acme"}, "user": user});
    let service = json!({"user": user, "vaults": [Scene::default().vault().combined_access]});
    let bodies = [
        start,
        json!({"userA": "5"}),
        json!({"clientVerifyHash": b64::encode(&[1; 32])}),
        account,
        json!({"client": "x", "device": null}),
        service,
        Value::Null,
        Value::Null,
        Value::Null,
        json!(new_vault()),
        Value::Null,
        Value::Null,
        Value::Null,
        json!({"itemUuids": [ACCOUNT.item_id, ACCOUNT.item_id, "x"]}),
        json!([new_item(1)]),
    ];
    let signed = (0..).zip(&bodies).map(|(route, body)| seed(&[0, route], [b"\0", &*json_bytes(body)].concat()));
    let forged = (0..).zip(&bodies).map(|(route, body)| {
        seed(&[1, route], [b"?attrs=combined-access\0v1|7|AAAAAAAAAAAAAAAA\0", &*json_bytes(body)].concat())
    });
    signed.chain(forged).collect()
}

/// Returns the owner of an account on the server, with the keys of the client in the other targets.
fn owner() -> NewUser {
    NewUser {
        uuid: id::new_id([6; 16]),
        email: EMAIL.to_owned(),
        name: "Owner".to_owned(),
        verifier: srp::verifier(&X),
        salt: b64::encode(&[8; 16]),
        iterations: kdf::DEFAULT_ITERATIONS,
        method: kdf::METHOD.to_owned(),
        alg: kdf::ALG.to_owned(),
        secret_key_id: SECRET_KEY_ID.to_owned(),
        keyset: Scene::default().keysets().keysets.remove(0),
    }
}

fn new_vault() -> CreateVaultRequest {
    let vault = Scene::default().vault();
    let mut access = vault.combined_access.unwrap();
    access.accessor_uuid = owner().uuid;
    access.acl = permissions::ALL;
    access.access_version = None;
    CreateVaultRequest {
        uuid: vault.uuid,
        kind: VaultType::UserCreated,
        enc_attrs: vault.enc_attrs,
        access: vec![access],
    }
}

fn new_item(number: u8) -> ItemPatch {
    let record = Scene::default().record();
    ItemPatch {
        uuid: if number == 0 { record.uuid } else { id::new_id([number; 16]) },
        item_version: 0,
        encrypted_by: record.enc_overview.kid.clone(),
        enc_overview: record.enc_overview,
        enc_details: record.enc_details.unwrap(),
        trashed: ItemState::Active,
        template_uuid: record.template_uuid,
        created_at: record.created_at,
        updated_at: record.updated_at,
        file_references: None,
    }
}

/// The real account server, and a session on it.
struct Server {
    runtime: Runtime,
    app: Router,
    setup_token: String,
    session: SessionKeys,
    requests: Cell<u32>,
    _folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = TempDir::new().unwrap();
        let config = Config { limits: RateLimits::unlimited(), ..Config::new(folder.path().join("data")) };
        let state = runtime.block_on(State::open(config)).unwrap();
        let setup_token = state.setup_token().to_owned();
        let nobody = SessionKeys::new("nobody", &Zeroizing::new([0; 32]));
        let app = app(state);
        let mut server = Self { runtime, app, setup_token, session: nobody, requests: Cell::new(0), _folder: folder };
        server.sign_in();
        assert_eq!(server.signed("POST", "/api/v2/vault", &json!(new_vault())).0, 200);
        let path = format!("/api/v3/vault/{}/1/items", ACCOUNT.vault_id);
        let (status, answer) = server.signed("PATCH", &path, &json!([new_item(0)]));
        assert_eq!(status, 200, "{}", text(&answer));
        server
    }

    fn sign_in(&mut self) {
        let account = json!({"account": {"uuid": id::new_id([7; 16]), "name": "Acme"}, "user": owner()});
        let post = |server: &Self, path: &str, body: Value| {
            let (status, answer) = server.send("POST", path.parse().unwrap(), "", json_bytes(&body)).unwrap();
            assert_eq!(status, 200, "{path}: {}", text(&answer));
            answer
        };
        post(self, "/api/opwire/v1/accounts", account);
        let start = json!({"email": EMAIL, "skFormat": "A3", "skid": SECRET_KEY_ID, "deviceUuid": "x"});
        let started: AuthStartResponse = serde_json::from_slice(&post(self, "/api/v3/auth/start", start)).unwrap();
        self.session = SessionKeys::new(&*started.session_id, &Zeroizing::new([0; 32]));
        let client = srp::Client::new(&Zeroizing::new(X), [1; 32]);
        let exchanged = post(self, "/api/v2/auth", json!({"userA": client.public_key_hex()}));
        let exchanged: AuthResponse = serde_json::from_slice(&exchanged).unwrap();
        let params = srp::Params { email: EMAIL, secret_key_id: SECRET_KEY_ID, salt: &[8; 16] };
        let proof = client.finish(&exchanged.user_b, &params).unwrap();
        post(self, "/api/v2/auth/confirm-key", json!({"clientVerifyHash": b64::encode(&proof.m1)}));
        self.session = SessionKeys::new(&*started.session_id, &proof.session_key);
        let complete = json!({"client": "x", "device": null});
        assert_eq!(self.signed("POST", "/api/v2/auth/complete", &complete).0, 200);
    }

    fn signature(&self, method: &str, path: &str) -> String {
        self.requests.set(self.requests.get().wrapping_add(1));
        self.session.mac.header(method, &format!("https://{HOST}{path}"), self.requests.get())
    }

    fn sealed(&self, body: &[u8]) -> Vec<u8> {
        json_bytes(&Envelope::seal(&self.session.key, [6; 12], body))
    }

    fn signed(&self, method: &str, path: &str, body: &Value) -> (u16, Vec<u8>) {
        let signature = self.signature(method, path);
        self.send(method, path.parse().unwrap(), &signature, self.sealed(&json_bytes(body))).unwrap()
    }

    /// Returns the answer, or `None` if the input is not a valid HTTP request.
    fn send(&self, method: &str, uri: Uri, signature: &str, body: Vec<u8>) -> Option<(u16, Vec<u8>)> {
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("host", HOST)
            .header("x-agilebits-session-id", &self.session.id)
            .header("x-agilebits-mac", signature)
            .header("x-opwire-setup-token", &self.setup_token)
            .body(Body::from(body))
            .ok()?;
        self.runtime.block_on(async {
            let response = self.app.clone().oneshot(request).await.expect("a router never fails");
            let status = response.status().as_u16();
            Some((status, to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()))
        })
    }

    /// Asserts that the session still works, and that the stored item still exists.
    fn assert_usable(&self) {
        let path = format!("/api/v1/vault/{}/item/{}", ACCOUNT.vault_id, ACCOUNT.item_id);
        let (status, answer) = self.signed("GET", &path, &Value::Null);
        assert_eq!(status, 200, "{}", text(&answer));
    }
}
