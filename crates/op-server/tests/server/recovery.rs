//! How a person gets back in who lost the password or the Secret Key.

use op_protocol::envelope::Envelope;
use op_protocol::keyset::KeysetsResponse;
use op_protocol::permissions::ALL;
use op_protocol::rest::{AuditPage, Invite, InviteDetails, Recovery};
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Person, confirm, exchange, new_id};
use crate::team::{
    INVITES, Secret, Team, accept, accept_recovery, add_member, begin_recovery, group_access, invite, open_invite,
    recovery_body, recovery_route, renewed,
};

async fn begin(administrator: &Client, person: &Person) -> Answer {
    let secret = Secret { invite: new_id(), text: "secret".to_owned() };
    administrator.post(INVITES, &recovery_body(person, &secret)).await
}

/// A recovery that waits to be completed: the person's new keys, and what completes it.
async fn accepted(team: &Team, person: &Person) -> (Person, Value) {
    let secret = begin_recovery(&team.owner, person).await;
    let new = renewed(person);
    accept_recovery(&team.owner.base, &secret, &new).await.succeeded();
    let body = team.completion(&new).await;
    (new, body)
}

async fn can_sign_in(base: &str, person: &Person) -> bool {
    let proof = exchange(base, person).await;
    confirm(base, &proof.session, &proof.proof.m1).await.status == 200
}

#[tokio::test]
async fn a_person_gets_back_in_with_everything_it_had() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let administrator = team.administrator("administrator").await;
    let member = team.join("wendy").await;
    let vault = member.make_vault().await;
    let one_of_its = format!("/api/v3/vault/{vault}?attrs=combined-access");
    let before: Value = member.read("/api/v1/vaults?attrs=combined-access").await;

    let secret = begin_recovery(&administrator, &member.person).await;
    let details: InviteDetails = open_invite(&server.url, &secret).await.json();
    assert_eq!(details.user_uuid.as_ref(), Some(&member.person.user.uuid));
    let listed: Vec<Invite> = administrator.read(INVITES).await;
    assert_eq!((listed[0].user_uuid.as_ref(), listed[0].accepted), (Some(&member.person.user.uuid), false));
    administrator.get(&recovery_route(&member.person)).await.refused(404);
    let new = renewed(&member.person);
    accept_recovery(&server.url, &secret, &new).await.succeeded();
    accept_recovery(&server.url, &secret, &new).await.refused(404);
    let listed: Vec<Invite> = administrator.read(INVITES).await;
    assert!(listed[0].accepted);
    assert!(can_sign_in(&server.url, &member.person).await && !can_sign_in(&server.url, &new).await);
    assert_eq!(member.get(&one_of_its).await.status, 200, "nothing has changed yet");

    let recovery: Recovery = administrator.read(&recovery_route(&member.person)).await;
    assert_eq!(recovery.pub_key, new.user.keyset.pub_key);
    assert_eq!(recovery.group_uuids, vec![team.members.uuid.clone()]);
    let personal = recovery.vaults.iter().find(|one| one.access.vault_uuid != vault).unwrap();
    let by_recovery = personal.recovery.as_ref().unwrap();
    assert_eq!((by_recovery.accessor_uuid.as_str(), by_recovery.acl), (team.recovery.uuid.as_str(), 1));
    let kept = recovery.vaults.iter().find(|one| one.access.vault_uuid == vault).unwrap();
    assert!(kept.recovery.is_none(), "it was made without access for the recovery group");
    administrator.post(&recovery_route(&new), &team.completion(&new).await).await.succeeded();

    member.get(&one_of_its).await.refused(401);
    assert!(!can_sign_in(&server.url, &member.person).await);
    let back = Client::sign_in(&server.url, &new).await;
    let keysets: KeysetsResponse = back.read("/api/v2/account/keysets").await;
    assert_eq!(keysets.keysets.len(), 2);
    assert!(keysets.keysets.iter().all(|keyset| keyset.uuid != member.person.user.keyset.uuid));
    let after: Value = back.read("/api/v1/vaults?attrs=combined-access").await;
    let ids = |vaults: &Value| -> Vec<(Value, Value)> {
        let vaults = vaults.as_array().unwrap().iter();
        vaults.map(|vault| (vault["uuid"].clone(), vault["combinedAccess"]["acl"].clone())).collect()
    };
    assert_eq!(ids(&after), ids(&before));
    let keyset = new.user.keyset.uuid.as_str();
    assert!(after.as_array().unwrap().iter().all(|vault| vault["combinedAccess"]["encryptedBy"] == keyset));
    assert!(administrator.read::<Vec<Invite>>(INVITES).await.is_empty());
    let page: AuditPage = administrator.read("/api/opwire/v1/audit").await;
    let actions: Vec<&str> = page.events.iter().map(|event| event.action.as_str()).collect();
    for action in ["user.recover", "invite.accept", "invite.create"] {
        assert!(actions.contains(&action), "{action} of {actions:?}");
    }
}

#[tokio::test]
async fn a_recovery_is_begun_by_who_may_and_for_a_person_who_is_there() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (administrator, member) = (team.administrator("administrator").await, team.join("wendy").await);
    begin(&member, &administrator.person).await.refused(403);
    begin(&administrator, &team.owner.person).await.refused(403);
    begin(&team.owner, &administrator.person).await.succeeded();
    begin(&administrator, &Person::new("nobody")).await.refused(404);
    let mut other = member.person.clone();
    other.user.email = administrator.person.user.email.clone();
    begin(&team.owner, &other).await.refused(404);

    let suspend = format!("/api/opwire/v1/users/{}/suspend", member.person.user.uuid);
    administrator.send(reqwest::Method::POST, &suspend, None).await.succeeded();
    begin(&administrator, &member.person).await.refused(409);
    let strangers = Team::on(&server).await;
    begin(&strangers.owner, &administrator.person).await.refused(404);
}

