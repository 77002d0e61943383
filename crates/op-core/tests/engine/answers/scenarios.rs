//! Calls of all methods, in an order in which each has what it needs.

use futures_util::future::{BoxFuture, FutureExt};
use op_core::{
    Client, Error,
    methods::{
        AccountRateLimit, ClientMethod, EnvironmentsCreate, EnvironmentsDelete, EnvironmentsGetVariables,
        EnvironmentsList, EnvironmentsSetVariables, EnvironmentsUnsetVariables, GroupsAddMember, GroupsCreate,
        GroupsDelete, GroupsGet, GroupsList, GroupsListMembers, GroupsRemoveMember, ItemsArchive, ItemsCreate,
        ItemsCreateAll, ItemsDelete, ItemsDeleteAll, ItemsFilesAttach, ItemsFilesDelete, ItemsFilesRead,
        ItemsFilesReplaceDocument, ItemsGet, ItemsGetAll, ItemsList, ItemsMove, ItemsPut, ItemsSearch,
        ItemsSharesCreate, ItemsSharesGet, ItemsSharesGetAccountPolicy, ItemsSharesList, ItemsSharesRevoke,
        ItemsSharesValidateRecipients, SecretsExplain, SecretsResolve, SecretsResolveAll, SecretsResolveEnv,
        SecretsResolveVariables, UsersGet, UsersList, UsersListVaultAccess, VaultsCreate, VaultsDelete, VaultsGet,
        VaultsGetOverview, VaultsGrantGroupPermissions, VaultsGrantUserPermissions, VaultsLeave, VaultsList,
        VaultsRevokeGroupPermissions, VaultsRevokeUserPermissions, VaultsUpdate, VaultsUpdateGroupPermissions,
    },
    shares::ReceivedShare,
};
use op_testkit::{
    TestAccount,
    account::{host, new_vault},
};
use serde_json::{Value, json};

/// What the calls work on.
pub(crate) struct Place {
    pub(crate) account: TestAccount,
    pub(crate) vault: String,
    pub(crate) other_vault: String,
    pub(crate) item: String,
    pub(crate) person: String,
    pub(crate) group: String,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let account = TestAccount::create().await;
        drop(account.person("wendy@example.com").await);
        let people = UsersList {}.run(&account.owner).await.unwrap();
        let groups = GroupsList {}.run(&account.owner).await.unwrap();
        Self {
            vault: account.vault_id.clone(),
            other_vault: new_vault(&account.owner, "Other").await,
            item: account.login("Example", "hunter2").await.id.clone(),
            person: people.iter().find(|each| each.email == "wendy@example.com").unwrap().id.clone(),
            group: groups.iter().find(|each| each.title == "Team Members").unwrap().id.clone(),
            account,
        }
    }
}

/// The calls of a scenario, and what each gave.
pub(crate) struct Calls<'a> {
    pub(crate) place: &'a Place,
    pub(crate) client: &'a Client,
    pub(crate) results: Vec<(&'static str, Value)>,
}

impl Calls<'_> {
    async fn call<M: ClientMethod>(&mut self, parameters: Value) -> Result<Value, Error> {
        let method: M = serde_json::from_value(parameters).unwrap();
        let result = serde_json::to_value(method.run(self.client).await?).unwrap();
        let name = std::any::type_name::<M>().rsplit("::").next().unwrap();
        self.results.push((name, result.clone()));
        Ok(result)
    }
}

type Scenario = for<'a, 'b> fn(&'a mut Calls<'b>) -> BoxFuture<'a, Result<(), Error>>;

pub(crate) const SCENARIOS: [Scenario; 6] = [
    |calls| vaults(calls).boxed(),
    |calls| items(calls).boxed(),
    |calls| secrets(calls).boxed(),
    |calls| groups(calls).boxed(),
    |calls| environments(calls).boxed(),
    |calls| shares(calls).boxed(),
];

