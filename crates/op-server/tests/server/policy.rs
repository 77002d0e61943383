//! Every route against every way to be somebody: what is allowed, and what is refused.

use std::collections::BTreeSet;

use op_protocol::permissions::{
    ALL, ARCHIVE_ITEMS, CREATE_ITEMS, DELETE_ITEMS, MANAGE_VAULT, READ_ITEMS, RECOVER_VAULT, REVEAL_ITEM_PASSWORD,
    SEND_ITEMS, TABLE, UPDATE_ITEMS,
};
use op_protocol::rest::{GroupType, ItemPatch, NewGroup};
use op_testkit::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::links::{new_share, open_policy};
use crate::support::{Client, Person, http, new_id, new_item, owner, sealed, send};
use crate::team::{Secret, Team, group_access, invite_body, member_key, new_group, personal_vault};

const WRITES: u32 = CREATE_ITEMS | UPDATE_ITEMS | ARCHIVE_ITEMS | DELETE_ITEMS;
const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;
const ROTATE: u32 = MANAGE_VAULT | READ | UPDATE_ITEMS;

/// Whom a route lets in.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Who {
    /// Whoever shows something else than a session: a setup token, an invite's secret, the steps of a sign-in.
    Outside,
    /// Every signed-in user.
    Everyone,
    Persons,
    Administrators,
    Owners,
    /// Persons, and service accounts that were made for it.
    VaultMakers,
    /// Whoever has all of these permissions on the vault.
    All(u32),
    /// Whoever has one of these permissions on the vault.
    Any(u32),
    /// Whoever may create or update items in some vault, which the tests of files go through.
    Writers,
    /// Whoever has any access to the vault.
    Access,
}

/// What a request of a route is about. Ids are of things that exist where the row is about a vault, else of nothing,
/// so that whoever is let in changes nothing.
struct About {
    vault: String,
    item: ItemPatch,
    person: Person,
    group: NewGroup,
    content_version: u32,
}

type Body = fn(&About) -> Value;

fn none(_: &About) -> Value {
    Value::Null
}

