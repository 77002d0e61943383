use std::time::Duration;

use op_protocol::keyset::KeysetsResponse;
use op_protocol::rest::{AuthResponse, AuthStartResponse, OverviewsResponse};
use op_protocol::srp;
use op_testkit::TestServer;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use zeroize::Zeroizing;

use crate::support::{
    Client, Exchanged, Person, confirm, create_account, exchange, http, new_id, new_item, owner, post, random, sealed,
    send, start,
};
use crate::team::Team;

#[tokio::test]
async fn a_signed_in_client_gets_its_keysets() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let answer: KeysetsResponse = client.open(&client.get("/api/v2/account/keysets").await);
    assert_eq!(answer.version, 1);
    assert_eq!(answer.keysets, std::slice::from_ref(&client.person.user.keyset));
}

#[tokio::test]
async fn addresses_match_in_any_letter_case() {
    let server = TestServer::start().await;
    let mut person = Person::new("Wendy");
    create_account(&server, &person, &server.setup_token).await.succeeded();
    person.user.email = person.user.email.to_uppercase();
    Client::sign_in(&server.url, &person).await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_the_session_is_gone() {
    let server = TestServer::start().await;
    let mut person = owner(&server).await.person;
    let right = person.x.clone();
    person.x = Zeroizing::new(random());
    let Exchanged { session, proof } = exchange(&server.url, &person).await;
    confirm(&server.url, &session, &proof.m1).await.refused(401);
    confirm(&server.url, &session, &proof.m1).await.refused(401);
    person.x = right;
    Client::sign_in(&server.url, &person).await;
}

#[tokio::test]
async fn an_unknown_address_looks_like_a_known_one() {
    let server = TestServer::start().await;
    let known = owner(&server).await.person;
    let unknown = Person::new("nobody");

    let mut starts = Vec::new();
    for email in [&known.user.email, &unknown.user.email, &unknown.user.email] {
        starts.push(start(&server.url, email).await.json::<AuthStartResponse>());
    }
    let [of_known, of_unknown, again] = starts.try_into().unwrap();
    assert_eq!(of_unknown.user_auth, again.user_auth, "the salt is the same each time");
    let (known_auth, unknown_auth) = (of_known.user_auth.unwrap(), of_unknown.user_auth.unwrap());
    assert_eq!(known_auth.salt.len(), unknown_auth.salt.len());
    assert_eq!(known_auth.iterations, unknown_auth.iterations);
    assert_eq!(of_known.account_key_uuid, of_unknown.account_key_uuid);

    let Exchanged { session, proof } = exchange(&server.url, &unknown).await;
    let for_unknown = confirm(&server.url, &session, &proof.m1).await.refused(401);
    let mut wrong = known.clone();
    wrong.x = Zeroizing::new(random());
    let Exchanged { session, proof } = exchange(&server.url, &wrong).await;
    let for_known = confirm(&server.url, &session, &proof.m1).await.refused(401);
    assert_eq!(for_unknown["errorMessage"], for_known["errorMessage"]);
}

#[tokio::test]
async fn each_step_is_taken_once_and_in_order() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let person = &client.person;

    // A completed session takes no step again.
    let body = json!({"userA": srp::Client::new(&person.x, random()).public_key_hex()});
    post(&server.url, "/api/v2/auth", Some(&client.keys.id), &body).await.refused(401);
    confirm(&server.url, &client.keys.id, &[0; 32]).await.refused(401);
    client.complete().await.refused(401);
    assert_eq!(client.get("/api/v2/account/keysets").await.status, 200);

    // A started session takes no proof, an exchanged one no second number, a proved one no second proof.
    let started: AuthStartResponse = start(&server.url, &person.user.email).await.json();
    confirm(&server.url, &started.session_id, &[0; 32]).await.refused(401);
    post(&server.url, "/api/v2/auth", Some(&started.session_id), &body).await.json::<AuthResponse>();
    post(&server.url, "/api/v2/auth", Some(&started.session_id), &body).await.refused(401);
    let Exchanged { session, proof } = exchange(&server.url, person).await;
    assert_eq!(confirm(&server.url, &session, &proof.m1).await.status, 200);
    confirm(&server.url, &session, &proof.m1).await.refused(401);

    // Before the last step nothing else is open.
    let confirmed = Client::confirmed(&server.url, person).await;
    confirmed.get("/api/v2/account/keysets").await.refused(401);
    assert_eq!(confirmed.complete().await.status, 200);
    assert_eq!(confirmed.get("/api/v2/account/keysets").await.status, 200);
}

