use std::time::Duration;

use op_protocol::permissions::ALL;
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::support::{
    Answer, Client, Exchanged, Person, confirm, exchange, http, new_id, new_item, owner, post, random, send, start,
};

/// Asserts that the limit is hit, and for how long.
fn limited(answer: &Answer, period: u64) {
    let body = answer.refused(429);
    assert!(body["errorMessage"].as_str().unwrap().contains("rate limit"));
    let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=period).contains(&seconds), "{seconds}");
}

async fn program(server: &TestServer) -> (Client, String, Client) {
    let boss = owner(server).await;
    let vault = boss.make_vault().await;
    let program = boss.make_service_account(&vault, ALL & !1).await;
    let program = Client::sign_in(&server.url, &program).await;
    (boss, vault, program)
}

#[tokio::test]
async fn service_accounts_read_and_write_within_their_hour() {
    let server = TestServer::start_with(|config| {
        config.limits.reads_per_hour = 4;
        config.limits.writes_per_hour = 1;
    })
    .await;
    let (boss, vault, program) = program(&server).await;
    assert_eq!(program.patch(&vault, 1, &[new_item("one")]).await.status, 200);
    limited(&program.patch(&vault, 2, &[new_item("two")]).await, 3_600);
    // A batch reads, although it is a POST.
    let batch = format!("/api/v3/vault/{vault}/items/batch");
    assert_eq!(program.post(&batch, &json!({"itemUuids": []})).await.status, 200);
    let standing: Value = program.open(&program.get("/api/opwire/v1/limits").await);
    assert_eq!((&standing["reads"]["used"], &standing["reads"]["remaining"]), (&json!(2), &json!(2)));
    for _ in 0..2 {
        assert_eq!(program.get("/api/v1/vaults").await.status, 200);
    }
    limited(&program.get("/api/v1/vaults").await, 3_600);
    assert_eq!(boss.get("/api/v1/vaults").await.status, 200, "people are not limited");

    // Counts outlive a restart.
    let server = server.restart(|config| config.limits.reads_per_hour = 4).await;
    let program = Client::sign_in(&server.url, &program.person).await;
    limited(&program.get("/api/v1/vaults").await, 3_600);
}

#[tokio::test]
async fn the_service_accounts_of_an_account_share_its_day() {
    let server = TestServer::start_with(|config| config.limits.account_requests_per_day = 3).await;
    let (boss, vault, one) = program(&server).await;
    let two = Client::sign_in(&server.url, &boss.make_service_account(&vault, ALL & !1).await).await;
    assert_eq!(one.get("/api/v1/vaults").await.status, 200);
    assert_eq!(two.get("/api/v1/vaults").await.status, 200);
    assert_eq!(one.get("/api/v1/vaults").await.status, 200);
    limited(&two.get("/api/v1/vaults").await, 86_400);
}

#[tokio::test]
async fn one_service_account_cannot_use_up_the_day_of_the_others() {
    let server = TestServer::start_with(|config| config.limits.account_requests_per_day = 6).await;
    let (boss, vault, greedy) = program(&server).await;
    let other = Client::sign_in(&server.url, &boss.make_service_account(&vault, ALL & !1).await).await;
    for _ in 0..3 {
        assert_eq!(greedy.get("/api/v1/vaults").await.status, 200);
    }
    limited(&greedy.get("/api/v1/vaults").await, 86_400);
    for _ in 0..3 {
        assert_eq!(other.get("/api/v1/vaults").await.status, 200);
    }
    limited(&other.get("/api/v1/vaults").await, 86_400);
}

#[tokio::test]
async fn what_is_refused_counts_to_the_caller_alone() {
    let server = TestServer::start_with(|config| config.limits.account_requests_per_day = 4).await;
    let (boss, vault, lost) = program(&server).await;
    for _ in 0..2 {
        lost.get(&format!("/api/v3/vault/{}", new_id())).await.refused(404);
    }
    limited(&lost.get("/api/v1/vaults").await, 86_400);
    // The whole day of the account is left.
    for _ in 0..2 {
        let other = Client::sign_in(&server.url, &boss.make_service_account(&vault, ALL & !1).await).await;
        for _ in 0..2 {
            assert_eq!(other.get("/api/v1/vaults").await.status, 200);
        }
    }
    let last = Client::sign_in(&server.url, &boss.make_service_account(&vault, ALL & !1).await).await;
    limited(&last.get("/api/v1/vaults").await, 86_400);
}

