//! Clients that may use less than their person: some vaults only, or reading only. Every method of the surface is in
//! the table.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use op_core::{
    Client, Core, Credentials, ErrorKind, Identity, Options, Scope, admin,
    methods::{ClientMethod, EnvironmentsCreate, GroupsList, UsersList},
};
use op_protocol::id::VaultId;
use op_testkit::{
    TestAccount,
    account::{PASSWORD, host, invoke, new_vault},
};
use serde_json::{Value, json};

/// What a method does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Reads in the vault `{vault}`.
    Reads,
    /// Writes in the vault `{vault}`.
    Writes,
    /// Reads something that is in no vault.
    ReadsAccount,
    /// Writes something that is in no vault, or says who may use a vault.
    WritesAccount,
    /// Lists what may be seen, which leaves out other vaults.
    Lists,
}

use Kind::{Lists, Reads, ReadsAccount, Writes, WritesAccount};

/// The parameters of all methods, with `{vault}`, `{item}` and others in place of ids.
fn table() -> Vec<(&'static str, Kind, Value)> {
    let file = json!({ "name": "g.txt", "content": [66], "sectionId": "s", "fieldId": "g" });
    let login = json!({ "category": "Login", "vaultId": "{vault}", "title": "New" });
    vec![
        ("AccountRateLimit", Lists, json!({})),
        ("EnvironmentsList", Lists, json!({})),
        ("ItemsSearch", Lists, json!({ "params": { "title": "hidden" } })),
        ("ItemsSharesList", Lists, json!({ "params": {} })),
        ("VaultsList", Lists, json!({})),
        ("EnvironmentsGetVariables", Reads, json!({ "environment_id": "{environment}" })),
        ("ItemsFilesRead", Reads, json!({ "vault_id": "{vault}", "item_id": "{item}", "attr": "{attributes}" })),
        ("ItemsGet", Reads, json!({ "vault_id": "{vault}", "item_id": "{item}" })),
        ("ItemsGetAll", Reads, json!({ "vault_id": "{vault}", "item_ids": ["{item}"] })),
        ("ItemsList", Reads, json!({ "vault_id": "{vault}", "filters": [] })),
        ("ItemsSharesGet", Reads, json!({ "share_id": "{share}" })),
        ("ItemsSharesGetAccountPolicy", Reads, json!({ "vault_id": "{vault}", "item_id": "{item}" })),
        ("SecretsExplain", Lists, json!({ "secret_reference": "op://Hidden/Hidden login/password" })),
        ("SecretsResolve", Reads, json!({ "secret_reference": "op://{vault}/{item}/password" })),
        ("SecretsResolveAll", Lists, json!({ "secret_references": ["op://Hidden/Hidden login/password"] })),
        ("SecretsResolveEnv", Lists, json!({ "env": "A=op://{vault}/{item}/password" })),
        ("SecretsResolveVariables", Lists, json!({ "references": { "A": "op://{vault}/{item}/password" } })),
        ("VaultsGet", Reads, json!({ "vault_id": "{vault}", "vault_params": { "accessors": true } })),
        ("VaultsGetOverview", Reads, json!({ "vault_id": "{vault}" })),
        ("ItemsSharesValidateRecipients", Lists, json!({ "policy": "{policy}", "recipients": ["wendy@example.com"] })),
        ("GroupsGet", ReadsAccount, json!({ "group_id": "{group}", "group_params": {} })),
        ("GroupsList", ReadsAccount, json!({})),
        ("GroupsListMembers", ReadsAccount, json!({ "group_id": "{group}" })),
        ("UsersGet", ReadsAccount, json!({ "user_id": "{person}" })),
        ("UsersList", ReadsAccount, json!({})),
        ("UsersListVaultAccess", ReadsAccount, json!({ "user_id": "{person}" })),
        ("ItemsCreate", Writes, json!({ "params": login })),
        ("ItemsCreateAll", Writes, json!({ "vault_id": "{vault}", "params": [login] })),
        ("ItemsPut", Writes, json!({ "item": "{whole item}" })),
        ("ItemsFilesAttach", Writes, json!({ "item": "{whole item}", "file_params": file })),
        ("ItemsFilesDelete", Writes, json!({ "item": "{whole item}", "section_id": "s", "field_id": "f" })),
        (
            "ItemsFilesReplaceDocument",
            Writes,
            json!({ "item": "{document}", "doc_params": { "name": "b.txt", "content": [2] } }),
        ),
        (
            "ItemsSharesCreate",
            Writes,
            json!({ "item": "{whole item}", "policy": "{policy}", "params": { "oneTimeOnly": true } }),
        ),
        ("ItemsSharesRevoke", Writes, json!({ "share_id": "{share}" })),
        ("EnvironmentsSetVariables", Writes, {
            json!({ "environment_id": "{environment}", "variables": [{ "name": "B", "value": "1", "masked": true }] })
        }),
        ("EnvironmentsUnsetVariables", Writes, json!({ "environment_id": "{environment}", "names": ["A"] })),
        ("VaultsUpdate", Writes, json!({ "vault_id": "{vault}", "params": { "description": "changed" } })),
        ("ItemsMove", Writes, json!({ "vault_id": "{vault}", "item_id": "{item}", "to_vault_id": "{third}" })),
        ("ItemsArchive", Writes, json!({ "vault_id": "{vault}", "item_id": "{item}" })),
        ("ItemsDelete", Writes, json!({ "vault_id": "{vault}", "item_id": "{item}" })),
        ("ItemsDeleteAll", Writes, json!({ "vault_id": "{vault}", "item_ids": ["{item}"] })),
        ("EnvironmentsDelete", Writes, json!({ "environment_id": "{environment}" })),
        ("EnvironmentsCreate", WritesAccount, json!({ "params": { "title": "New" } })),
        ("GroupsAddMember", WritesAccount, json!({ "group_id": "{group}", "user_id": "{person}" })),
        ("GroupsCreate", WritesAccount, json!({ "params": { "title": "New" } })),
        ("GroupsDelete", WritesAccount, json!({ "group_id": "{group}" })),
        ("GroupsRemoveMember", WritesAccount, json!({ "group_id": "{group}", "user_id": "{person}" })),
        ("VaultsCreate", WritesAccount, json!({ "params": { "title": "New" } })),
        ("VaultsGrantGroupPermissions", WritesAccount, {
            json!({ "vault_id": "{vault}",
                "group_permissions_list": [{ "groupId": "{group}", "permissions": 32 }] })
        }),
        ("VaultsGrantUserPermissions", WritesAccount, {
            json!({ "vault_id": "{vault}",
                "user_permissions_list": [{ "userId": "{person}", "permissions": 32 }] })
        }),
        ("VaultsUpdateGroupPermissions", WritesAccount, {
            json!({ "group_permissions_list":
                [{ "vaultId": "{vault}", "groupId": "{group}", "permissions": 32 }] })
        }),
        ("VaultsRevokeGroupPermissions", WritesAccount, json!({ "vault_id": "{vault}", "group_id": "{group}" })),
        ("VaultsRevokeUserPermissions", WritesAccount, json!({ "vault_id": "{vault}", "user_id": "{person}" })),
        ("VaultsLeave", WritesAccount, json!({ "vault_id": "{vault}" })),
        ("VaultsDelete", Writes, json!({ "vault_id": "{vault}" })),
    ]
}

