//! An account on a test server: its owner, a vault, and a service account.

use std::sync::Arc;

use op_core::{
    Client, Core, Credentials, Host, Identity, Options,
    admin::{self, Grant, NewAccount},
    methods::{ClientMethod, ItemsCreate},
    types::Item,
};
use op_host::{HostOptions, NativeHost, generate_rsa_key};
use op_protocol::permissions;
use serde_json::{Value, json};

use crate::TestServer;

const EMAIL: &str = "owner@example.com";
const PASSWORD: &str = "a password of the tests";

/// An account with the vault `Development` and a service account that may read, write and share there.
pub struct TestAccount {
    /// The server that keeps it.
    pub server: TestServer,
    /// The owner, signed in.
    pub owner: Client,
    /// The id of the vault `Development`.
    pub vault_id: String,
    /// The token of the service account.
    pub token: String,
}

impl TestAccount {
    /// A new account on a new server.
    pub async fn create() -> Self {
        Self::create_on(TestServer::start().await).await
    }

    /// A new account on `server`.
    pub async fn create_on(server: TestServer) -> Self {
        let host = host();
        let account = NewAccount { name: "Tests", owner: "Owner", email: EMAIL, password: PASSWORD };
        let keys = || generate_rsa_key("").expect("an RSA key is generated");
        let kit = admin::create_account(&host, &server.url, &server.setup_token, &account, keys())
            .await
            .expect("the account is created");
        let password = zeroize::Zeroizing::new(PASSWORD.to_owned());
        let credentials = Credentials::person(EMAIL, kit.secret_key, password, String::new());
        let owner = Client::sign_in(host, &server.url, credentials, identity(), Options::default())
            .await
            .expect("the owner signs in");
        let vault_id = owner.create_vault("Development", None).await.expect("the vault is created");
        let rights = permissions::parse_grants("read_items,write_items,share_items").expect("the grants exist");
        let token = service_account(&owner, &server.url, &[(&vault_id, rights)]).await;
        Self { server, owner, vault_id, token }
    }

    /// The token of another service account, with these permissions in `Development`.
    pub async fn token_with(&self, permissions: u32) -> String {
        self.token_for(&[(self.vault_id.clone(), permissions)]).await
    }

    /// The token of another service account, with these permissions in vaults.
    pub async fn token_for(&self, grants: &[(String, u32)]) -> String {
        let grants: Vec<_> = grants.iter().map(|(vault_id, permissions)| (vault_id.as_str(), *permissions)).collect();
        service_account(&self.owner, &self.server.url, &grants).await
    }

    /// Creates an item, given without its vault, in `Development`.
    pub async fn item(&self, params: Value) -> Item {
        self.item_in(&self.vault_id, params).await
    }

    /// Creates an item, given without its vault.
    pub async fn item_in(&self, vault_id: &str, mut params: Value) -> Item {
        if let Value::Object(members) = &mut params {
            members.insert("vaultId".to_owned(), json!(vault_id));
        }
        let create: ItemsCreate = serde_json::from_value(json!({ "params": params })).expect("the item is well-formed");
        create.run(&self.owner).await.expect("the item is created")
    }

    /// Creates a login with this title and password.
    pub async fn login(&self, title: &str, password: &str) -> Item {
        self.item(json!({
            "category": "Login", "title": title,
            "fields": [{ "id": "password", "title": "password", "fieldType": "Concealed", "value": password }],
        }))
        .await
    }

    /// A core with a client of the service account, whose id is 0.
    pub async fn core(&self) -> Arc<Core> {
        self.core_on(host()).await
    }

    /// The same over another host.
    pub async fn core_on(&self, host: Arc<dyn Host>) -> Arc<Core> {
        self.core_of(host, &self.token).await
    }

    /// The same of another service account.
    pub async fn core_of(&self, host: Arc<dyn Host>, token: &str) -> Arc<Core> {
        let core = Arc::new(Core::new(host));
        let id = core.init_client(&config(token).to_string()).await.expect("the service account signs in");
        assert_eq!(id, "0");
        core
    }
}

/// The host of this machine.
#[must_use]
pub fn host() -> Arc<dyn Host> {
    Arc::new(NativeHost::new(&HostOptions::default()).expect("the native host needs nothing"))
}

/// A client configuration, as a language package sends it.
#[must_use]
pub fn config(token: &str) -> Value {
    json!({
        "serviceAccountToken": token,
        "programmingLanguage": "Rust",
        "sdkVersion": op_core::SDK_VERSION,
        "integrationName": "Tests",
        "integrationVersion": "v1.0.0",
        "requestLibraryName": "reqwest",
        "requestLibraryVersion": "0.13",
        "os": "linux",
        "osVersion": "0.0.0",
        "architecture": "x86_64",
    })
}

/// Calls a method of the client 0 and returns its result, or the error as the languages get it.
///
/// # Errors
/// What the method failed with.
pub async fn invoke(core: &Core, name: &str, parameters: Value) -> Result<Value, Value> {
    let invocation =
        json!({ "invocation": { "clientId": 0, "parameters": { "name": name, "parameters": parameters } } });
    let parse = |text: &str| serde_json::from_str(text).expect("results and errors are JSON");
    match core.invoke(&invocation.to_string()).await {
        Ok(text) if text.is_empty() => Ok(Value::Null),
        Ok(text) => Ok(parse(&text)),
        Err(error) => Err(parse(&error.to_json())),
    }
}

async fn service_account(owner: &Client, address: &str, grants: &[(&str, u32)]) -> String {
    let grants: Vec<_> = grants
        .iter()
        .map(|(vault_id, permissions)| Grant { vault_id: (*vault_id).to_owned(), permissions: *permissions })
        .collect();
    let keys = generate_rsa_key("").expect("an RSA key is generated");
    let token = owner.create_service_account("Tests", address, &grants, keys).await;
    token.expect("the service account is created").to_string()
}

fn identity() -> Identity {
    Identity {
        programming_language: "Rust".to_owned(),
        sdk_version: op_core::SDK_VERSION.to_owned(),
        integration_name: "Tests".to_owned(),
        integration_version: "v1.0.0".to_owned(),
        request_library: "reqwest".to_owned(),
        request_library_version: "0.13".to_owned(),
        os: "linux".to_owned(),
        os_version: "0.0.0".to_owned(),
        architecture: "x86_64".to_owned(),
    }
}
