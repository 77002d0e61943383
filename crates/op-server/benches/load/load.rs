//! Clients that send one request after the other.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use op_protocol::envelope::Envelope;
use op_protocol::rest::{AuthResponse, AuthStartResponse, ConfirmKeyResponse, ItemPatch, ItemState, VaultRecord};
use op_protocol::session::SessionKeys;
use op_protocol::srp::{self, Params};
use op_protocol::{b64, permissions};
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::process::Server;
use crate::support::{Person, new_id, new_item, next, random, sealed};

/// Items of the vault that is listed.
const ITEMS: usize = 100;

#[derive(Clone, Copy)]
pub(crate) enum Operation {
    /// All four requests of a sign-in.
    SignIn,
    /// The overviews of a vault of [`ITEMS`] items.
    List,
    /// One item.
    Get,
    /// A new version of one item, each client in a vault of its own.
    Write,
}

impl Operation {
    pub(crate) const ALL: [Self; 4] = [Self::SignIn, Self::List, Self::Get, Self::Write];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::List => "list",
            Self::Get => "get",
            Self::Write => "write",
        }
    }
}

/// What a run took.
pub(crate) struct Measured {
    /// Of each operation, sorted.
    times: Vec<Duration>,
    elapsed: Duration,
}

impl Measured {
    pub(crate) fn count(&self) -> usize {
        self.times.len()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.count() as f64 / self.elapsed.as_secs_f64()
    }

    /// Milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        self.times[(self.count() * percent / 100).min(self.count() - 1)].as_secs_f64() * 1e3
    }
}

/// A filled account and clients that are signed in to it.
pub(crate) struct Load {
    clients: Vec<Client>,
}

/// One client, its connection and its own vault.
#[derive(Clone)]
struct Client {
    http: reqwest::Client,
    base: String,
    person: Person,
    keys: std::sync::Arc<SessionKeys>,
    shared_vault: String,
    item: String,
    own_vault: String,
    own_item: ItemPatch,
}

impl Load {
    pub(crate) async fn prepare(server: &Server, clients: usize) -> Self {
        let person = Person::new("owner");
        let account = json!({"account": {"uuid": new_id(), "name": "Load"}, "user": person.user});
        let request = http(0).post(format!("{}/api/opwire/v1/accounts", server.url));
        let request = request.header("x-opwire-setup-token", &server.setup_token).body(account.to_string());
        request.send().await.unwrap().error_for_status().unwrap();
        let mut first = Client::sign_in(http(0), &server.url, &person).await;
        first.shared_vault = first.make_vault().await;
        let items: Vec<_> = (0..ITEMS).map(|_| new_item(&"x".repeat(200))).collect();
        first.item.clone_from(&items[0].uuid);
        first.patch(&first.shared_vault, 1, &items).await;
        let mut signed_in = Vec::with_capacity(clients);
        for number in 0..clients {
            let one = Client::sign_in(http(number), &server.url, &person).await;
            let own_vault = one.make_vault().await;
            let own_item = new_item(&"x".repeat(200));
            one.patch(&own_vault, 1, std::slice::from_ref(&own_item)).await;
            let (shared_vault, item) = (first.shared_vault.clone(), first.item.clone());
            signed_in.push(Client { shared_vault, item, own_vault, own_item, ..one });
        }
        Self { clients: signed_in }
    }

    pub(crate) async fn run(&self, operation: Operation, clients: usize, duration: Duration) -> Measured {
        let began = Instant::now();
        let mut running = JoinSet::new();
        for (number, client) in self.clients.iter().take(clients).cloned().enumerate() {
            running.spawn(async move { client.repeat(operation, number, began + duration).await });
        }
        let mut times: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
        let elapsed = began.elapsed();
        times.sort_unstable();
        Measured { times, elapsed }
    }
}

impl Client {
    async fn sign_in(http: reqwest::Client, base: &str, person: &Person) -> Self {
        let keys = sign_in(&http, base, person).await;
        let none = String::new();
        Self {
            http,
            base: base.to_owned(),
            person: person.clone(),
            keys: std::sync::Arc::new(keys),
            shared_vault: none.clone(),
            item: none.clone(),
            own_vault: none,
            own_item: new_item(""),
        }
    }