/// The ids of one vault, an Environment, and what is in them.
type Ids = HashMap<&'static str, Value>;

struct Place {
    account: TestAccount,
    credentials: Credentials,
    /// What the scope includes.
    inside: Ids,
    /// What it does not include. Its titles begin with `Hidden`.
    outside: Ids,
}

impl Place {
    async fn new() -> Self {
        let account = TestAccount::create().await;
        drop(account.person("wendy@example.com").await);
        let credentials = account.owner.unlocked_credentials().await.unwrap();
        let hidden = new_vault(&account.owner, "Hidden").await;
        let inside = ids(&account, &credentials, &account.vault_id, "Shown").await;
        let outside = ids(&account, &credentials, &hidden, "Hidden").await;
        Self { account, credentials, inside, outside }
    }

    fn vaults(&self) -> BTreeSet<VaultId> {
        ["vault", "environment"].map(|id| VaultId::from_server(self.inside[id].as_str().unwrap())).into()
    }

    /// Returns whether a result shows something of what is outside that the caller did not name.
    fn is_leaked(&self, result: &str, parameters: &Value) -> bool {
        let ids = ["vault", "item", "share", "environment"].map(|id| self.outside[id].as_str().unwrap());
        let asked = with(parameters, &self.outside).to_string();
        ids.into_iter().chain(["Hidden", "hidden secret"]).any(|text| result.contains(text) && !asked.contains(text))
    }

