//! An account on a test server: its owner, a vault, and a service account.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use op_core::{
    Client, Core, Credentials, Host, Identity, Options,
    admin::{self, Grant, NewAccount, NewPerson, NewServiceAccount},
    methods::{ClientMethod, ItemsCreate, UsersList, VaultsCreate},
    types::{Item, VaultCreateParams},
};
use op_host::{HostOptions, NativeHost, generate_rsa_key};
use op_protocol::{
    id::{UserId, VaultId},
    jwk::RsaPrivateKey,
    permissions,
    secret_key::SecretKey,
};
use serde_json::{Value, json};

use crate::TestServer;

const EMAIL: &str = "owner@example.com";
/// The password of every person in the tests.
pub const PASSWORD: &str = "a password of the tests";

/// An account with the vault `Development` and a service account that may read, write and share there.
pub struct TestAccount {
    /// The server of the account.
    pub server: TestServer,
    /// The owner, signed in.
    pub owner: Client,
    /// The owner's Secret Key.
    pub secret_key: SecretKey,
    /// The id of the vault `Development`.
    pub vault_id: String,
    /// The token of the service account.
    pub token: String,
}

impl TestAccount {
    /// Creates an account on a new server.
    pub async fn create() -> Self {
        Self::create_on(TestServer::start().await).await
    }

    /// Creates an account on `server`.
    pub async fn create_on(server: TestServer) -> Self {
        let host = host();
        let account = NewAccount { name: "Tests", owner: "Owner", email: EMAIL, password: PASSWORD };
        let kit = admin::create_account(&host, &server.url, &server.setup_token, &account, &rsa_key)
            .await
            .expect("the account is created");
        let owner = sign_in(host, &server.url, EMAIL, kit.secret_key.clone(), PASSWORD).await;
        let owner = owner.expect("the owner signs in");
        let vault_id = new_vault(&owner, "Development").await;
        let rights = permissions::parse_grants("read_items,write_items,share_items").expect("the grants exist");
        let token = service_account(&owner, &server.url, &[(&vault_id, rights)]).await;
        Self { server, owner, secret_key: kit.secret_key, vault_id, token }
    }

    /// Creates another service account with these permissions in `Development`, and returns its token.
    pub async fn token_with(&self, permissions: u32) -> String {
        self.token_for(&[(self.vault_id.clone(), permissions)]).await
    }

    /// Creates another service account with these permissions in vaults, and returns its token.
    pub async fn token_for(&self, grants: &[(String, u32)]) -> String {
        let grants: Vec<_> = grants.iter().map(|(vault_id, permissions)| (vault_id.as_str(), *permissions)).collect();
        service_account(&self.owner, &self.server.url, &grants).await
    }

    /// Invites a person who joins and is confirmed, and signs them in.
    pub async fn person(&self, email: &str) -> Client {
        let key = self.joined(email).await;
        let people = UsersList {}.run(&self.owner).await.expect("the owner may list people");
        let id = &people.iter().find(|user| user.email == email).expect("the person has joined").id;
        admin::confirm_user(&self.owner, &UserId::from_server(id)).await.expect("the person is confirmed");
        self.sign_in(email, key, PASSWORD).await.expect("the person signs in")
    }