    async fn repeat(mut self, operation: Operation, number: usize, end: Instant) -> Vec<Duration> {
        let vault: VaultRecord = match operation {
            Operation::Write => self.get_sealed(&format!("/api/v3/vault/{}", self.own_vault)).await,
            _ => self.get_sealed(&format!("/api/v3/vault/{}", self.shared_vault)).await,
        };
        let mut version = vault.content_version;
        self.own_item.item_version = version - 1;
        let mut times = Vec::new();
        while Instant::now() < end {
            let began = Instant::now();
            match operation {
                Operation::SignIn => {
                    // From ever new addresses, for the sign-ins of one are limited.
                    let http = http(number + times.len() * 64);
                    sign_in(&http, &self.base, &self.person).await;
                }
                Operation::List => {
                    self.get(&format!("/api/v1/vault/{}/items/overviews", self.shared_vault)).await;
                }
                Operation::Get => {
                    self.get(&format!("/api/v1/vault/{}/item/{}", self.shared_vault, self.item)).await;
                }
                Operation::Write => {
                    let item = next(&self.own_item, version - 1, ItemState::Active);
                    self.patch(&self.own_vault, version, &[item]).await;
                    version += 1;
                }
            }
            times.push(began.elapsed());
        }
        times
    }

    async fn make_vault(&self) -> String {
        let vault = new_id();
        let body = json!({
            "uuid": vault, "type": "U", "encAttrs": sealed("vault-key", "attributes"),
            "access": [self.person.access(&vault, permissions::ALL)],
        });
        self.send(Method::POST, "/api/v2/vault", Some(&body)).await;
        vault
    }

    async fn patch(&self, vault: &str, version: u32, items: &[ItemPatch]) {
        let path = format!("/api/v3/vault/{vault}/{version}/items");
        self.send(Method::PATCH, &path, Some(&serde_json::to_value(items).unwrap())).await;
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        self.send(Method::GET, path, None).await
    }

    async fn get_sealed<T: DeserializeOwned>(&self, path: &str) -> T {
        let envelope: Envelope = serde_json::from_slice(&self.get(path).await).unwrap();
        serde_json::from_slice(&envelope.open(&self.keys.key).unwrap()).unwrap()
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Vec<u8> {
        send(&self.http, &self.base, &self.keys, method, path, body).await
    }
}

async fn send(
    http: &reqwest::Client,
    base: &str,
    keys: &SessionKeys,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Vec<u8> {
    let url = format!("{base}{path}");
    let mac = keys.mac.header(method.as_str(), &url, 1);
    let mut request = http.request(method, &url).header("x-agilebits-session-id", &keys.id);
    request = request.header("x-agilebits-mac", mac);
    if let Some(body) = body {
        let envelope = Envelope::seal(&keys.key, random(), body.to_string().as_bytes());
        request = request.body(serde_json::to_vec(&envelope).unwrap());
    }
    let response = request.send().await.unwrap().error_for_status().unwrap();
    response.bytes().await.unwrap().to_vec()
}

async fn sign_in(http: &reqwest::Client, base: &str, person: &Person) -> SessionKeys {
    let post = async |path: &str, session: &str, body: Value| {
        let request = http.post(format!("{base}{path}")).header("x-agilebits-session-id", session);
        let response = request.body(body.to_string()).send().await.unwrap().error_for_status().unwrap();
        response.bytes().await.unwrap()
    };
    let body = json!({"email": person.user.email, "skFormat": "A3", "skid": "ABCDEF", "deviceUuid": new_id()});
    let started: AuthStartResponse = serde_json::from_slice(&post("/api/v3/auth/start", "", body).await).unwrap();
    let session = started.session_id;
    let client = srp::Client::new(&person.x, random());
    let body = json!({"userA": client.public_key_hex()});
    let answer: AuthResponse = serde_json::from_slice(&post("/api/v2/auth", &session, body).await).unwrap();
    let salt = b64::decode(&started.user_auth.unwrap().salt).unwrap();
    let params = Params { email: &person.user.email, secret_key_id: "ABCDEF", salt: &salt };
    let proof = client.finish(&answer.user_b, &params).unwrap();
    let body = json!({"clientVerifyHash": b64::encode(&proof.m1)});
    let answer = post("/api/v2/auth/confirm-key", &session, body).await;
    let confirmed: ConfirmKeyResponse = serde_json::from_slice(&answer).unwrap();
    proof.verify_server(&b64::decode(&confirmed.server_verify_hash).unwrap()).unwrap();
    let keys = SessionKeys::new(session, &proof.session_key);
    let body = json!({"client": "load", "device": null});
    send(http, base, &keys, Method::POST, "/api/v2/auth/complete", Some(&body)).await;
    keys
}

/// A client at one of 250 loopback addresses.
fn http(number: usize) -> reqwest::Client {
    static CLIENTS: std::sync::OnceLock<Vec<reqwest::Client>> = std::sync::OnceLock::new();
    let clients = CLIENTS.get_or_init(|| {
        (2..252)
            .map(|last| {
                let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
                reqwest::Client::builder().no_proxy().local_address(address).build().unwrap()
            })
            .collect()
    });
    clients[number % clients.len()].clone()
}
