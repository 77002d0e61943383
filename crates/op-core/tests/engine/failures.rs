//! What failures say: which server was not reached, what was asked for, and why it was refused.

use op_core::{Core, host::HttpResponse};
use op_testkit::{
    TestAccount, Wire,
    account::{config, host, invoke},
};
use serde_json::{Value, json};

/// A token of an account at this address.
fn token_at(address: &str) -> String {
    let cases: Value = op_testkit::vectors::json("tokens.json");
    let mut payload = cases[0]["input"]["payload"].clone();
    payload["signInAddress"] = json!(address);
    format!("ops_{}", op_protocol::b64::encode(payload.to_string().as_bytes()))
}

async fn sign_in_fails(address: &str) -> Value {
    let error = Core::new(host()).init_client(&config(&token_at(address)).to_string()).await.unwrap_err();
    serde_json::from_str(&error.to_json()).unwrap()
}

fn unused_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_server_that_is_not_reached_is_named() {
    let address = unused_address();
    let refused = sign_in_fails(&format!("http://{address}")).await;
    assert_eq!((&refused["name"], &refused["retryable"]), (&json!("Network"), &json!(true)));
    let message = refused["message"].as_str().unwrap();
    let expected =
        format!("the account server could not be reached: http://{address}, without a proxy: the server refuses");
    assert!(message.starts_with(&expected), "{message}");
    assert_eq!(refused["cause"]["kind"], "refused");

    let unknown = sign_in_fails("https://account.invalid").await;
    let message = unknown["message"].as_str().unwrap();
    assert!(message.contains("https://account.invalid:443"), "{message}");
    assert!(message.contains("does not resolve"), "{message}");
    assert_eq!(unknown["cause"]["kind"], "dns");
}

#[tokio::test]
async fn a_token_with_something_around_it_signs_in() {
    let account = TestAccount::create().await;
    for text in [format!(" \"{}\"\r\n", account.token), format!("'{}'\n", account.token)] {
        Core::new(host()).init_client(&config(&text).to_string()).await.unwrap();
    }
}

#[tokio::test]
async fn failures_name_what_was_asked_for() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let (vault, missing) = (account.vault_id.as_str(), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
    let file = json!({ "id": missing, "name": "x", "size": 1 });
    for (method, parameters, name, ids) in [
        ("VaultsGetOverview", json!({ "vault_id": missing }), "NotFound", vec![missing]),
        ("ItemsList", json!({ "vault_id": missing, "filters": [] }), "NotFound", vec![missing]),
        ("ItemsGet", json!({ "vault_id": vault, "item_id": missing }), "NotFound", vec![vault, missing]),
        ("ItemsDelete", json!({ "vault_id": vault, "item_id": missing }), "NotFound", vec![missing]),
        ("ItemsArchive", json!({ "vault_id": vault, "item_id": missing }), "NotFound", vec![missing]),
        ("ItemsFilesRead", json!({ "vault_id": vault, "item_id": missing, "attr": file }), "NotFound", vec![missing]),
        ("GroupsGet", json!({ "group_id": missing, "group_params": {} }), "NotFound", vec![missing]),
        ("UsersGet", json!({ "user_id": missing }), "PermissionDenied", vec![missing]),
        ("EnvironmentsGetVariables", json!({ "environment_id": missing }), "NotFound", vec![missing]),
        ("EnvironmentsGetVariables", json!({ "environment_id": vault }), "BadInput", vec![vault]),
        (
            "ItemsGet",
            json!({ "vault_id": "Development", "item_id": missing }),
            "InvalidConfiguration",
            vec!["`Development`"],
        ),
    ] {
        let error = invoke(&core, method, parameters).await.unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(ids.iter().all(|id| message.contains(id)), "{method}: {error}");
        assert_eq!(error["name"], name, "{method}: {error}");
    }
}

#[tokio::test]
async fn a_long_text_in_place_of_an_id_is_not_repeated() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let error = invoke(&core, "ItemsGet", json!({ "vault_id": account.token, "item_id": "x" })).await.unwrap_err();
    assert!(!error["message"].as_str().unwrap().contains("ops_"), "{error}");
}

#[tokio::test]
async fn what_the_server_says_of_a_refusal_is_passed_on_in_one_line() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    for (body, expected) in [
        (
            r#"{"errorCode":400,"errorMessage":"no\n\u001b[31msuch thing","requestId":"x"}"#,
            "bad request: no  [31msuch thing",
        ),
        (r#"{"errorMessage":"alone"}"#, "bad request: alone"),
        (r#"{"errorMessage":""}"#, "bad request"),
        ("<html>", "bad request"),
    ] {
        wire.tamper(move |_, _| Ok(HttpResponse { status: 400, headers: Vec::new(), body: body.as_bytes().to_vec() }));
        let error = invoke(&core, "VaultsList", json!({})).await.unwrap_err();
        assert_eq!((&error["name"], &error["message"]), (&json!("BadRequest"), &json!(expected)));
    }
    let long = json!({ "errorMessage": "x".repeat(10_000) }).to_string();
    wire.tamper(move |_, _| Ok(HttpResponse { status: 400, headers: Vec::new(), body: long.clone().into_bytes() }));
    let error = invoke(&core, "VaultsList", json!({})).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().len() < 400);
}
