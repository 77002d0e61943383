//! Managing vaults.

use futures_util::future::join_all;
use op_protocol::permissions::{
    ALL, MANAGE_VAULT, READ_ITEMS, REVEAL_ITEM_PASSWORD, UPDATE_ITEM_HISTORY, UPDATE_ITEMS,
};
use op_protocol::rest::{
    AbandonedVault, AccessorType, AuditPage, GroupRecord, GroupType, UserVault, VaultAccessor, VaultPreflight,
    VaultRecord, VaultType,
};
use op_testkit::TestServer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Person, new_id, new_item, owner, sealed};
use crate::team::{Team, group_access, new_group};

const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;

async fn update(client: &Client, vault: &str, key: &str, version: u32) -> Answer {
    let body = json!({"uuid": vault, "type": "U", "encAttrs": sealed(key, "new name"), "attrVersion": version});
    client.put(&format!("/api/v3/vault/{vault}/attrs"), &body).await
}

async fn permit(client: &Client, group: &str, vault: &str, permission: u32) -> Answer {
    let body = json!([{"groupUuid": group, "vaultUuid": vault, "permission": permission}]);
    client.send(Method::PATCH, "/api/v2/acl/groups", Some(&body)).await
}

#[tokio::test]
async fn the_preflight_is_an_array_of_what_gets_access() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let path = "/api/v1/vault/preflight/create?type=U";
    let answer: Value = team.owner.read(path).await;
    let admins = json!([team.owners.uuid, team.administrators.uuid]);
    let mut listed = answer[1].as_array().unwrap().clone();
    listed.sort_by_key(|id| admins.as_array().unwrap().iter().position(|admin| admin == id));
    assert_eq!(answer, json!([[team.recovery.uuid], answer[1], true, null]));
    assert_eq!(json!(listed), admins);
    let typed: VaultPreflight = team.owner.read(path).await;
    assert_eq!(typed.mandatory_group_uuids, [team.recovery.uuid]);
    let founder = owner(&server).await;
    assert_eq!(founder.read::<Value>(path).await, json!([[], [], true, null]), "an account without groups");
}

#[tokio::test]
async fn a_vault_is_made_for_groups_which_clients_may_name_twice() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = new_id();
    let recovery = group_access(&team.recovery, &vault, 1);
    let admins = group_access(&team.administrators, &vault, MANAGE_VAULT);
    team.owner.make_vault_for(&vault, &[recovery.clone(), recovery, admins]).await.succeeded();
    let path = format!("/api/v3/vault/{vault}?attrs=accessors,combined-access");
    let stored: VaultRecord = team.owner.read(&path).await;
    assert_eq!(stored.access.unwrap().len(), 3);

    let group: GroupRecord =
        team.owner.read(&format!("/api/v2/group/{}?attrs=vault-access,pubkey", team.recovery.uuid)).await;
    assert_eq!(group.pub_key, Some(team.recovery.keyset.pub_key.clone()));
    let accesses = group.vault_access.unwrap();
    let acl = accesses.iter().find(|access| access.vault_uuid == vault).map(|access| access.acl);
    assert_eq!(acl, Some(1));
}

#[tokio::test]
async fn grants_at_once_are_in_nobodys_way() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let groups = [&team.members, &team.administrators, &team.recovery];
    let grants = groups.map(|group| [group_access(group, &vault, READ)]);
    for answer in join_all(grants.iter().map(|grant| team.owner.grant(&vault, grant))).await {
        answer.succeeded();
    }
    let accessors: Vec<VaultAccessor> = team.owner.read(&format!("/api/opwire/v1/vaults/{vault}/accessors")).await;
    let has_access = |id: &str| accessors.iter().any(|accessor| accessor.accessor_uuid == id && accessor.acl == READ);
    assert!(groups.iter().all(|group| has_access(&group.uuid)), "{accessors:?}");
}

#[tokio::test]
async fn two_who_change_a_vault_at_once_do_not_overwrite_each_other() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    update(&team.owner, &vault, "vault-key", 1).await.succeeded();
    update(&team.owner, &vault, "vault-key", 1).await.refused(409);
    update(&team.owner, &vault, "another-key", 2).await.refused(409);
    assert_eq!(team.owner.vault(&vault).await.attr_version, 2);

    // At the very same moment.
    for version in 2..6 {
        let answers = tokio::join!(
            update(&team.owner, &vault, "vault-key", version),
            update(&team.owner, &vault, "vault-key", version)
        );
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}

