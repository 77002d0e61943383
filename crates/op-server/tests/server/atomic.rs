//! Every change that takes several steps, broken at each of them: nothing of it is stored, and once the fault has passed
//! the same request succeeds.

use std::future::Future;

use op_protocol::permissions::{ALL, READ_ITEMS, REVEAL_ITEM_PASSWORD, SEND_ITEMS, UPDATE_ITEM_HISTORY};
use op_protocol::rest::{GroupType, NewGroup, VaultRecord};
use op_testkit::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::links::{SHARES, item_of, mailing_server, new_share, open_policy};
use crate::support::{Answer, Client, Person, new_id, new_item, owner, post_account, sealed, with_files};
use crate::team::{
    BUILT_IN, GROUPS, Team, accept, accept_recovery, account_body, add_member, begin_recovery, group_access, invite,
    member_key, new_group, recovery_route, remove_member, renewed,
};

const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;
const SHARE: u32 = READ | UPDATE_ITEM_HISTORY | SEND_ITEMS;

const TABLES: [&str; 18] = [
    "accounts",
    "users",
    "keysets",
    "vaults",
    "vault_access",
    "items",
    "account_groups",
    "group_keys",
    "invites",
    "reencrypted_items",
    "rotations",
    "shares",
    "share_files",
    "share_tickets",
    "share_viewers",
    "share_views",
    "share_policies",
    "audit",
];

/// What a step does, and to which table.
type Step = (&'static str, &'static str);

async fn stored(server: &TestServer) -> Vec<Vec<String>> {
    let mut tables = Vec::new();
    for table in TABLES {
        tables.push(server.rows(table).await);
    }
    tables
}

/// Sends the request with each step broken in turn, then with none.
async fn walk<A: Future<Output = Answer>>(server: &TestServer, name: &str, steps: &[Step], request: impl Fn() -> A) {
    for (kind, table) in steps {
        let before = stored(server).await;
        server.break_table(table, kind).await;
        let status = request().await.status;
        server.mend(table).await;
        assert_eq!(status, 500, "{name} has no step {kind} {table}");
        assert_eq!(stored(server).await, before, "{name}, broken at {kind} {table}, left something behind");
    }
    request().await.succeeded();
}

#[tokio::test]
async fn changes_of_vaults_happen_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (owner, members) = (&team.owner, &team.members);
    let vault = &new_id();
    let recovery = &[group_access(&team.recovery, vault, 1)];
    let steps = [("INSERT", "vaults"), ("INSERT", "vault_access"), ("UPDATE", "vaults"), ("INSERT", "audit")];
    walk(&server, "a new vault", &steps, || owner.make_vault_for(vault, recovery)).await;
    let item = new_item("item");
    owner.change(vault, &item).await;

    let grant = &[group_access(members, vault, READ), owner.person.access(vault, ALL)];
    let steps = [("DELETE", "vault_access"), ("INSERT", "vault_access"), ("UPDATE", "vaults"), ("INSERT", "audit")];
    walk(&server, "a grant", &steps, || owner.grant(vault, grant)).await;

    let change = &json!([{"groupUuid": members.uuid, "vaultUuid": vault, "permission": READ_ITEMS}]);
    let steps = [("UPDATE", "vault_access"), ("UPDATE", "vaults"), ("INSERT", "audit")];
    let request = || owner.send(Method::PATCH, "/api/v2/acl/groups", Some(change));
    walk(&server, "a change of permissions", &steps, request).await;

    let attributes = &json!({"uuid": vault, "type": "U", "encAttrs": sealed("vault-key", "n"), "attrVersion": 1});
    let path = &format!("/api/v3/vault/{vault}/attrs");
    walk(&server, "an update", &[("UPDATE", "vaults"), ("INSERT", "audit")], || owner.put(path, attributes)).await;

    let share = new_share(vault, &item, 1).create(owner).await;
    let key = &new_id();
    let rotation = &format!("/api/opwire/v1/vaults/{vault}/rotation/{key}");
    let anew =
        json!([{"uuid": item.uuid, "itemVersion": 1, "encOverview": sealed(key, "o"), "encDetails": sealed(key, "d")}]);
    owner.put(&format!("{rotation}/items"), &anew).await.succeeded();
    let present: VaultRecord = owner.read(&format!("/api/v3/vault/{vault}?attrs=accessors,combined-access")).await;
    let mut access = present.access.unwrap();
    access.iter_mut().for_each(|access| access.vault_key_sn = 2);
    let end = &json!({
        "encAttrs": sealed(key, "attributes"), "attrVersion": present.attr_version, "access": access,
        "accessVersion": present.combined_access.unwrap().access_version,
        "shares": [{"uuid": share.id(), "encShareSecret": sealed(key, "secret")}],
    });
    let steps = [
        ("UPDATE", "items"),
        ("UPDATE", "shares"),
        ("UPDATE", "vault_access"),
        ("UPDATE", "vaults"),
        ("DELETE", "reencrypted_items"),
        ("DELETE", "rotations"),
        ("INSERT", "audit"),
    ];
    walk(&server, "a rotation", &steps, || owner.post(rotation, end)).await;

    let revoke = &format!("/api/v1/vault/{vault}/group/{}", members.uuid);
    let steps = [("DELETE", "vault_access"), ("UPDATE", "vaults"), ("INSERT", "audit")];
    walk(&server, "a revocation", &steps, || owner.delete(revoke)).await;

    let path = &format!("/api/v4/vault/{vault}");
    let steps = [("DELETE", "items"), ("DELETE", "vault_access"), ("DELETE", "vaults"), ("INSERT", "audit")];
    walk(&server, "a deletion", &steps, || owner.delete(path)).await;
    owner.get(&format!("/api/v3/vault/{vault}")).await.refused(404);
}