#[tokio::test]
async fn numbers_that_make_the_key_predictable_are_refused() {
    let server = TestServer::start().await;
    let person = owner(&server).await.person;
    for user_a in ["0", "00", ""] {
        let started: AuthStartResponse = start(&server.url, &person.user.email).await.json();
        let answer = post(&server.url, "/api/v2/auth", Some(&started.session_id), &json!({"userA": user_a})).await;
        if answer.status == 200 {
            confirm(&server.url, &started.session_id, &[0; 32]).await.refused(401);
        } else {
            answer.refused(400);
        }
    }
}

#[tokio::test]
async fn an_older_sign_in_takes_one_proof_and_no_other() {
    let server = TestServer::start().await;
    let known = owner(&server).await.person;
    let (number, verify) = ("/api/v1/auth", "/api/v2/auth/verify");
    let user_a = json!({"userA": srp::Client::new(&known.x, random()).public_key_hex()});
    let guess = json!(sealed("session", r#"{"clientVerifyHash":"","client":"x","device":null}"#));
    let mut messages = Vec::new();
    for email in [known.user.email.as_str(), "nobody@example.com"] {
        let session = start(&server.url, email).await.json::<AuthStartResponse>().session_id;
        post(&server.url, verify, Some(&session), &guess).await.refused(401);
        post(&server.url, number, Some(&session), &user_a).await.json::<AuthResponse>();
        post(&server.url, number, Some(&session), &user_a).await.refused(401);
        let refusal = post(&server.url, verify, Some(&session), &guess).await.refused(401);
        messages.push(refusal["errorMessage"].clone());
        post(&server.url, verify, Some(&session), &guess).await.refused(401);
        post(&server.url, number, Some(&session), &user_a).await.refused(401);
    }
    assert_eq!(messages[0], messages[1], "an unknown address looks known");

    // The proofs of the two kinds of sign-in do not pass for one another.
    let session = start(&server.url, &known.user.email).await.json::<AuthStartResponse>().session_id;
    post(&server.url, number, Some(&session), &user_a).await.json::<AuthResponse>();
    confirm(&server.url, &session, &[0; 32]).await.refused(401);
    let Exchanged { session, .. } = exchange(&server.url, &known).await;
    post(&server.url, verify, Some(&session), &guess).await.refused(401);
}

#[tokio::test]
async fn a_request_must_carry_its_own_signature() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let url = format!("{}/api/v2/account/keysets", server.url);
    let right = client.signature("GET", &url);
    let (head, mac) = right.rsplit_once('|').unwrap();
    let flipped = if mac.starts_with('A') { "B" } else { "A" };
    let wrong = [
        String::new(),
        format!("{head}|{flipped}{}", &mac[1..]),
        client.signature("POST", &url),
        client.signature("GET", &format!("{}/api/v1/vaults?attrs=combined-access", server.url)),
        client.signature("GET", &format!("{url}?a=b")),
        client.signature("GET", "http://elsewhere.example/api/v2/account/keysets"),
    ];
    for signature in wrong {
        let request =
            http().get(&url).header("x-agilebits-session-id", &client.keys.id).header("x-agilebits-mac", signature);
        send(request).await.refused(401);
    }
    send(http().get(&url).header("x-agilebits-session-id", &client.keys.id)).await.refused(401);
    send(http().get(&url)).await.refused(401);
    let unknown =
        http().get(&url).header("x-agilebits-session-id", new_id().to_uppercase()).header("x-agilebits-mac", &right);
    send(unknown).await.refused(401);
    let good = http().get(&url).header("x-agilebits-session-id", &client.keys.id).header("x-agilebits-mac", right);
    assert_eq!(send(good).await.status, 200);
}

#[tokio::test]
async fn a_request_that_changes_something_is_taken_once() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let path = format!("/api/v3/vault/{vault}/{}/items", client.vault(&vault).await.content_version);
    let url = format!("{}{path}", server.url);
    let signature = |number| client.keys.mac.header("PATCH", &url, number);
    let patch = |number| {
        let request = http().patch(&url).body(client.seal(&json!([new_item("one")])));
        send(request.header("x-agilebits-session-id", &client.keys.id).header("x-agilebits-mac", signature(number)))
    };
    assert_eq!(patch(9_000).await.status, 200);
    let refused = patch(9_000).await.refused(400);
    assert!(refused["errorMessage"].as_str().unwrap().contains("request 9000 of this session was taken before"));
    // In any order, within the window.
    for number in [8_999, 9_002, 9_001, 9_000 - 4_000] {
        assert_eq!(patch(number).await.status, 200, "{number}");
        patch(number).await.refused(400);
    }
    patch(4_000).await.refused(400);
    let stored: OverviewsResponse = client.read(&format!("/api/v1/vault/{vault}/items/overviews")).await;
    assert_eq!(stored.items.unwrap().len(), 5);
    // Another session has numbers of its own.
    let other = Client::sign_in(&server.url, &client.person).await;
    let vault = other.make_vault().await;
    assert_eq!(other.patch(&vault, 1, &[new_item("two")]).await.status, 200);
}