    async fn client(&self, scope: Scope) -> Arc<Core> {
        signed_in(&self.account, &self.credentials, scope).await.0
    }
}

async fn signed_in(account: &TestAccount, credentials: &Credentials, scope: Scope) -> (Arc<Core>, Arc<Client>) {
    let options = Options { scope, ..Options::default() };
    let client = Client::sign_in(host(), &account.server.url, credentials.clone(), identity(), options).await.unwrap();
    let client = Arc::new(client);
    (Arc::new(Core::with_client(host(), client.clone())), client)
}

async fn ids(account: &TestAccount, credentials: &Credentials, vault: &str, title: &str) -> Ids {
    let (core, client) = signed_in(account, credentials, Scope::default()).await;
    let call = async |name: &str, parameters: Value| invoke(&core, name, parameters).await.unwrap();
    let fields = json!([{ "id": "password", "title": "password", "fieldType": "Concealed", "value": "hidden secret" }]);
    let files = json!([{ "name": "f.txt", "content": [65], "sectionId": "s", "fieldId": "f" }]);
    let login = json!({ "category": "Login", "vaultId": vault, "title": format!("{title} login"), "fields": fields,
        "sections": [{ "id": "s", "title": "S" }], "files": files });
    let item = call("ItemsCreate", json!({ "params": login })).await;
    let document = json!({ "category": "Document", "vaultId": vault, "title": format!("{title} document"),
        "document": { "name": "a.txt", "content": [1] } });
    let document = call("ItemsCreate", json!({ "params": document })).await;
    let params = serde_json::from_value(json!({ "params": { "title": format!("{title} environment") } })).unwrap();
    let environment = EnvironmentsCreate::run(params, &client).await.unwrap();
    let variables = json!([{ "name": "A", "value": "1", "masked": true }]);
    call("EnvironmentsSetVariables", json!({ "environment_id": environment.id, "variables": variables })).await;
    let of_item = json!({ "vault_id": vault, "item_id": item["id"] });
    let policy = call("ItemsSharesGetAccountPolicy", of_item).await;
    let share = json!({ "item": item, "policy": policy, "params": { "oneTimeOnly": false } });
    call("ItemsSharesCreate", share).await;
    let shares = call("ItemsSharesList", json!({ "params": { "vaultId": vault } })).await;
    let people = UsersList {}.run(&client).await.unwrap();
    let groups = GroupsList {}.run(&client).await.unwrap();
    HashMap::from([
        ("vault", json!(vault)),
        ("item", item["id"].clone()),
        ("attributes", item["files"][0]["attributes"].clone()),
        ("whole item", item),
        ("document", document),
        ("environment", json!(environment.id)),
        ("policy", policy),
        ("share", shares[0]["id"].clone()),
        ("third", json!(account.vault_id)),
        ("person", json!(people.iter().find(|each| each.email == "wendy@example.com").unwrap().id)),
        ("group", json!(groups.iter().find(|each| each.title == "Team Members").unwrap().id)),
    ])
}

/// Returns the parameters with these ids.
fn with(parameters: &Value, ids: &Ids) -> Value {
    match parameters {
        Value::String(text) => match ids.iter().find(|(name, _)| *text == format!("{{{name}}}")) {
            Some((_, id)) => id.clone(),
            None => {
                let text = ids.iter().fold(text.clone(), |text, (name, id)| match id.as_str() {
                    Some(id) => text.replace(&format!("{{{name}}}"), id),
                    None => text,
                });
                json!(text)
            }
        },
        Value::Array(all) => all.iter().map(|each| with(each, ids)).collect(),
        Value::Object(all) => all.iter().map(|(name, each)| (name.clone(), with(each, ids))).collect(),
        other => other.clone(),
    }
}