#[tokio::test]
async fn changes_of_people_and_groups_happen_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (boss, person) = (&team.owner, &Person::new("wendy"));
    let secret = &invite(boss, person).await;
    let steps = [
        ("DELETE", "invites"),
        ("INSERT", "users"),
        ("INSERT", "keysets"),
        ("INSERT", "vaults"),
        ("INSERT", "vault_access"),
        ("INSERT", "audit"),
    ];
    let recovery = Some(&team.recovery);
    walk(&server, "an acceptance", &steps, || accept(&boss.base, secret, person, recovery)).await;

    let steps = [("INSERT", "group_keys"), ("UPDATE", "users"), ("INSERT", "audit")];
    let team_ref = &team;
    walk(&server, "a confirmation", &steps, || team_ref.confirm(person)).await;

    let secret = &begin_recovery(boss, person).await;
    let new = &renewed(person);
    let steps = [("UPDATE", "invites"), ("INSERT", "audit")];
    walk(&server, "accepting a recovery", &steps, || accept_recovery(&boss.base, secret, new)).await;
    let (path, completion) = &(recovery_route(new), team.completion(new).await);
    let steps = [
        ("DELETE", "invites"),
        ("DELETE", "keysets"),
        ("INSERT", "keysets"),
        ("UPDATE", "vault_access"),
        ("UPDATE", "vaults"),
        ("UPDATE", "users"),
        ("UPDATE", "group_keys"),
        ("INSERT", "audit"),
    ];
    walk(&server, "a recovery", &steps, || boss.post(path, completion)).await;
    let person = new;

    let mut group = new_group(GroupType::UserDefined, &[&boss.person]);
    group.keys.push(member_key(&group, person));
    let (group, body): (&NewGroup, &Value) = (&group, &json!(group));
    let steps = [("INSERT", "account_groups"), ("INSERT", "group_keys"), ("INSERT", "audit")];
    walk(&server, "a new group", &steps, || boss.post(GROUPS, body)).await;
    let steps = [("DELETE", "group_keys"), ("INSERT", "group_keys"), ("INSERT", "audit")];
    walk(&server, "a member's new key", &steps, || add_member(boss, group, person)).await;
    let steps = [("DELETE", "group_keys"), ("INSERT", "audit")];
    walk(&server, "a removal", &steps, || remove_member(boss, group, person)).await;
    let vault = boss.make_vault().await;
    boss.grant(&vault, &[group_access(group, &vault, READ)]).await.succeeded();
    let steps = [
        ("UPDATE", "account_groups"),
        ("DELETE", "vault_access"),
        ("DELETE", "group_keys"),
        ("UPDATE", "vaults"),
        ("INSERT", "audit"),
    ];
    let path = &format!("{GROUPS}/{}", group.uuid);
    walk(&server, "a group's deletion", &steps, || boss.delete(path)).await;

    let (shared_vault, item) = item_of(boss).await;
    boss.grant(&shared_vault, &[person.access(&shared_vault, SHARE)]).await.succeeded();
    new_share(&shared_vault, &item, 1).create(&Client::sign_in(&server.url, person).await).await;
    let path = &format!("/api/opwire/v1/users/{}/suspend", person.user.uuid);
    let steps = [("UPDATE", "users"), ("UPDATE", "shares"), ("INSERT", "audit")];
    walk(&server, "a suspension", &steps, || boss.send(Method::POST, path, None)).await;

    let user = &boss.person.user;
    let password = &json!({
        "verifier": user.verifier, "salt": user.salt, "iterations": user.iterations + 1, "method": user.method,
        "alg": user.alg, "secretKeyId": user.secret_key_id, "keysetUuid": user.keyset.uuid, "encSymKey": sealed("mp", "k"),
    });
    let steps = [("UPDATE", "keysets"), ("UPDATE", "users"), ("INSERT", "audit")];
    walk(&server, "a new password", &steps, || boss.put("/api/opwire/v1/me/credentials", password)).await;
}