/// A row for each route.
fn rows() -> Vec<(&'static str, &'static str, Who, Body)> {
    use Who::*;
    let group_key: Body = |about| json!(member_key(&about.group, &about.person));
    vec![
        ("post", "/api/v3/auth/start", Outside, none),
        ("post", "/api/v2/auth", Outside, none),
        ("post", "/api/v2/auth/confirm-key", Outside, none),
        ("post", "/api/v2/auth/complete", Outside, none),
        ("post", "/api/v1/auth", Outside, none),
        ("post", "/api/v2/auth/verify", Outside, none),
        ("get", "/api/v2/account/keysets", Everyone, none),
        ("get", "/api/v3/account", Everyone, none),
        ("get", "/api/v1/vaults", Everyone, none),
        ("get", "/api/v1/vault/preflight/create", VaultMakers, none),
        ("post", "/api/v2/vault", VaultMakers, |about| {
            let access = [about.person.access(&about.vault, ALL)];
            json!({"uuid": about.vault, "type": "U", "encAttrs": sealed("k", "a"), "access": access})
        }),
        ("get", "/api/v3/vault/{vault}", Access, none),
        (
            "put",
            "/api/v3/vault/{vault}/attrs",
            All(MANAGE_VAULT),
            |about| json!({"uuid": about.vault, "type": "U", "encAttrs": sealed("vault-key", "new"), "attrVersion": 1}),
        ),
        ("delete", "/api/v4/vault/{vault}", All(MANAGE_VAULT), none),
        ("patch", "/api/v2/vault/{vault}/vaultaccess", All(MANAGE_VAULT), |_| json!({"vaultaccess": []})),
        (
            "patch",
            "/api/v2/acl/groups",
            All(MANAGE_VAULT),
            |about| json!([{"groupUuid": about.group.uuid, "vaultUuid": about.vault, "permission": MANAGE_VAULT}]),
        ),
        ("delete", "/api/v1/vault/{vault}/group/{group}", All(MANAGE_VAULT), none),
        ("get", "/api/v1/group/pubkeys", Everyone, none),
        ("get", "/api/v2/group/{group}", Everyone, none),
        ("get", "/api/v1/vault/{vault}/items/overviews", All(READ_ITEMS), none),
        ("get", "/api/v1/vault/{vault}/item/{item}", All(READ), none),
        ("post", "/api/v3/vault/{vault}/items/batch", All(READ), |about| json!({"itemUuids": [about.item.uuid]})),
        ("patch", "/api/v3/vault/{vault}/{content_version}/items", Any(WRITES), |_| json!([])),
        ("post", "/api/v3/file", Writers, none),
        ("get", "/api/v2/file/{vault}/{item}/{file}", All(READ), none),
        ("get", "/api/v4/itemshare/preflight/{vault}/{item}", All(READ | SEND_ITEMS), none),
        ("post", "/api/v4/itemshare/validate-recipients", Everyone, |_| json!({"recipients": []})),
        ("post", "/api/v4/itemshare", All(READ | SEND_ITEMS), |about| {
            json!(new_share(&about.vault, &about.item, 1).request)
        }),
        ("get", "/api/opwire/v1/health", Outside, none),
        ("get", "/api/opwire/v1/limits", Everyone, none),
        ("post", "/api/opwire/v1/accounts", Outside, none),
        ("post", "/api/opwire/v1/account/groups", Owners, |_| json!([])),
        ("get", "/api/opwire/v1/users", Persons, none),
        ("get", "/api/opwire/v1/users/{user}", Persons, none),
        ("delete", "/api/opwire/v1/users/{user}", Administrators, none),
        ("get", "/api/opwire/v1/users/{user}/vaults", Administrators, none),
        ("post", "/api/opwire/v1/users/{user}/confirm", Administrators, |_| json!([])),
        ("post", "/api/opwire/v1/users/{user}/suspend", Administrators, none),
        ("post", "/api/opwire/v1/users/{user}/reactivate", Administrators, none),
        ("get", "/api/opwire/v1/users/{user}/recovery", Administrators, none),
        ("post", "/api/opwire/v1/users/{user}/recovery", Administrators, |_| json!({"vaults": [], "groups": []})),
        ("get", "/api/opwire/v1/invites", Administrators, none),
        ("post", "/api/opwire/v1/invites", Administrators, |about| {
            invite_body(&about.person, &Secret { invite: new_id(), text: String::new() })
        }),
        ("delete", "/api/opwire/v1/invites/{invite}", Administrators, none),
        ("post", "/api/opwire/v1/invites/{invite}", Outside, |_| json!({"secret": "guess"})),
        (
            "post",
            "/api/opwire/v1/invites/{invite}/accept",
            Outside,
            |about| json!({"secret": "guess", "user": about.person.user, "vault": personal_vault(&about.person, None)}),
        ),
        ("put", "/api/opwire/v1/me/credentials", Persons, |about| {
            let user = &about.person.user;
            json!({
                "verifier": user.verifier, "salt": user.salt, "iterations": user.iterations, "method": user.method,
                "alg": user.alg, "secretKeyId": user.secret_key_id, "keysetUuid": new_id(), "encSymKey": sealed("mp", "s"),
            })
        }),
        ("get", "/api/opwire/v1/sessions", Everyone, none),
        ("delete", "/api/opwire/v1/sessions", Everyone, none),
        ("delete", "/api/opwire/v1/sessions/{session}", Everyone, none),
        ("get", "/api/opwire/v1/groups", Everyone, none),
        ("post", "/api/opwire/v1/groups", Administrators, |about| {
            json!(new_group(GroupType::UserDefined, &[&about.person]))
        }),
        (
            "put",
            "/api/opwire/v1/groups/{group}",
            Administrators,
            |_| json!({"name": "n", "desc": "", "attrVersion": 99}),
        ),
        ("delete", "/api/opwire/v1/groups/{group}", Administrators, none),
        ("get", "/api/opwire/v1/groups/{group}/members", Persons, none),
        ("put", "/api/opwire/v1/groups/{group}/members/{user}", Administrators, group_key),
        ("delete", "/api/opwire/v1/groups/{group}/members/{user}", Administrators, none),
        ("get", "/api/opwire/v1/environments", Everyone, none),
        ("get", "/api/opwire/v1/vaults/{vault}/accessors", All(MANAGE_VAULT), none),
        ("delete", "/api/opwire/v1/vaults/{vault}/access", Persons, none),
        ("get", "/api/opwire/v1/abandoned-vaults", Owners, none),
        ("delete", "/api/opwire/v1/abandoned-vaults/{vault}", Owners, none),
        ("delete", "/api/opwire/v1/vaults/{vault}/users/{user}", All(MANAGE_VAULT), none),
        ("put", "/api/opwire/v1/vaults/{vault}/rotation/{key}/items", All(ROTATE), |_| json!([])),
        ("post", "/api/opwire/v1/vaults/{vault}/rotation/{key}", All(ROTATE), |about| {
            json!({"encAttrs": sealed(KEY, "attributes"), "attrVersion": 1, "accessVersion": 0,
                   "access": [about.person.access(&about.vault, ALL)]})
        }),
        ("delete", "/api/opwire/v1/vaults/{vault}/rotation/{key}", All(ROTATE), none),
        ("get", "/api/opwire/v1/service-accounts", Administrators, none),
        (
            "post",
            "/api/opwire/v1/service-accounts",
            Administrators,
            |about| json!({"user": about.person.user, "vaults": []}),
        ),
        (
            "put",
            "/api/opwire/v1/service-accounts/{user}",
            Administrators,
            |about| json!({"user": about.person.user, "vaults": []}),
        ),
        ("delete", "/api/opwire/v1/service-accounts/{user}", Administrators, none),
        ("get", "/api/opwire/v1/share-policy", Persons, none),
        ("put", "/api/opwire/v1/share-policy", Administrators, |_| open_policy()),
        ("get", "/api/opwire/v1/vaults/{vault}/share-policy", All(MANAGE_VAULT), none),
        ("put", "/api/opwire/v1/vaults/{vault}/share-policy", All(MANAGE_VAULT), |_| open_policy()),
        ("delete", "/api/opwire/v1/vaults/{vault}/share-policy", All(MANAGE_VAULT), none),
        ("get", "/api/opwire/v1/shares", Everyone, none),
        ("get", "/api/opwire/v1/shares/{share}", Everyone, none),
        ("delete", "/api/opwire/v1/shares/{share}", Everyone, none),
        ("post", "/api/opwire/v1/share/status", Outside, none),
        ("post", "/api/opwire/v1/share/code", Outside, none),
        ("post", "/api/opwire/v1/share/verify", Outside, none),
        ("post", "/api/opwire/v1/share/open", Outside, none),
        ("post", "/api/opwire/v1/share/end", Outside, none),
        ("get", "/api/opwire/v1/share/files/{file}", Outside, none),
        ("get", "/api/opwire/v1/audit", Administrators, none),
    ]
}

