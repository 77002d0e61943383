//! How people join, leave, and change how they sign in.

use op_protocol::keyset::KeysetsResponse;
use op_protocol::rest::{
    CURRENT_SESSION, Invite, InviteDetails, Session, UserRecord, UserState, VaultRecord, VaultType, error_code,
};
use op_protocol::srp;
use op_testkit::TestServer;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::support::{Client, Person, confirm, exchange, random, sealed};
use crate::team::{INVITES, Secret, Team, accept, add_member, invite, invite_body, open_invite};

const USERS: &str = "/api/opwire/v1/users";
const SESSIONS: &str = "/api/opwire/v1/sessions";

async fn suspend(client: &Client, person: &Person) -> crate::support::Answer {
    client.send(reqwest::Method::POST, &format!("{USERS}/{}/suspend", person.user.uuid), None).await
}

async fn reactivate(client: &Client, person: &Person) -> crate::support::Answer {
    client.send(reqwest::Method::POST, &format!("{USERS}/{}/reactivate", person.user.uuid), None).await
}

#[tokio::test]
async fn an_invited_person_joins_and_is_confirmed() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let person = Person::new("wendy");
    let secret = invite(&team.owner, &person).await;
    let listed: Vec<Invite> = team.owner.read(INVITES).await;
    assert_eq!((listed.len(), listed[0].email.as_str()), (1, person.user.email.as_str()));

    let details: InviteDetails = open_invite(&server.url, &secret).await.json();
    assert_eq!((details.account_name.as_str(), details.email.as_str()), ("Acme", person.user.email.as_str()));
    assert_eq!(details.recovery_group.unwrap().pub_key, team.recovery.keyset.pub_key);
    accept(&server.url, &secret, &person, Some(&team.recovery)).await.succeeded();
    accept(&server.url, &secret, &person, Some(&team.recovery)).await.refused(404);
    assert!(team.owner.read::<Vec<Invite>>(INVITES).await.is_empty());

    // Whoever proves to be that person is told what is missing.
    let waiting = Client::confirmed(&server.url, &person).await;
    let refusal = waiting.complete().await.refused(403);
    assert!(refusal["errorMessage"].as_str().unwrap().contains("yet to confirm you"), "{refusal}");
    assert_eq!(refusal["errorCode"], error_code::USER_NOT_CONFIRMED);
    waiting.get("/api/v1/vaults").await.refused(401);
    let user: UserRecord = team.owner.read(&format!("{USERS}/{}", person.user.uuid)).await;
    assert_eq!((user.state.known(), user.pub_key), (Some(UserState::Pending), person.user.keyset.pub_key.clone()));

    team.owner.post(&format!("{USERS}/{}/confirm", person.user.uuid), &json!([])).await.refused(400);
    team.confirm(&person).await.succeeded();
    team.confirm(&person).await.refused(409);
    let client = Client::sign_in(&server.url, &person).await;
    let vaults: Vec<VaultRecord> = client.read("/api/v1/vaults?attrs=combined-access").await;
    let [personal] = vaults.as_slice() else { panic!("{vaults:?}") };
    assert_eq!(personal.kind, VaultType::Personal);
    team.owner.get(&format!("/api/v3/vault/{}", personal.uuid)).await.refused(404);
    let user: UserRecord = client.read(&format!("{USERS}/{}", person.user.uuid)).await;
    assert_eq!((user.state.known(), user.group_uuids), (Some(UserState::Active), vec![team.members.uuid.clone()]));
}

#[tokio::test]
async fn whoever_is_not_confirmed_leaves_nothing() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let person = Person::new("wendy");
    let path = format!("{USERS}/{}", person.user.uuid);
    team.owner.delete(&path).await.refused(404);
    let before = server.rows("vaults").await;
    let secret = invite(&team.owner, &person).await;
    accept(&server.url, &secret, &person, Some(&team.recovery)).await.succeeded();
    assert_ne!(server.rows("vaults").await, before);
    team.owner.delete(&path).await.succeeded();
    assert_eq!(server.rows("vaults").await, before);
    team.owner.get(&path).await.refused(404);
    let again = invite(&team.owner, &person).await;
    accept(&server.url, &again, &person, Some(&team.recovery)).await.succeeded();
    team.confirm(&person).await.succeeded();
    team.owner.delete(&path).await.refused(409);
}

#[tokio::test]
async fn an_invite_is_for_one_address_one_secret_and_some_time() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let person = Person::new("wendy");
    let secret = invite(&team.owner, &person).await;
    let wrong = Secret { invite: secret.invite.clone(), text: "guess".to_owned() };
    open_invite(&server.url, &wrong).await.refused(404);
    accept(&server.url, &wrong, &person, Some(&team.recovery)).await.refused(404);
    accept(&server.url, &secret, &Person::new("other"), Some(&team.recovery)).await.refused(400);
    let other = Team::on(&server).await;
    accept(&server.url, &secret, &person, Some(&other.recovery)).await.refused(400);
    assert_eq!(open_invite(&server.url, &secret).await.status, 200, "nothing of it is used up");

    let second = invite(&team.owner, &person).await;
    open_invite(&server.url, &secret).await.refused(404);
    team.owner.delete(&format!("{INVITES}/{}", second.invite)).await.succeeded();
    open_invite(&server.url, &second).await.refused(404);
    let third = invite(&team.owner, &person).await;
    server.execute("UPDATE invites SET expires_at = 1").await;
    open_invite(&server.url, &third).await.refused(404);

    let mut body = invite_body(&team.owner.person, &third);
    team.owner.post(INVITES, &body).await.refused(409);
    body["email"] = json!("nobody");
    team.owner.post(INVITES, &body).await.refused(400);
    body["email"] = json!("somebody@example.com");
    body["secretHash"] = json!("short");
    team.owner.post(INVITES, &body).await.refused(400);
}