async fn vaults(c: &mut Calls<'_>) -> Result<(), Error> {
    let (group, person) = (c.place.group.clone(), c.place.person.clone());
    c.call::<VaultsList>(json!({})).await?;
    let made = c.call::<VaultsCreate>(json!({ "params": { "title": "Made", "description": "for a while" } })).await?;
    let vault = &made["id"];
    c.call::<VaultsGetOverview>(json!({ "vault_id": vault })).await?;
    c.call::<VaultsUpdate>(json!({ "vault_id": vault, "params": { "title": "Renamed" } })).await?;
    let access = json!([{ "groupId": group, "permissions": 32 }]);
    c.call::<VaultsGrantGroupPermissions>(json!({ "vault_id": vault, "group_permissions_list": access })).await?;
    let access = json!([{ "vaultId": vault, "groupId": group, "permissions": 48 }]);
    c.call::<VaultsUpdateGroupPermissions>(json!({ "group_permissions_list": access })).await?;
    let access = json!([{ "userId": person, "permissions": 32 }]);
    c.call::<VaultsGrantUserPermissions>(json!({ "vault_id": vault, "user_permissions_list": access })).await?;
    c.call::<VaultsGet>(json!({ "vault_id": vault, "vault_params": { "accessors": true } })).await?;
    c.call::<VaultsRevokeGroupPermissions>(json!({ "vault_id": vault, "group_id": group })).await?;
    c.call::<VaultsRevokeUserPermissions>(json!({ "vault_id": vault, "user_id": person })).await?;
    c.call::<VaultsDelete>(json!({ "vault_id": vault })).await?;
    let left = c.call::<VaultsCreate>(json!({ "params": { "title": "Left" } })).await?;
    let access = json!([{ "userId": person, "permissions": 34 }]);
    c.call::<VaultsGrantUserPermissions>(json!({ "vault_id": left["id"], "user_permissions_list": access })).await?;
    c.call::<VaultsLeave>(json!({ "vault_id": left["id"] })).await?;
    // Groups that the person belongs to still manage it.
    c.call::<VaultsDelete>(json!({ "vault_id": left["id"] })).await?;
    c.call::<AccountRateLimit>(json!({})).await?;
    Ok(())
}

async fn items(c: &mut Calls<'_>) -> Result<(), Error> {
    let (vault, other) = (c.place.vault.clone(), c.place.other_vault.clone());
    let sections = json!([{ "id": "s", "title": "S" }]);
    let files = json!([{ "name": "f.txt", "content": [65], "sectionId": "s", "fieldId": "f" }]);
    let params = json!({ "category": "Login", "vaultId": vault, "title": "New", "sections": sections, "files": files });
    let item = c.call::<ItemsCreate>(json!({ "params": params })).await?;
    let id = &item["id"];
    let mut edited = c.call::<ItemsGet>(json!({ "vault_id": vault, "item_id": id })).await?;
    edited["notes"] = json!("edited");
    let item = c.call::<ItemsPut>(json!({ "item": edited })).await?;
    let file = json!({ "name": "g.txt", "content": [66], "sectionId": "s", "fieldId": "g" });
    let item = c.call::<ItemsFilesAttach>(json!({ "item": item, "file_params": file })).await?;
    let attributes = &item["files"][0]["attributes"];
    c.call::<ItemsFilesRead>(json!({ "vault_id": vault, "item_id": id, "attr": attributes })).await?;
    c.call::<ItemsFilesDelete>(json!({ "item": item, "section_id": "s", "field_id": "g" })).await?;
    c.call::<ItemsList>(json!({ "vault_id": vault, "filters": [] })).await?;
    c.call::<ItemsSearch>(json!({ "params": { "title": "new" } })).await?;

    let note = json!({ "category": "SecureNote", "vaultId": vault, "title": "Note" });
    let document = json!({ "category": "Document", "vaultId": vault, "title": "Document",
        "document": { "name": "a.txt", "content": [1] } });
    let made = c.call::<ItemsCreateAll>(json!({ "vault_id": vault, "params": [note, document] })).await?;
    let (note, document) = (&made["individualResponses"][0]["content"], &made["individualResponses"][1]["content"]);
    let ids = json!([note["id"], document["id"]]);
    c.call::<ItemsGetAll>(json!({ "vault_id": vault, "item_ids": ids })).await?;
    let content = json!({ "name": "b.txt", "content": [2] });
    c.call::<ItemsFilesReplaceDocument>(json!({ "item": document, "doc_params": content })).await?;
    c.call::<ItemsDeleteAll>(json!({ "vault_id": vault, "item_ids": ids })).await?;
    let options = json!({ "deleteOriginal": true });
    let moved = json!({ "vault_id": vault, "item_id": id, "to_vault_id": other, "options": options });
    let moved = c.call::<ItemsMove>(moved).await?;
    c.call::<ItemsArchive>(json!({ "vault_id": other, "item_id": moved["item"]["id"] })).await?;
    c.call::<ItemsDelete>(json!({ "vault_id": other, "item_id": moved["item"]["id"] })).await?;
    Ok(())
}