#[tokio::test]
async fn a_deleted_vault_is_gone_with_its_items() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    team.owner.change(&vault, &new_item("doomed")).await;
    team.owner.delete(&format!("/api/v4/vault/{vault}")).await.succeeded();
    team.owner.get(&format!("/api/v3/vault/{vault}")).await.refused(404);
    team.owner.delete(&format!("/api/v4/vault/{vault}")).await.refused(404);
    let vaults: Vec<VaultRecord> = team.owner.read("/api/v1/vaults").await;
    let [personal] = vaults.as_slice() else { panic!("{vaults:?}") };
    assert_eq!(personal.kind, VaultType::Personal);
    team.owner.delete(&format!("/api/v4/vault/{}", personal.uuid)).await.refused(400);
}

#[tokio::test]
async fn access_through_a_group_comes_and_goes_with_it() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("member").await;
    let vault = team.owner.make_vault().await;
    let item = new_item("shared");
    team.owner.change(&vault, &item).await;
    let overviews = format!("/api/v1/vault/{vault}/items/overviews");
    member.get(&overviews).await.refused(404);

    team.owner.grant(&vault, &[group_access(&team.members, &vault, READ_ITEMS)]).await.succeeded();
    assert_eq!(member.get(&overviews).await.status, 200);
    let access = member.vault(&vault).await.combined_access.unwrap();
    assert_eq!((access.accessor_type.known(), access.acl), (Some(AccessorType::Group), READ_ITEMS));
    assert_eq!(access.encrypted_by, team.members.keyset.uuid, "the member can open this one");
    let path = format!("/api/v1/vault/{vault}/item/{}", item.uuid);
    member.get(&path).await.refused(403);

    // The union of what each of two ways allows.
    team.owner.grant(&vault, &[member.person.access(&vault, READ)]).await.succeeded();
    assert_eq!(member.get(&path).await.status, 200);
    let access = member.vault(&vault).await.combined_access.unwrap();
    assert_eq!((access.accessor_type.known(), access.acl), (Some(AccessorType::User), READ));
    let vaults: Vec<UserVault> =
        team.owner.read(&format!("/api/opwire/v1/users/{}/vaults", member.person.user.uuid)).await;
    let shared = vaults.iter().find(|entry| entry.vault_uuid == vault).unwrap();
    assert_eq!((shared.acl, shared.access.len()), (READ, 2));

    team.owner.delete(&format!("/api/opwire/v1/vaults/{vault}/users/{}", member.person.user.uuid)).await.succeeded();
    member.get(&path).await.refused(403);
    let revoke = format!("/api/v1/vault/{vault}/group/{}", team.members.uuid);
    team.owner.delete(&revoke).await.succeeded();
    member.get(&overviews).await.refused(404);
    team.owner.delete(&revoke).await.refused(404);
}

#[tokio::test]
async fn nobody_grants_what_it_has_not_or_what_lacks_something() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let manager = team.join("manager").await;
    let vault = team.owner.make_vault().await;
    team.owner.grant(&vault, &[manager.person.access(&vault, READ | MANAGE_VAULT)]).await.succeeded();
    let members = |acl| [group_access(&team.members, &vault, acl)];
    let refusal = manager.grant(&vault, &members(READ | UPDATE_ITEMS)).await.refused(403);
    assert_eq!(refusal["errorMessage"], "this needs UPDATE_ITEMS");
    let refusal = team.owner.grant(&vault, &members(READ_ITEMS | UPDATE_ITEM_HISTORY)).await.refused(400);
    assert_eq!(refusal["errorMessage"], "UPDATE_ITEM_HISTORY also needs REVEAL_ITEM_PASSWORD");
    team.owner.grant(&vault, &members(0)).await.refused(400);
    manager.grant(&vault, &members(READ)).await.succeeded();
    permit(&manager, &team.members.uuid, &vault, READ | UPDATE_ITEMS).await.refused(403);
    permit(&team.owner, &team.members.uuid, &vault, READ | UPDATE_ITEMS).await.succeeded();
    permit(&manager, &team.members.uuid, &vault, READ | UPDATE_ITEMS).await.succeeded();
    permit(&manager, &team.recovery.uuid, &vault, READ).await.refused(404);

    let nobody = Person::new("nobody").access(&vault, READ);
    team.owner.grant(&vault, &[nobody]).await.refused(400);
    let mut stale = group_access(&team.members, &vault, READ);
    stale.encrypted_by = new_id();
    team.owner.grant(&vault, &[stale]).await.refused(400);
    let stranger = new_group(GroupType::UserDefined, &[]);
    team.owner.grant(&vault, &[group_access(&stranger, &vault, READ)]).await.refused(400);
    let personal: Vec<VaultRecord> = team.owner.read("/api/v1/vaults").await;
    let personal = &personal.iter().find(|vault| vault.kind == VaultType::Personal).unwrap().uuid;
    team.owner.grant(personal, &[group_access(&team.members, personal, READ)]).await.refused(400);
    permit(&team.owner, &team.recovery.uuid, personal, READ).await.refused(400);
    team.owner.delete(&format!("/api/v1/vault/{personal}/group/{}", team.recovery.uuid)).await.refused(400);
}

