//! Groups and their members.

use op_protocol::keyset::{KeysetsResponse, MASTER_KEY_ID, unlock_order};
use op_protocol::rest::{GroupMember, GroupPublicKey, GroupRecord, GroupState, GroupType};
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::support::{Client, Person, new_id, owner, post_account};
use crate::team::{
    BUILT_IN, GROUPS, Team, account_body, add_member, custodian_key, group_access, member_key, new_group, remove_member,
};

async fn keysets(client: &Client) -> Vec<String> {
    let answer: KeysetsResponse = client.read("/api/v2/account/keysets").await;
    let order = unlock_order(&answer.keysets, MASTER_KEY_ID).unwrap();
    assert_eq!(order.len(), answer.keysets.len(), "each keyset can be opened by one that comes with it");
    answer.keysets.into_iter().map(|keyset| keyset.uuid).collect()
}

#[tokio::test]
async fn a_member_gets_the_keys_of_its_groups() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (member, administrator) = (team.join("member").await, team.administrator("administrator").await);
    let group = team.make_group(&[]).await;
    let own = |client: &Client| client.person.user.keyset.uuid.clone();
    assert_eq!(keysets(&member).await, [own(&member), team.members.keyset.uuid.clone()]);
    // Administrators hold the key of a new group by the key of their own.
    let held = keysets(&administrator).await;
    assert!(held.contains(&group.keyset.uuid) && held.contains(&team.administrators.keyset.uuid));

    add_member(&administrator, &group, &member.person).await.succeeded();
    add_member(&administrator, &group, &member.person).await.succeeded();
    assert!(keysets(&member).await.contains(&group.keyset.uuid));
    let members: Vec<GroupMember> = member.read(&format!("{GROUPS}/{}/members", group.uuid)).await;
    let [only] = members.as_slice() else { panic!("{members:?}") };
    assert_eq!((&only.user_uuid, &only.email), (&member.person.user.uuid, &member.person.user.email));

    remove_member(&administrator, &group, &member.person).await.succeeded();
    remove_member(&administrator, &group, &member.person).await.refused(404);
    assert_eq!(keysets(&member).await, [own(&member), team.members.keyset.uuid.clone()]);
}

#[tokio::test]
async fn groups_are_described_as_the_official_clients_need_it() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let plain: Value = team.owner.read(&format!("/api/v2/group/{}", team.members.uuid)).await;
    for member in [
        "uuid",
        "type",
        "name",
        "desc",
        "state",
        "attrVersion",
        "createdAt",
        "updatedAt",
        "permissions",
        "activeKeysetUuid",
    ] {
        assert!(plain.get(member).is_some(), "{member}");
    }
    assert_eq!((&plain["type"], &plain["state"]), (&json!("M"), &json!("A")));
    assert!(plain.get("description").is_none(), "an alias that must not stand beside desc");
    assert!(plain.get("pubKey").is_none() && plain.get("vaultAccess").is_none());
    let ids = format!("{}%2C{},{}", team.owners.uuid, team.members.uuid, new_id());
    let keys: Vec<GroupPublicKey> = team.owner.read(&format!("/api/v1/group/pubkeys?uuids={ids}")).await;
    let mut found: Vec<_> = keys.into_iter().map(|key| (key.uuid, key.pub_key)).collect();
    let mut expected = vec![
        (team.owners.uuid.clone(), team.owners.keyset.pub_key.clone()),
        (team.members.uuid.clone(), team.members.keyset.pub_key.clone()),
    ];
    found.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_group_is_changed_and_deleted() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("member").await;
    let group = team.make_group(&[&member.person]).await;
    let vault = team.owner.make_vault().await;
    team.owner.grant(&vault, &[group_access(&group, &vault, 32)]).await.succeeded();
    let path = format!("{GROUPS}/{}", group.uuid);
    let renamed = json!({"name": "Ops", "desc": "On call", "attrVersion": 1});
    team.owner.put(&path, &renamed).await.succeeded();
    team.owner.put(&path, &renamed).await.refused(409);
    let groups: Vec<GroupRecord> = member.read(GROUPS).await;
    assert_eq!(groups.len(), 5);
    let stored = groups.last().unwrap();
    assert_eq!((stored.name.as_str(), stored.desc.as_deref(), stored.attr_version), ("Ops", Some("On call"), 2));

    team.owner.delete(&path).await.succeeded();
    member.get(&format!("/api/v3/vault/{vault}")).await.refused(404);
    assert!(!keysets(&member).await.contains(&group.keyset.uuid));
    team.owner.delete(&path).await.refused(404);
    let deleted: GroupRecord = member.read(&format!("/api/v2/group/{}", group.uuid)).await;
    assert_eq!(deleted.state, GroupState::Deleted);
    team.owner.grant(&vault, &[group_access(&group, &vault, 32)]).await.refused(400);
    for built_in in [&team.owners, &team.administrators, &team.recovery, &team.members] {
        team.owner.delete(&format!("{GROUPS}/{}", built_in.uuid)).await.refused(400);
    }
}