    /// Invites a person who joins with the password of the tests, and returns their Secret Key.
    pub async fn joined(&self, email: &str) -> SecretKey {
        let invitation = admin::invite(&self.owner, &self.server.url, email, email).await.expect("the owner invites");
        let invited = admin::open_invitation(&host(), invitation).await.expect("the invitation opens");
        let person = NewPerson { name: email, password: PASSWORD };
        admin::join(&host(), &invited, &person, &rsa_key).await.expect("the person joins").secret_key
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// The server refuses the credentials.
    pub async fn sign_in(&self, email: &str, secret_key: SecretKey, password: &str) -> op_core::Result<Client> {
        self.sign_in_on(host(), email, secret_key, password).await
    }

    /// Returns the owner, signed in over another host.
    pub async fn owner_on(&self, host: Arc<dyn Host>) -> Client {
        self.owner_signs_in_on(host).await.expect("the owner signs in")
    }

    /// Signs the owner in over another host.
    ///
    /// # Errors
    /// The sign-in fails over that host.
    pub async fn owner_signs_in_on(&self, host: Arc<dyn Host>) -> op_core::Result<Client> {
        self.sign_in_on(host, EMAIL, self.secret_key.clone(), PASSWORD).await
    }

    async fn sign_in_on(
        &self,
        host: Arc<dyn Host>,
        email: &str,
        secret_key: SecretKey,
        password: &str,
    ) -> op_core::Result<Client> {
        sign_in(host, &self.server.url, email, secret_key, password).await
    }

    /// Creates an item in `Development`. `params` leaves out the vault.
    pub async fn item(&self, params: Value) -> Item {
        self.item_in(&self.vault_id, params).await
    }

    /// Creates an item. `params` leaves out the vault.
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

    /// Returns a core with a client of the service account. The client's id is 0.
    pub async fn core(&self) -> Arc<Core> {
        self.core_on(host()).await
    }

    /// Does the same as [`core`](Self::core) over another host.
    pub async fn core_on(&self, host: Arc<dyn Host>) -> Arc<Core> {
        self.core_of(host, &self.token).await
    }

    /// Does the same as [`core_on`](Self::core_on) for another service account.
    pub async fn core_of(&self, host: Arc<dyn Host>, token: &str) -> Arc<Core> {
        let core = Arc::new(Core::new(host));
        let id = core.init_client(&config(token).to_string()).await.expect("the service account signs in");
        assert_eq!(id, "0");
        core
    }
}

/// Returns the host of this machine.
#[must_use]
pub fn host() -> Arc<dyn Host> {
    Arc::new(NativeHost::new(&HostOptions::default()).expect("the native host needs nothing"))
}

/// Returns a client configuration, as a language package sends it.
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

/// Calls a method of client 0 and returns its result, or its error in the form that the languages get.
///
/// # Errors
/// The method fails.
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

/// Creates a vault, and returns its id.
pub async fn new_vault(owner: &Client, title: &str) -> String {
    let params = VaultCreateParams { title: title.to_owned(), ..VaultCreateParams::default() };
    VaultsCreate { params }.run(owner).await.expect("the vault is created").id
}

/// Returns an RSA key. A few keys are generated once per process, because that is slow, and used in turn.
///
/// # Errors
/// None.
pub fn rsa_key() -> op_core::Result<RsaPrivateKey> {
    static KEYS: LazyLock<Vec<RsaPrivateKey>> =
        LazyLock::new(|| (0..8).map(|_| generate_rsa_key("").expect("an RSA key is generated")).collect());
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed) % KEYS.len();
    Ok(KEYS.get(next).expect("the remainder is an index").clone())
}

async fn sign_in(
    host: Arc<dyn Host>,
    url: &str,
    email: &str,
    secret_key: SecretKey,
    password: &str,
) -> op_core::Result<Client> {
    let password = zeroize::Zeroizing::new(password.to_owned());
    let credentials = Credentials::person(email, secret_key, password, String::new());
    Client::sign_in(host, url, credentials, identity(), Options::default()).await
}

async fn service_account(owner: &Client, address: &str, grants: &[(&str, u32)]) -> String {
    let grants: Vec<_> = grants
        .iter()
        .map(|(vault_id, permissions)| Grant { vault_id: VaultId::from_server(*vault_id), permissions: *permissions })
        .collect();
    let new = NewServiceAccount { name: "Tests", grants: &grants, can_create_vaults: false };
    let token = admin::create_service_account(owner, address, &new, &rsa_key).await;
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
        machine_name: "workstation".to_owned(),
    }
}