const KEY: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

impl About {
    fn nothing(group: &NewGroup) -> Self {
        Self {
            vault: new_id(),
            item: new_item("item"),
            person: Person::new("nobody"),
            group: group.clone(),
            content_version: 1,
        }
    }

    fn path(&self, pattern: &str) -> String {
        pattern
            .replace("{vault}", &self.vault)
            .replace("{item}", &self.item.uuid)
            .replace("{user}", &self.person.user.uuid)
            .replace("{group}", &self.group.uuid)
            .replace("{key}", KEY)
            .replace("{file}", KEY)
            .replace("{share}", KEY)
            .replace("{invite}", KEY)
            .replace("{session}", "none")
            .replace("{content_version}", &self.content_version.to_string())
    }

    /// The status, and what a refusal says.
    async fn ask(&self, client: &Client, method: &str, pattern: &str, body: Body) -> (u16, String) {
        let body = body(self);
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let answer = client.send(method, &self.path(pattern), (!body.is_null()).then_some(&body)).await;
        let status = answer.status.as_u16();
        let message = if status == 200 { Value::Null } else { answer.json::<Value>()["errorMessage"].clone() };
        (status, message.as_str().unwrap_or_default().to_owned())
    }
}

/// The routes that let somebody in by this.
fn rows_where(wanted: fn(Who) -> bool) -> Vec<(&'static str, &'static str, Who, Body)> {
    rows().into_iter().filter(|(_, _, who, _)| wanted(*who)).collect()
}