#[test]
fn every_method_is_in_the_table() {
    let contract = include_str!("../../../../packages/contract/contract.json");
    let contract: Value = serde_json::from_str(contract).unwrap();
    let methods = contract["methods"].as_array().unwrap().iter().filter(|method| method["offline"] == false);
    let known: BTreeSet<_> = table().into_iter().map(|(name, ..)| name).collect();
    let unknown: Vec<_> =
        methods.filter_map(|method| method["name"].as_str()).filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "not in the table: {unknown:?}");
}

#[tokio::test]
async fn a_client_for_some_vaults_cannot_use_others() {
    let place = Place::new().await;
    let client = place.client(Scope { vaults: Some(place.vaults()), read_only: false }).await;
    let mut wrong = Vec::new();
    for (name, kind, parameters) in table() {
        let outside = invoke(&client, name, with(&parameters, &place.outside)).await;
        let denied = outside.as_ref().is_err_and(|error| error["name"] == "PermissionDenied");
        let is_refused = match kind {
            Lists => !place.is_leaked(&format!("{outside:?}"), &parameters),
            Reads | Writes => outside.is_err(),
            ReadsAccount | WritesAccount => denied,
        };
        if !is_refused {
            wrong.push(format!("{name} outside: {outside:?}"));
        }
    }
    for (name, kind, parameters) in table() {
        let inside = invoke(&client, name, with(&parameters, &place.inside)).await;
        let denied = inside.as_ref().is_err_and(|error| error["name"] == "PermissionDenied");
        if denied != matches!(kind, ReadsAccount | WritesAccount) {
            wrong.push(format!("{name} inside: {inside:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // All that is outside is still there.
    let all = place.client(Scope::default()).await;
    for (name, kind, parameters) in table() {
        if kind == Reads {
            invoke(&all, name, with(&parameters, &place.outside)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_client_that_only_reads_changes_nothing() {
    let place = Place::new().await;
    let client = place.client(Scope { vaults: None, read_only: true }).await;
    let mut wrong = Vec::new();
    for (name, kind, parameters) in table() {
        let result = invoke(&client, name, with(&parameters, &place.outside)).await;
        let denied = result.as_ref().is_err_and(|error| error["name"] == "PermissionDenied");
        if denied != matches!(kind, Writes | WritesAccount) || (!denied && result.is_err()) {
            wrong.push(format!("{name}: {result:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn administration_is_outside_every_scope_but_signing_out_is_not() {
    let place = Place::new().await;
    for scope in [Scope { vaults: Some(place.vaults()), read_only: false }, Scope { vaults: None, read_only: true }] {
        let (_, client) = signed_in(&place.account, &place.credentials, scope).await;
        let refused = admin::change_password(&client, "another password").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        let refused = admin::sign_out_everywhere_else(&client).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        admin::end_session(&client).await.unwrap();
    }
}

#[tokio::test]
async fn unlocked_credentials_know_the_password_without_keeping_it() {
    let place = Place::new().await;
    assert!(place.credentials.password_matches(PASSWORD));
    assert!(!place.credentials.password_matches("another password"));
    // The secrets sign in again and again, also clones of them.
    let (_, client) = signed_in(&place.account, &place.credentials, Scope::default()).await;
    let error = client.unlocked_credentials().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Internal, "it did not sign in by a password");
}

fn identity() -> Identity {
    Identity {
        programming_language: "Rust".to_owned(),
        sdk_version: op_core::SDK_VERSION.to_owned(),
        integration_name: "Tests".to_owned(),
        integration_version: "v1".to_owned(),
        request_library: "reqwest".to_owned(),
        request_library_version: "0.13".to_owned(),
        os: "linux".to_owned(),
        os_version: "0.0.0".to_owned(),
        architecture: "x86_64".to_owned(),
        machine_name: String::new(),
    }
}
