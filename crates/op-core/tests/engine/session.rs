//! What a client does when its session ends, its credentials are refused, or its clock is wrong.

use std::sync::Arc;

use op_core::{Core, host::HttpResponse};
use op_testkit::{TestAccount, Wire, account::invoke};
use serde_json::{Value, json};

const SECOND: i64 = 1000;
const DAY: i64 = 86_400 * SECOND;

async fn list(core: &Core) -> Result<Value, Value> {
    invoke(core, "VaultsList", json!({})).await
}

/// From now on, the server ends every session and answers sign-ins with this status.
fn refuse(wire: &Wire, status: u16) {
    wire.tamper(move |request, _| {
        let status = if request.url.contains("/auth/start") { status } else { 401 };
        Ok(HttpResponse { status, headers: Vec::new(), body: Vec::new() })
    });
}

/// A client whose session ended and whose new sign-in was refused just now.
async fn refused_client() -> (TestAccount, Arc<Wire>, Arc<Core>) {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    refuse(&wire, 401);
    assert_eq!(list(&core).await.unwrap_err()["name"], "Auth");
    wire.take_requests();
    (account, wire, core)
}

#[tokio::test]
async fn refused_credentials_are_not_tried_again_and_again() {
    let (_account, wire, core) = refused_client().await;
    let mut requests = 0;
    // A program that repeats its call every second, for an hour.
    for _ in 0..3600 {
        let error = list(&core).await.unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("authentication error: you are not authenticated: "), "{message}");
        assert_eq!((&error["status"], &error["retryable"]), (&json!(401), &json!(false)));
        requests += wire.take_requests().len();
        wire.shift_clock(SECOND);
    }
    // After 5, 10, 20 .. 320 seconds, then every ten minutes.
    assert!((8..=13).contains(&requests), "{requests} requests");
}

#[tokio::test]
async fn a_client_whose_credentials_are_accepted_again_recovers() {
    let (_account, wire, core) = refused_client().await;
    wire.repair();
    list(&core).await.unwrap_err();
    assert_eq!(wire.take_requests(), Vec::<String>::new());
    wire.shift_clock(5 * SECOND);
    list(&core).await.unwrap();

    // The next refusal is a first one again.
    refuse(&wire, 401);
    list(&core).await.unwrap_err();
    wire.repair();
    wire.shift_clock(5 * SECOND);
    list(&core).await.unwrap();
}

#[tokio::test]
async fn other_failures_of_sign_in_are_no_refusal() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    for status in [409, 429, 500, 503] {
        refuse(&wire, status);
        list(&core).await.unwrap_err();
        wire.repair();
        list(&core).await.unwrap();
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_prolong_a_refusal() {
    let (_account, wire, core) = refused_client().await;
    wire.repair();
    wire.shift_clock(-DAY);
    list(&core).await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_a_day_does_no_harm() {
    let account = TestAccount::create().await;
    for shift in [-DAY, DAY] {
        let wire = Wire::new();
        wire.shift_clock(shift);
        let core = account.core_on(wire.clone()).await;
        let params = json!({ "category": "Password", "vaultId": account.vault_id, "title": format!("Made {shift}"),
            "fields": [{ "id": "password", "title": "password", "fieldType": "Concealed", "value": "clockwork" }] });
        invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
        let reference = format!("op://Development/Made {shift}/password");
        wire.shift_clock(-2 * shift);
        let secret = invoke(&core, "SecretsResolve", json!({ "secret_reference": reference })).await.unwrap();
        assert_eq!(secret, "clockwork");
    }
}

#[tokio::test]
async fn a_server_cannot_ask_for_cheap_or_endless_work() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    for iterations in [0_u32, 1, 9_999, 10_000_001, u32::MAX] {
        wire.tamper(move |request, mut response| {
            if request.url.contains("/auth/start") {
                let mut start: Value = serde_json::from_slice(&response.body).unwrap();
                start["userAuth"]["iterations"] = json!(iterations);
                response.body = start.to_string().into_bytes();
            }
            Ok(response)
        });
        let error = account.owner_signs_in_on(wire.clone()).await.err().unwrap();
        let expected = format!("InvalidPbkdf2Iterations({iterations})");
        assert!(error.message().ends_with(&expected), "{error}");
    }
}