#[tokio::test]
async fn changes_of_accounts_and_programs_happen_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let person = Person::new("owner");
    let groups = BUILT_IN.map(|kind| new_group(kind, &[&person]));
    let body = &account_body(&person, &groups.each_ref(), &groups[2]);
    let steps = TABLES.map(|table| ("INSERT", table));
    let untouched = ["items", "invites", "reencrypted_items", "rotations"];
    let touched = |step: &Step| !untouched.contains(&step.1) && !step.1.starts_with("share");
    let steps: Vec<Step> = steps.into_iter().filter(touched).collect();
    let (server_ref, token) = (&server, &server.setup_token);
    walk(&server, "a new account", &steps, || post_account(server_ref, token, body)).await;
    let boss = &Client::sign_in(&server.url, &person).await;

    let (vault, item) = &item_of(boss).await;
    let (program, route) = (Person::new("program"), "/api/opwire/v1/service-accounts");
    let body = &json!({"user": program.user, "vaults": [program.access(vault, SHARE)]});
    let steps = [("INSERT", "users"), ("INSERT", "keysets"), ("INSERT", "vault_access"), ("INSERT", "audit")];
    walk(&server, "a new service account", &steps, || boss.post(route, body)).await;

    let mut rotated = Person::new("program");
    (rotated.user.uuid, rotated.user.email) = (program.user.uuid.clone(), program.user.email.clone());
    let body = &json!({"user": rotated.user, "vaults": [rotated.access(vault, SHARE)]});
    let path = &format!("{route}/{}", program.user.uuid);
    let steps = [
        ("DELETE", "keysets"),
        ("INSERT", "keysets"),
        ("UPDATE", "vault_access"),
        ("UPDATE", "users"),
        ("INSERT", "audit"),
    ];
    walk(&server, "a service account's rotation", &steps, || boss.put(path, body)).await;
    new_share(vault, item, 1).create(&Client::sign_in(&server.url, &rotated).await).await;
    let steps = [
        ("DELETE", "vault_access"),
        ("UPDATE", "shares"),
        ("DELETE", "keysets"),
        ("UPDATE", "users"),
        ("INSERT", "audit"),
    ];
    walk(&server, "a service account's end", &steps, || boss.delete(path)).await;

    let founder = &owner(&server).await;
    let groups = &json!(BUILT_IN.map(|kind| new_group(kind, &[&founder.person])));
    let steps = [("INSERT", "account_groups"), ("INSERT", "group_keys"), ("UPDATE", "users"), ("INSERT", "audit")];
    walk(&server, "later groups", &steps, || founder.post("/api/opwire/v1/account/groups", groups)).await;
}

#[tokio::test]
async fn changes_of_shares_happen_whole_or_not_at_all() {
    let server = mailing_server().await;
    let boss = &owner(&server).await;
    let vault = boss.make_vault().await;
    let file = boss.uploaded(b"content").await;
    let item = with_files(new_item("to share"), &[&file]);
    boss.change(&vault, &item).await.updated_items.unwrap();

    let policy = &open_policy();
    let path = "/api/opwire/v1/share-policy";
    let steps = [("INSERT", "share_policies"), ("INSERT", "audit")];
    walk(&server, "a policy", &steps, || boss.put(path, policy)).await;
    let path = &format!("/api/opwire/v1/vaults/{vault}/share-policy");
    walk(&server, "a vault's policy", &steps, || boss.put(path, policy)).await;
    let steps = [("DELETE", "share_policies"), ("INSERT", "audit")];
    walk(&server, "a policy's removal", &steps, || boss.delete(path)).await;

    let share = &new_share(&vault, &item, 1).files(&[&file]).max_views(1);
    for (kind, table) in [("INSERT", "shares"), ("INSERT", "share_files"), ("INSERT", "audit")] {
        let before = stored(&server).await;
        server.break_table(table, kind).await;
        share.post(boss).await.refused(500);
        server.mend(table).await;
        assert_eq!(stored(&server).await, before, "broken at {kind} {table}");
    }
    assert_eq!(share.post(boss).await.status, 200);

    let tab = &share.tab(&server.url);
    let steps =
        [("UPDATE", "shares"), ("INSERT", "share_viewers"), ("INSERT", "share_tickets"), ("INSERT", "share_views")];
    for (kind, table) in steps {
        let before = stored(&server).await;
        server.break_table(table, kind).await;
        tab.open().await.refused(500);
        server.mend(table).await;
        assert_eq!(stored(&server).await, before, "a view, broken at {kind} {table}, left something behind");
    }
    tab.opened().await;
    let steps = [("UPDATE", "shares"), ("DELETE", "share_files"), ("DELETE", "share_tickets")];
    walk(&server, "a recipient's end", &steps, || tab.end()).await;

    let share = new_share(&vault, &item, 1).files(&[&file]).create(boss).await;
    share.tab(&server.url).opened().await;
    let path = &format!("{SHARES}/{}", share.id());
    let steps = [("UPDATE", "shares"), ("DELETE", "share_files"), ("DELETE", "share_tickets"), ("INSERT", "audit")];
    walk(&server, "a revocation", &steps, || boss.delete(path)).await;
}