async fn secrets(c: &mut Calls<'_>) -> Result<(), Error> {
    let (by_title, by_id) =
        ("op://Development/Example/password", format!("op://{}/{}/password", c.place.vault, c.place.item));
    c.call::<SecretsExplain>(json!({ "secret_reference": by_title })).await?;
    c.call::<SecretsResolve>(json!({ "secret_reference": by_title })).await?;
    c.call::<SecretsResolve>(json!({ "secret_reference": by_id })).await?;
    c.call::<SecretsResolveAll>(json!({ "secret_references": [by_title, by_id] })).await?;
    c.call::<SecretsResolveEnv>(json!({ "env": format!("A={by_title}") })).await?;
    c.call::<SecretsResolveVariables>(json!({ "references": { "A": by_id } })).await?;
    Ok(())
}

async fn groups(c: &mut Calls<'_>) -> Result<(), Error> {
    let person = c.place.person.clone();
    let group = c.call::<GroupsCreate>(json!({ "params": { "title": "Made", "description": "for a while" } })).await?;
    let id = &group["id"];
    c.call::<GroupsAddMember>(json!({ "group_id": id, "user_id": person })).await?;
    c.call::<GroupsListMembers>(json!({ "group_id": id })).await?;
    c.call::<GroupsRemoveMember>(json!({ "group_id": id, "user_id": person })).await?;
    let administrators = c.call::<GroupsList>(json!({})).await?;
    let administrators = administrators.as_array().unwrap().iter().find(|each| each["groupType"] == "owners").unwrap();
    let asked = json!({ "vaultPermissions": true });
    c.call::<GroupsGet>(json!({ "group_id": administrators["id"], "group_params": asked })).await?;
    c.call::<GroupsDelete>(json!({ "group_id": id })).await?;
    c.call::<UsersList>(json!({})).await?;
    c.call::<UsersGet>(json!({ "user_id": person })).await?;
    c.call::<UsersListVaultAccess>(json!({ "user_id": person })).await?;
    Ok(())
}

async fn environments(c: &mut Calls<'_>) -> Result<(), Error> {
    let made = c.call::<EnvironmentsCreate>(json!({ "params": { "title": "Production" } })).await?;
    let id = &made["id"];
    let variables = json!([{ "name": "A", "value": "1", "masked": true }]);
    c.call::<EnvironmentsSetVariables>(json!({ "environment_id": id, "variables": variables })).await?;
    c.call::<EnvironmentsList>(json!({})).await?;
    c.call::<EnvironmentsGetVariables>(json!({ "environment_id": id })).await?;
    c.call::<EnvironmentsUnsetVariables>(json!({ "environment_id": id, "names": ["A"] })).await?;
    c.call::<EnvironmentsDelete>(json!({ "environment_id": id })).await?;
    Ok(())
}

async fn shares(c: &mut Calls<'_>) -> Result<(), Error> {
    let params = json!({ "category": "SecureNote", "vaultId": c.place.vault, "title": "Shared" });
    let item = c.call::<ItemsCreate>(json!({ "params": params })).await?;
    let ids = json!({ "vault_id": c.place.vault, "item_id": item["id"] });
    let policy = c.call::<ItemsSharesGetAccountPolicy>(ids).await?;
    let recipients = json!({ "policy": policy, "recipients": ["wendy@example.com"] });
    c.call::<ItemsSharesValidateRecipients>(recipients).await?;
    let params = json!({ "oneTimeOnly": false, "maxViews": 2 });
    let parameters = json!({ "item": item, "policy": policy, "params": params });
    let link = c.call::<ItemsSharesCreate>(parameters).await?;
    ReceivedShare::new(host(), link.as_str().unwrap())?.open(None).await.map_err(Error::from)?;
    let listed = c.call::<ItemsSharesList>(json!({ "params": { "itemId": item["id"] } })).await?;
    let id = json!({ "share_id": listed[0]["id"] });
    c.call::<ItemsSharesGet>(id.clone()).await?;
    c.call::<ItemsSharesRevoke>(id.clone()).await?;
    c.call::<ItemsSharesGet>(id).await?;
    c.call::<ItemsDelete>(json!({ "vault_id": c.place.vault, "item_id": item["id"] })).await?;
    Ok(())
}