#[tokio::test]
async fn a_request_that_arrives_slowly_needs_its_session_to_the_end() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let keeper = team.join("wendy").await;
    let vault = keeper.make_vault().await;
    let item = new_item("slow");
    let patch = format!("/api/v3/vault/{vault}/{}/items", keeper.vault(&vault).await.content_version);
    for (method, path) in [("PATCH", patch.as_str()), ("POST", "/api/v3/file")] {
        let client = Client::sign_in(&server.url, &keeper.person).await;
        let body = client.seal(&json!([item]));
        let (begin, end) = body.split_at(body.len() / 2);
        let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).await.unwrap();
        let mac = client.signature(method, &format!("{}{path}", server.url));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n\
             x-agilebits-session-id: {}\r\nx-agilebits-mac: {mac}\r\n\r\n",
            body.len(),
            client.keys.id
        );
        stream.write_all(format!("{head}{begin}").as_bytes()).await.unwrap();
        // Enough for the server to let the request in. Later, it would be refused as well.
        sleep(Duration::from_millis(300)).await;
        keeper.delete("/api/opwire/v1/sessions").await.succeeded();
        // A server that let the request in so late that it knew has refused it by now, and may have closed the connection.
        let _ = stream.write_all(end.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 401 "), "{method}: {answer}");
    }
    keeper.get(&format!("/api/v1/vault/{vault}/item/{}", item.uuid)).await.refused(404);
}

#[tokio::test]
async fn a_session_ends() {
    let server = TestServer::start_with(|config| config.session_ttl = Duration::from_secs(5)).await;
    let client = owner(&server).await;
    assert_eq!(client.get("/api/v2/account/keysets").await.status, 200);
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    client.get("/api/v2/account/keysets").await.refused(401);
    let again = Client::sign_in(&server.url, &client.person).await;
    assert_eq!(again.get("/api/v2/account/keysets").await.status, 200);
}

#[tokio::test]
async fn a_restart_keeps_accounts_and_sessions() {
    let server = TestServer::start().await;
    let token = server.setup_token.clone();
    let mut client = owner(&server).await;
    let vault = client.make_vault().await;
    let server = server.restart(|_| {}).await;
    assert_eq!(server.setup_token, token);
    client.base.clone_from(&server.url);
    assert_eq!(client.vault(&vault).await.uuid, vault);
    Client::sign_in(&server.url, &client.person).await;
}

#[tokio::test]
async fn a_foreign_seal_is_a_bad_request() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let other = Client::sign_in(&server.url, &client.person).await;
    let url = format!("{}/api/v2/vault", server.url);
    for body in [other.seal(&json!({})), "{}".to_owned(), "no JSON".to_owned(), String::new()] {
        let request = http().request(Method::POST, &url).header("x-agilebits-session-id", &client.keys.id);
        let request = request.header("x-agilebits-mac", client.signature("POST", &url)).body(body);
        send(request).await.refused(400);
    }
}

#[tokio::test]
async fn nobody_is_signed_in_before_the_audit_log_says_so() {
    let server = TestServer::start().await;
    let person = owner(&server).await.person;
    let client = Client::confirmed(&server.url, &person).await;
    server.break_table("audit", "INSERT").await;
    client.complete().await.refused(500);
    server.mend("audit").await;
    client.get("/api/v2/account/keysets").await.refused(401);
    assert_eq!(client.complete().await.status, 200);
    assert_eq!(client.get("/api/v2/account/keysets").await.status, 200);
}