#[tokio::test]
async fn who_gets_back_in_stays_who_it_is() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("wendy").await;
    let secret = begin_recovery(&team.owner, &member.person).await;
    let new = renewed(&member.person);
    let mut other = new.clone();
    other.user.uuid = new_id();
    accept_recovery(&server.url, &secret, &other).await.refused(400);
    let mut other = new.clone();
    other.user.email = "other@example.com".to_owned();
    accept_recovery(&server.url, &secret, &other).await.refused(400);
    accept(&server.url, &secret, &new, Some(&team.recovery)).await.refused(400);
    let invited = Person::new("invited");
    let secret_of_another = invite(&team.owner, &invited).await;
    accept_recovery(&server.url, &secret_of_another, &invited).await.refused(400);
    let wrong = Secret { invite: secret.invite.clone(), text: "guess".to_owned() };
    accept_recovery(&server.url, &wrong, &new).await.refused(404);
    accept_recovery(&server.url, &secret, &new).await.succeeded();
}

#[tokio::test]
async fn a_recovery_is_complete_or_refused() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("wendy").await;
    add_member(&team.owner, &team.administrators, &member.person).await.succeeded();
    let (_, body) = accepted(&team, &member.person).await;
    let path = recovery_route(&member.person);
    for (pointer, wrong) in [
        ("/vaults", json!([])),
        ("/vaults/0/acl", json!(ALL & !2)),
        ("/vaults/0/encryptedBy", json!(member.person.user.keyset.uuid)),
        ("/vaults/0/encVaultKey", json!(Envelope::rsa(&member.person.user.keyset.uuid, b"key"))),
        ("/groups", json!([])),
        ("/groups/0", body["groups"][1].clone()),
        ("/groups/0/holderUuid", json!(team.owner.person.user.uuid)),
        ("/groups/0/encryptedBy", json!(member.person.user.keyset.uuid)),
    ] {
        let mut changed = body.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        team.owner.post(&path, &changed).await.refused(400);
    }
    let mut stale = body.clone();
    stale["vaults"][0]["vaultKeySN"] = json!(7);
    team.owner.post(&path, &stale).await.refused(409);
    // Begun anew: what was accepted before counts no more.
    let (new, anew) = accepted(&team, &member.person).await;
    team.owner.post(&path, &body).await.refused(400);
    // A vault that came meanwhile is not forgotten.
    let vault = team.owner.make_vault().await;
    team.owner
        .grant(&vault, &[member.person.access(&vault, 48), group_access(&team.recovery, &vault, 1)])
        .await
        .succeeded();
    team.owner.post(&path, &anew).await.refused(400);
    assert!(can_sign_in(&server.url, &member.person).await);
    let recovery: Recovery = team.owner.read(&path).await;
    assert!(recovery.vaults.iter().all(|vault| vault.recovery.is_some()));
    team.owner.post(&path, &team.completion(&new).await).await.succeeded();
    Client::sign_in(&server.url, &new).await;
    team.owner.post(&path, &anew).await.refused(404);
}

#[tokio::test]
async fn nobody_can_stop_the_recovery_of_another() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (member, insider) = (team.join("wendy").await, team.join("insider").await);
    let vault = insider.make_vault().await;
    insider.grant(&vault, &[member.person.access(&vault, 48)]).await.succeeded();
    let group = team.make_group(&[&member.person]).await;
    let (new, body) = accepted(&team, &member.person).await;
    let path = recovery_route(&member.person);
    let mut left = body.clone();
    left["vaults"].as_array_mut().unwrap().retain(|access| access["vaultUuid"] != vault.as_str());
    left["groups"].as_array_mut().unwrap().retain(|key| key["groupUuid"] != group.uuid.as_str());
    team.owner.post(&path, &left).await.refused(400);
    left["leftVaults"] = json!([vault]);
    left["leftGroups"] = json!([group.uuid]);
    let mut wrong = left.clone();
    wrong["leftGroups"] = json!([team.members.uuid]);
    team.owner.post(&path, &wrong).await.refused(400);
    wrong["leftGroups"] = json!([new_id()]);
    team.owner.post(&path, &wrong).await.refused(404);
    team.owner.post(&path, &left).await.succeeded();
    let back = Client::sign_in(&server.url, &new).await;
    back.get(&format!("/api/v3/vault/{vault}")).await.refused(404);
    insider.grant(&vault, &[new.access(&vault, 48)]).await.succeeded();
    assert_eq!(back.get(&format!("/api/v3/vault/{vault}")).await.status, 200);
    let page: AuditPage = team.owner.read("/api/opwire/v1/audit").await;
    let told = |action: &str, object: &str| {
        page.events.iter().any(|event| event.action.as_str() == action && event.object_uuid == object)
    };
    assert!(told("vault.revoke", &vault) && told("group.remove-member", &group.uuid));
}

#[tokio::test]
async fn a_withdrawn_or_expired_recovery_changes_nothing() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("wendy").await;
    let (_, body) = accepted(&team, &member.person).await;
    let listed: Vec<Invite> = team.owner.read(INVITES).await;
    team.owner.delete(&format!("{INVITES}/{}", listed[0].uuid)).await.succeeded();
    team.owner.post(&recovery_route(&member.person), &body).await.refused(404);
    let (_, body) = accepted(&team, &member.person).await;
    server.execute("UPDATE invites SET expires_at = 1").await;
    team.owner.post(&recovery_route(&member.person), &body).await.refused(404);
    assert!(can_sign_in(&server.url, &member.person).await);
}