#[tokio::test]
async fn a_suspended_person_is_out_at_once() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (administrator, member) = (team.administrator("administrator").await, team.join("member").await);
    let half_way = Client::confirmed(&server.url, &member.person).await;
    suspend(&administrator, &member.person).await.succeeded();
    member.get("/api/v1/vaults").await.refused(401);
    half_way.complete().await.refused(401);
    suspend(&administrator, &member.person).await.succeeded();
    let refusal = Client::confirmed(&server.url, &member.person).await.complete().await.refused(403);
    assert!(refusal["errorMessage"].as_str().unwrap().contains("suspended"), "{refusal}");
    assert_eq!(refusal["errorCode"], error_code::USER_SUSPENDED);

    suspend(&administrator, &administrator.person).await.refused(400);
    suspend(&administrator, &team.owner.person).await.refused(403);
    add_member(&team.owner, &team.owners, &administrator.person).await.succeeded();
    suspend(&administrator, &team.owner.person).await.succeeded();
    reactivate(&administrator, &team.owner.person).await.succeeded();
    reactivate(&administrator, &team.owner.person).await.refused(409);
    reactivate(&administrator, &member.person).await.succeeded();
    Client::sign_in(&server.url, &member.person).await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let client = team.join("wendy").await;
    let elsewhere = Client::sign_in(&server.url, &client.person).await;
    let mut changed = client.person.clone();
    changed.x = Zeroizing::new(random());
    changed.user.verifier = srp::verifier(&changed.x);
    let user = &changed.user;
    let seal = sealed("mp", "the same key, sealed anew");
    let mut body = json!({
        "verifier": user.verifier, "salt": user.salt, "iterations": user.iterations, "method": user.method,
        "alg": user.alg, "secretKeyId": user.secret_key_id, "keysetUuid": user.keyset.uuid, "encSymKey": seal,
    });
    let route = "/api/opwire/v1/me/credentials";
    for (member, value) in
        [("verifier", json!("no hex")), ("iterations", json!(1)), ("encSymKey", json!(sealed("k", "x")))]
    {
        let good = std::mem::replace(&mut body[member], value);
        client.put(route, &body).await.refused(400);
        body[member] = good;
    }
    // Whoever took over a session does not know the password.
    server.execute_volatile("UPDATE sessions SET started_at = started_at - 301").await;
    client.put(route, &body).await.refused(403);
    let client = Client::sign_in(&server.url, &client.person).await;
    client.put(route, &body).await.succeeded();

    elsewhere.get("/api/v1/vaults").await.refused(401);
    assert_eq!(client.get("/api/v1/vaults").await.status, 200);
    let old = exchange(&server.url, &client.person).await;
    confirm(&server.url, &old.session, &old.proof.m1).await.refused(401);
    let again = Client::sign_in(&server.url, &changed).await;
    let keysets: KeysetsResponse = again.read("/api/v2/account/keysets").await;
    assert_eq!(keysets.keysets[0].enc_sym_key, seal);
    assert_eq!(keysets.keysets[0].enc_pri_key, client.person.user.keyset.enc_pri_key);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_user() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let (first, other) = (team.join("wendy").await, team.join("other").await);
    let second = Client::sign_in(&server.url, &first.person).await;
    let third = Client::sign_in(&server.url, &first.person).await;
    let listed: Vec<Session> = first.read(SESSIONS).await;
    assert_eq!(listed.len(), 3);
    assert_eq!(listed.iter().filter(|session| session.current).count(), 1);
    assert!(listed.iter().all(|session| session.client == "test" && session.address == "127.0.0.1"));
    assert!(listed.iter().all(|session| op_protocol::id::is_id(&session.uuid)), "clients take nothing else");
    assert!(listed.iter().all(|session| session.uuid != second.keys.id && session.uuid != first.keys.id));

    let theirs: Vec<Session> = second.read(SESSIONS).await;
    let current = theirs.into_iter().find(|session| session.current).unwrap();
    other.delete(&format!("{SESSIONS}/{}", current.uuid)).await.refused(404);
    first.delete(&format!("{SESSIONS}/{}", current.uuid)).await.succeeded();
    second.get("/api/v1/vaults").await.refused(401);
    first.delete(SESSIONS).await.succeeded();
    third.get("/api/v1/vaults").await.refused(401);
    let listed: Vec<Value> = first.read(SESSIONS).await;
    assert_eq!(listed.len(), 1);
    // The one that asks has a name that needs no list.
    first.delete(&format!("{SESSIONS}/{CURRENT_SESSION}")).await.succeeded();
    first.get("/api/v1/vaults").await.refused(401);
    assert_eq!(other.get("/api/v1/vaults").await.status, 200);
}