#[test]
fn every_route_has_a_row() {
    let rows: Vec<_> = rows().iter().map(|(method, path, ..)| (method.to_uppercase(), *path)).collect();
    let with_rows: BTreeSet<_> = rows.iter().map(|(method, path)| (method.as_str(), *path)).collect();
    assert_eq!(with_rows, op_server::ROUTES.iter().copied().collect());
    assert_eq!(rows.len(), op_server::ROUTES.len(), "a route has two rows");
}

#[test]
fn every_route_is_documented() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol.md")).unwrap();
    let documented = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')?.0.split_once(' '));
    assert_eq!(documented.collect::<BTreeSet<_>>(), op_server::ROUTES.iter().copied().collect());
}

#[tokio::test]
async fn without_a_session_nothing_is_let_in() {
    let server = TestServer::start().await;
    let about = About::nothing(&new_group(GroupType::UserDefined, &[]));
    for (method, path, ..) in rows_where(|who| who != Who::Outside) {
        let url = format!("{}{}", server.url, about.path(path));
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        send(http().request(method, url)).await.refused(401);
    }
}

#[tokio::test]
async fn each_route_of_a_vault_needs_its_permissions() {
    let server = TestServer::start_with(|config| config.limits = op_server::RateLimits::unlimited()).await;
    let team = Team::on(&server).await;
    let direct = team.join("direct").await;
    let grouped = team.join("grouped").await;
    let group = team.make_group(&[&grouped.person]).await;
    let first = team.owner.make_vault().await;
    let program = team.owner.make_service_account(&first, ALL).await;
    let program = Client::sign_in(&server.url, &program).await;
    let ways = [(&direct, &direct.person.user.uuid), (&grouped, &group.uuid), (&program, &program.person.user.uuid)];

    let bits = || TABLE.iter().map(|(_, bit, _)| *bit);
    let acls: BTreeSet<u32> = bits().chain(bits().map(|bit| ALL & !bit)).collect();
    for (method, path, who, body) in rows_where(|who| matches!(who, Who::All(_) | Who::Any(_) | Who::Access)) {
        for (client, accessor) in ways {
            let mut about = About::nothing(&team.members);
            about.vault = team.owner.make_vault().await;
            team.owner.change(&about.vault, &about.item).await;
            about.content_version = 2;
            // Rules between permissions do not let one be given alone, so the rows of the store are made here.
            server
                .execute(&format!(
                    "INSERT INTO vault_access SELECT '{}', accessor_type, '{accessor}', acl, 0, 1, encrypted_by, enc_vault_key
                     FROM vault_access WHERE accessor_uuid = '{accessor}' OR vault_uuid = '{}' LIMIT 1",
                    about.vault, about.vault
                ))
                .await;
            let kind = if *accessor == group.uuid { "group" } else { "user" };
            for acl in &acls {
                server
                    .execute(&format!(
                        "UPDATE vault_access SET acl = {acl}, accessor_type = '{kind}' WHERE vault_uuid = '{}' AND accessor_uuid = '{accessor}'",
                        about.vault
                    ))
                    .await;
                let allowed = match who {
                    // Whoever may recover a vault has no access to it.
                    _ if *acl <= RECOVER_VAULT => None,
                    Who::All(needed) => Some(acl & needed == needed),
                    Who::Any(needed) => Some(acl & needed != 0),
                    _ => Some(true),
                };
                // What takes the vault away is let through once, at the end.
                if allowed == Some(true) && path == "/api/v4/vault/{vault}" && *acl != ALL & !1 {
                    continue;
                }
                let (status, message) = about.ask(client, method, path, body).await;
                let told = format!("{method} {path} by a {kind}'s permissions {acl} answers {status} {message}");
                match allowed {
                    None => assert_eq!(status, 404, "{told}"),
                    Some(false) => assert_eq!(status, 403, "{told}"),
                    Some(true) => {
                        assert!(
                            [200, 400, 404, 409].contains(&status) && !message.starts_with("no such vault"),
                            "{told}"
                        )
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn each_route_of_the_account_needs_its_standing() {
    let server = TestServer::start_with(|config| config.limits = op_server::RateLimits::unlimited()).await;
    let team = Team::on(&server).await;
    let administrator = team.administrator("administrator").await;
    let member = team.join("member").await;
    let vault = team.owner.make_vault().await;
    let program = Client::sign_in(&server.url, &team.owner.make_service_account(&vault, ALL).await).await;
    let founder = owner(&server).await;
    // Is owner, administrator, person, may make vaults.
    let actors = [
        ("owner", &team.owner, [true, true, true, true]),
        ("administrator", &administrator, [false, true, true, true]),
        ("member", &member, [false, false, true, true]),
        ("service account", &program, [false, false, false, false]),
        ("owner without groups", &founder, [true, true, true, true]),
    ];
    for (method, path, who, body) in rows() {
        for (name, client, [owns, administers, is_person, makes_vaults]) in actors {
            let allowed = match who {
                Who::Everyone => true,
                Who::Persons => is_person,
                Who::Administrators => administers,
                Who::Owners => owns,
                Who::VaultMakers => makes_vaults,
                _ => continue,
            };
            let mut about = About::nothing(&team.members);
            if path == "/api/opwire/v1/groups/{group}/members/{user}" {
                // Of a group that has such members.
                about.group = team.recovery.clone();
                if name == "owner without groups" {
                    continue;
                }
            }
            if allowed && matches!((method, path), ("post", "/api/v2/vault")) {
                about.person = client.person.clone();
            }
            let (status, message) = about.ask(client, method, path, body).await;
            let told = format!("{method} {path} by {name} answers {status} {message}");
            if allowed {
                assert!([200, 400, 404, 409].contains(&status), "{told}");
            } else {
                assert_eq!(status, 403, "{told}");
            }
        }
    }
}

#[tokio::test]
async fn another_account_is_out_of_reach() {
    let server = TestServer::start_with(|config| config.limits = op_server::RateLimits::unlimited()).await;
    let (team, strangers) = (Team::on(&server).await, Team::on(&server).await);
    let member = team.join("member").await;
    let group = team.make_group(&[&member.person]).await;
    let vault = new_id();
    team.owner.make_vault_for(&vault, &[group_access(&group, &vault, READ)]).await.succeeded();
    let about = About { vault, item: new_item("item"), person: member.person.clone(), group, content_version: 1 };
    for (method, path, who, body) in rows() {
        let names_one =
            ["{vault}", "{group}", "{user}"].iter().any(|id| path.contains(id)) || path == "/api/v2/acl/groups";
        if who == Who::Outside || !names_one {
            continue;
        }
        let (status, _) = about.ask(&strangers.owner, method, path, body).await;
        if path == "/api/opwire/v1/users/{user}/vaults" {
            let vaults: Vec<Value> = strangers.owner.read(&about.path(path)).await;
            assert!(vaults.is_empty());
        } else {
            assert_eq!(status, 404, "{method} {path}");
        }
    }
    let keys: Vec<Value> = strangers.owner.read(&format!("/api/v1/group/pubkeys?uuids={}", about.group.uuid)).await;
    assert!(keys.is_empty());
    assert_eq!(team.owner.read::<Vec<Value>>("/api/opwire/v1/users").await.len(), 2);
}
