//! The demo account of `opwire server dev`.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context, Result};
use op_core::{
    Client, Credentials, Options,
    admin::{self, Grant, NewAccount, NewServiceAccount},
    methods::{ClientMethod, EnvironmentsCreate, EnvironmentsSetVariables, ItemsCreate, VaultsCreate},
    types::{EnvironmentCreateParams, EnvironmentVariable, VaultCreateParams},
};
use op_protocol::{id::VaultId, permissions};
use serde_json::json;
use zeroize::Zeroizing;

use crate::sign_in;

const VAULT: &str = "Development";
const EMAIL: &str = "demo@opwire.invalid";

/// The values that a developer needs to use the demo account.
pub(crate) struct Demo {
    token: Zeroizing<String>,
    vault_id: String,
    environment_id: VaultId,
}

impl Demo {
    /// Returns the values as lines for a shell or a `.env` reader.
    pub(crate) fn environment(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "OP_SERVICE_ACCOUNT_TOKEN={}\nOP_VAULT_ID={}\nOP_ENVIRONMENT_ID={}\n",
            self.token.as_str(),
            self.vault_id,
            self.environment_id
        ))
    }
}

/// Creates the account, its vault with a few items, its Environment, and the service account.
pub(crate) async fn create(address: &str, setup_token: &str) -> Result<Demo> {
    let host = sign_in::host()?;
    let password = Zeroizing::new("a demo account has no secrets".to_owned());
    let account = NewAccount { name: "Demo", owner: "Demo owner", email: EMAIL, password: &password };
    let kit = admin::create_account(&host, address, setup_token, &account, &sign_in::new_rsa_key).await?;

    let credentials = Credentials::person(EMAIL, kit.secret_key, password, String::new());
    let owner = Client::sign_in(host, address, credentials, sign_in::identity(), Options::default()).await?;
    let description = Some("For trying things out".to_owned());
    let params = VaultCreateParams { title: VAULT.to_owned(), description, allow_admins_access: None };
    let vault_id = VaultsCreate { params }.run(&owner).await?.id;
    for item in items(&vault_id) {
        let create: ItemsCreate =
            serde_json::from_value(json!({ "params": item })).context("cannot read a demo item")?;
        create.run(&owner).await?;
    }
    let permissions =
        permissions::parse_grants("read_items,write_items,share_items").context("cannot read the demo grants")?;
    let environment_id = create_environment(&owner).await?;
    let grants = [
        Grant { vault_id: VaultId::from_server(&vault_id), permissions },
        Grant {
            vault_id: environment_id.clone(),
            permissions: permissions::READ_ITEMS | permissions::REVEAL_ITEM_PASSWORD,
        },
    ];
    let new = NewServiceAccount { name: "Demo programs", grants: &grants, can_create_vaults: true };
    let token = admin::create_service_account(&owner, address, &new, &sign_in::new_rsa_key).await?;
    Ok(Demo { token, vault_id, environment_id })
}

async fn create_environment(owner: &Client) -> Result<VaultId> {
    let params = EnvironmentCreateParams { title: VAULT.to_owned(), description: None };
    let environment_id = VaultId::from_server(EnvironmentsCreate { params }.run(owner).await?.id);
    let variable = |name: &str, value: &str, masked| EnvironmentVariable {
        name: name.to_owned(),
        value: value.to_owned(),
        masked,
    };
    let variables =
        vec![variable("DEMO_MODE", "development", false), variable("DEMO_API_KEY", "k3y-of-the-demo", true)];
    EnvironmentsSetVariables { environment_id: environment_id.clone(), variables }.run(owner).await?;
    Ok(environment_id)
}

fn items(vault_id: &str) -> [serde_json::Value; 3] {
    [
        json!({
            "category": "Login", "vaultId": vault_id, "title": "Example",
            "fields": [
                { "id": "username", "title": "username", "fieldType": "Text", "value": "wendy" },
                { "id": "password", "title": "password", "fieldType": "Concealed", "value": "correct-horse-battery" },
                {
                    "id": "otp", "title": "one-time password", "sectionId": "security", "fieldType": "Totp",
                    "value": "otpauth://totp/Example:wendy?secret=JBSWY3DPEHPK3PXP&issuer=Example",
                },
            ],
            "sections": [{ "id": "security", "title": "Security" }],
            "websites": [
                { "url": "https://example.com", "label": "website", "autofillBehavior": "AnywhereOnWebsite" },
            ],
            "tags": ["demo"],
        }),
        json!({
            "category": "Database", "vaultId": vault_id, "title": "Database",
            "fields": [
                { "id": "hostname", "title": "server", "sectionId": "", "fieldType": "Text", "value": "127.0.0.1" },
                { "id": "username", "title": "username", "sectionId": "", "fieldType": "Text", "value": "app" },
                { "id": "password", "title": "password", "sectionId": "", "fieldType": "Concealed", "value": "s3cret-of-the-demo" },
            ],
            "sections": [{ "id": "", "title": "" }],
        }),
        json!({
            "category": "SecureNote", "vaultId": vault_id, "title": "Notes",
            "notes": "This vault is deleted when the server stops.",
        }),
    ]
}

/// Returns the text that the command prints once the server is ready.
pub(crate) fn welcome(address: &str, demo: &Demo, env_file: Option<&Path>) -> String {
    let mut text = format!("Account server with a throw-away account on {address}\n\n");
    let lines = match env_file {
        Some(file) => format!("  set -a; . {}; set +a\n", file.display()),
        None => demo.environment().lines().fold(String::new(), |mut lines, line| {
            let _ = writeln!(lines, "  export {line}");
            lines
        }),
    };
    let _ = write!(
        text,
        "Use it from another terminal:\n\n{lines}  opwire read op://{VAULT}/Example/password\n\nPress Ctrl-C to stop it.\n"
    );
    text
}