#[tokio::test]
async fn a_change_of_several_vaults_is_all_or_nothing() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (first, second) = (team.owner.make_vault().await, team.owner.make_vault().await);
    team.owner.grant(&first, &[group_access(&team.members, &first, READ_ITEMS)]).await.succeeded();
    let change = |vault: &str| json!({"groupUuid": team.members.uuid, "vaultUuid": vault, "permission": READ});
    let body = json!([change(&first), change(&second)]);
    team.owner.send(Method::PATCH, "/api/v2/acl/groups", Some(&body)).await.refused(404);
    let accessors: Vec<VaultAccessor> = team.owner.read(&format!("/api/opwire/v1/vaults/{first}/accessors")).await;
    let acl = accessors.iter().find(|one| one.accessor_uuid == team.members.uuid).unwrap().acl;
    assert_eq!(acl, READ_ITEMS);
}

#[tokio::test]
async fn the_last_manager_of_a_vault_stays() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let other = team.join("other").await;
    let group = team.make_group(&[&other.person]).await;
    let vault = team.owner.make_vault().await;
    let revoke = format!("/api/opwire/v1/vaults/{vault}/users/{}", team.owner.person.user.uuid);
    team.owner.delete(&revoke).await.refused(400);
    team.owner.grant(&vault, &[team.owner.person.access(&vault, READ)]).await.refused(400);
    team.owner.grant(&vault, &[group_access(&group, &vault, ALL)]).await.succeeded();
    team.owner.delete(&revoke).await.succeeded();
    // Now the group manages it, and the group has one member.
    let member = format!("/api/opwire/v1/groups/{}/members/{}", group.uuid, other.person.user.uuid);
    team.owner.delete(&member).await.refused(400);
    team.owner.delete(&format!("/api/opwire/v1/groups/{}", group.uuid)).await.refused(400);
    permit(&other, &group.uuid, &vault, READ).await.refused(400);
    other.grant(&vault, &[other.person.access(&vault, MANAGE_VAULT)]).await.succeeded();
    team.owner.delete(&member).await.succeeded();
    other.get(&format!("/api/v1/vault/{vault}/items/overviews")).await.refused(403);
}

#[tokio::test]
async fn environments_have_a_list_of_their_own() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let environment = new_id();
    let body = json!({
        "uuid": environment, "type": "D", "encAttrs": sealed("vault-key", "production"),
        "access": [team.owner.person.access(&environment, ALL)],
    });
    team.owner.post("/api/v2/vault", &body).await.succeeded();
    let program = team.owner.make_service_account(&environment, READ).await;
    let program = Client::sign_in(&server.url, &program).await;
    for client in [&team.owner, &program] {
        let listed: Vec<VaultRecord> = client.read("/api/opwire/v1/environments?attrs=combined-access").await;
        assert_eq!(listed.iter().map(|vault| vault.uuid.as_str()).collect::<Vec<_>>(), [environment.as_str()]);
        assert!(listed[0].combined_access.is_some());
        let vaults: Vec<VaultRecord> = client.read("/api/v1/vaults").await;
        assert!(vaults.iter().all(|vault| vault.kind != VaultType::Environment));
        assert_eq!(client.vault(&environment).await.kind, VaultType::Environment);
    }
}

#[tokio::test]
async fn an_owner_removes_what_nobody_manages() {
    const ABANDONED: &str = "/api/opwire/v1/abandoned-vaults";
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (insider, member) = (team.join("insider").await, team.join("wendy").await);
    let administrator = team.administrator("administrator").await;
    let vault = insider.make_vault().await;
    insider.grant(&vault, &[member.person.access(&vault, 48)]).await.succeeded();
    insider.change(&vault, &new_item("one")).await;
    insider.delete(&format!("/api/opwire/v1/vaults/{vault}/access")).await.refused(400);
    let one = format!("{ABANDONED}/{vault}");
    team.owner.delete(&one).await.refused(404);

    let suspend = format!("/api/opwire/v1/users/{}/suspend", insider.person.user.uuid);
    team.owner.send(reqwest::Method::POST, &suspend, None).await.succeeded();
    let listed: Vec<AbandonedVault> = team.owner.read(ABANDONED).await;
    let [only] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((only.uuid.as_str(), only.active_item_count), (vault.as_str(), 1));
    administrator.delete(&one).await.refused(403);
    let strangers = Team::on(&server).await;
    assert_eq!(strangers.owner.read::<Vec<AbandonedVault>>(ABANDONED).await, []);
    strangers.owner.delete(&one).await.refused(404);
    team.owner.delete(&one).await.succeeded();
    member.get(&format!("/api/v3/vault/{vault}")).await.refused(404);
    let page: AuditPage = team.owner.read("/api/opwire/v1/audit").await;
    assert_eq!(page.events[0].action.as_str(), "vault.remove");
}