#[tokio::test]
async fn owners_are_made_by_owners_and_one_stays() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (administrator, member) = (team.administrator("administrator").await, team.join("member").await);
    add_member(&administrator, &team.owners, &administrator.person).await.refused(403);
    add_member(&member, &team.recovery, &member.person).await.refused(403);
    remove_member(&administrator, &team.owners, &team.owner.person).await.refused(403);
    remove_member(&team.owner, &team.owners, &team.owner.person).await.refused(400);
    remove_member(&team.owner, &team.members, &member.person).await.refused(400);
    add_member(&team.owner, &team.owners, &member.person).await.succeeded();
    remove_member(&member, &team.owners, &team.owner.person).await.succeeded();
    // Still an administrator, no longer an owner.
    assert_eq!(team.owner.get("/api/opwire/v1/audit").await.status, 200);
    add_member(&team.owner, &team.owners, &team.owner.person).await.refused(403);
}

#[tokio::test]
async fn a_groups_key_is_sealed_for_persons_and_administrators() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let program = team.owner.make_service_account(&vault, 32).await;
    let member = team.join("member").await;
    let group = team.make_group(&[&member.person]).await;
    add_member(&team.owner, &group, &program).await.refused(400);
    add_member(&team.owner, &group, &Person::new("nobody")).await.refused(400);
    let mut key = member_key(&group, &member.person);
    key.encrypted_by = new_id();
    let path = format!("{GROUPS}/{}/members/{}", group.uuid, member.person.user.uuid);
    team.owner.put(&path, &json!(key)).await.refused(400);
    let mut nested = new_group(GroupType::UserDefined, &[]);
    nested.keys.push(custodian_key(&nested, &group));
    team.owner.post(GROUPS, &json!(nested)).await.refused(400);
    team.owner.post(GROUPS, &json!(new_group(GroupType::UserDefined, &[]))).await.refused(400);
    team.owner.post(GROUPS, &json!(new_group(GroupType::Administrators, &[&team.owner.person]))).await.refused(400);
}

#[tokio::test]
async fn an_account_begins_with_all_its_groups_or_none() {
    let server = TestServer::start().await;
    let person = Person::new("owner");
    let groups = BUILT_IN.map(|kind| new_group(kind, &[&person]));
    let [owners, administrators, recovery, members] = &groups;
    let stranger = new_group(GroupType::TeamMembers, &[]);
    for wrong in [vec![owners, administrators, recovery], vec![owners, administrators, recovery, recovery]] {
        let body = account_body(&person, &wrong, recovery);
        post_account(&server, &server.setup_token, &body).await.refused(400);
    }
    let body = account_body(&person, &[owners, administrators, recovery, &stranger], recovery);
    post_account(&server, &server.setup_token, &body).await.refused(400);
    let mut body = account_body(&person, &[owners, administrators, recovery, members], recovery);
    body["vault"]["access"][0]["acl"] = json!(32);
    post_account(&server, &server.setup_token, &body).await.refused(400);
    body = account_body(&person, &[owners, administrators, recovery, members], recovery);
    post_account(&server, &server.setup_token, &body).await.succeeded();

    // Made by an earlier version: its owner makes the groups later, once.
    let founder = owner(&server).await;
    let mut kinds = BUILT_IN;
    kinds.reverse();
    let groups = kinds.map(|kind| new_group(kind, &[&founder.person]));
    let route = "/api/opwire/v1/account/groups";
    founder.post(route, &json!(groups[..3])).await.refused(400);
    founder.post(route, &json!(groups)).await.succeeded();
    founder.post(route, &json!(kinds.map(|kind| new_group(kind, &[&founder.person])))).await.refused(409);
    assert_eq!(keysets(&founder).await.len(), 5);
    remove_member(&founder, &groups[3], &founder.person).await.refused(400);
    assert_eq!(founder.get("/api/opwire/v1/audit").await.status, 200);
}