#[tokio::test]
async fn guessing_is_slowed_down_for_known_and_unknown_addresses() {
    let server = TestServer::start_with(|config| config.limits.failures_per_quarter_hour = 2).await;
    let known = owner(&server).await.person;
    for mut person in [known.clone(), Person::new("nobody")] {
        person.x = zeroize::Zeroizing::new(random());
        for _ in 0..2 {
            let Exchanged { session, proof } = exchange(&server.url, &person).await;
            confirm(&server.url, &session, &proof.m1).await.refused(401);
        }
        limited(&start(&server.url, &person.user.email).await, 900);
    }
    owner(&server).await;
}

#[tokio::test]
async fn sign_ins_that_began_before_the_limit_was_reached_are_refused_too() {
    let server = TestServer::start_with(|config| config.limits.failures_per_quarter_hour = 2).await;
    let known = owner(&server).await.person;
    let right = exchange(&server.url, &known).await;
    let mut wrong = known;
    wrong.x = zeroize::Zeroizing::new(random());
    let mut guesses = Vec::new();
    for _ in 0..4 {
        guesses.push(exchange(&server.url, &wrong).await);
    }
    let (counted, beyond) = guesses.split_at(2);
    for guess in counted {
        confirm(&server.url, &guess.session, &guess.proof.m1).await.refused(401);
    }
    for late in beyond.iter().chain([&right]) {
        limited(&confirm(&server.url, &late.session, &late.proof.m1).await, 900);
    }
}

#[tokio::test]
async fn an_address_begins_so_many_sign_ins_a_minute() {
    let server = TestServer::start_with(|config| config.limits.sign_ins_per_minute = 3).await;
    let mut refused = None;
    // The minute may turn while this runs, but not twice.
    for _ in 0..8 {
        let answer = start(&server.url, "someone@example.com").await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    limited(&refused.expect("a fourth sign-in of one minute is refused"), 60);
}

/// Begins a sign-in by a proxy that names its client.
async fn begin_for(server: &TestServer, forwarded: &str) -> Answer {
    let body = json!({"email": "nobody@example.com", "skFormat": "A3", "skid": "ABCDEF", "deviceUuid": new_id()});
    let request = http().post(format!("{}/api/v3/auth/start", server.url)).header("x-forwarded-for", forwarded);
    send(request.body(body.to_string())).await
}

/// Begins sign-ins until one is refused. The minute may turn meanwhile, but not twice.
async fn exhaust(server: &TestServer, forwarded: &str) {
    for _ in 0..4 {
        let answer = begin_for(server, forwarded).await;
        if answer.status == 429 {
            return;
        }
    }
    panic!("a second sign-in of one minute is refused");
}

#[tokio::test]
async fn clients_of_a_trusted_proxy_have_limits_of_their_own() {
    let server = TestServer::start_with(|config| {
        config.limits.sign_ins_per_minute = 1;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    exhaust(&server, "203.0.113.1").await;
    exhaust(&server, "203.0.113.7, 203.0.113.1").await;
    assert_eq!(begin_for(&server, "203.0.113.2").await.status, 200, "another client");
    assert!(server.rows("sessions").await.iter().any(|row| row.contains("203.0.113.2")));
}

#[tokio::test]
async fn who_is_no_trusted_proxy_says_nothing_about_others() {
    let server = TestServer::start_with(|config| config.limits.sign_ins_per_minute = 1).await;
    exhaust(&server, "203.0.113.1").await;
    // Each names another client.
    for number in 0..4 {
        if begin_for(&server, &format!("203.0.113.{}", 10 + number)).await.status == 429 {
            return;
        }
    }
    panic!("the client made up its address");
}

#[tokio::test]
async fn bodies_are_bounded_and_must_be_json() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let start = format!("{}/api/v3/auth/start", server.url);
    for body in ["", "{", "[]", "null", r#"{"email":7}"#, "\u{0}"] {
        send(http().post(&start).body(body.to_owned())).await.refused(400);
    }
    send(http().post(&start).body(" ".repeat(17 * 1024))).await.refused(413);
    let long = json!({"email": "a".repeat(400), "skFormat": "A3", "skid": "ABCDEF", "deviceUuid": ""});
    post(&server.url, "/api/v3/auth/start", None, &long).await.refused(400);

    // A body without session is not even read.
    let vault = format!("{}/api/v2/vault", server.url);
    send(http().post(&vault).body(vec![b' '; 1024])).await.refused(401);
    let too_much = http()
        .post(&vault)
        .header("x-agilebits-session-id", &client.keys.id)
        .header("x-agilebits-mac", client.signature("POST", &vault))
        .body(vec![b' '; 17 * 1024 * 1024]);
    match too_much.send().await {
        Ok(response) => assert_eq!(response.status(), 413),
        // The server closes the connection before the client has sent everything.
        Err(error) => assert!(error.is_request() || error.is_body(), "{error:?}"),
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(client.get("/api/v1/vaults").await.status, 200);
}
