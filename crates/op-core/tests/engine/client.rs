//! A client against the real server: sign-in, vaults, items, and what happens when either side misbehaves.

use op_core::{Core, host::HttpResponse};
use op_testkit::{
    TestAccount, Wire,
    account::{config, invoke},
};
use serde_json::{Value, json};

#[tokio::test]
async fn lists_vaults_and_reads_items() {
    let account = TestAccount::create().await;
    let item = account.login("Example", "hunter2").await;
    let core = account.core().await;

    let vaults = invoke(&core, "VaultsList", json!({})).await.unwrap();
    assert_eq!(vaults[0]["title"], "Development");
    assert_eq!(vaults[0]["activeItemCount"], 1);
    let overview = invoke(&core, "VaultsGetOverview", json!({ "vault_id": account.vault_id })).await.unwrap();
    assert_eq!(overview, vaults[0]);
    let encrypted = invoke(&core, "VaultsList", json!({ "params": {} })).await.unwrap();
    assert_eq!(encrypted[0]["title"], "[Encrypted]");

    let items = invoke(&core, "ItemsList", json!({ "vault_id": account.vault_id, "filters": [] })).await.unwrap();
    assert_eq!(items[0]["id"], json!(item.id));
    let found = invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": item.id })).await.unwrap();
    assert_eq!(found["fields"][0]["value"], "hunter2");
    assert_eq!(found["version"], 1);
}

#[tokio::test]
async fn filters_choose_by_state() {
    let account = TestAccount::create().await;
    account.login("Example", "hunter2").await;
    let core = account.core().await;
    for (filters, expected) in [
        (json!([]), 1),
        (json!([{ "type": "ByState", "content": { "active": true, "archived": false } }]), 1),
        (json!([{ "type": "ByState", "content": { "active": false, "archived": true } }]), 0),
    ] {
        let items = invoke(&core, "ItemsList", json!({ "vault_id": account.vault_id, "filters": filters })).await;
        assert_eq!(items.unwrap().as_array().unwrap().len(), expected, "{filters}");
    }
}

#[tokio::test]
async fn a_read_only_service_account_cannot_write() {
    let mut account = TestAccount::create().await;
    let read = op_protocol::permissions::parse_grants("read_items").unwrap();
    account.token = account.token_with(read).await;
    let core = account.core().await;
    let params = json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": "No" });
    let error = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap_err();
    assert_eq!(error["name"], "PermissionDenied", "{error}");
}

#[tokio::test]
async fn ids_that_cannot_be_ids_send_nothing() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    wire.take_requests();
    for (method, parameters) in [
        ("VaultsGetOverview", json!({ "vault_id": "x" })),
        ("ItemsList", json!({ "vault_id": "../../x", "filters": [] })),
        ("ItemsGet", json!({ "vault_id": account.vault_id, "item_id": "X" })),
    ] {
        let error = invoke(&core, method, parameters).await.unwrap_err();
        assert_eq!(error["name"], "InvalidConfiguration");
        assert!(error["field"].is_string());
    }
    assert_eq!(wire.take_requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_token_is_refused_by_proof_and_nothing_leaks() {
    let account = TestAccount::create().await;
    let mut token: Value = read_token(&account.token);
    let wrong = "1234567890abcdef".repeat(4);
    token["srpX"] = json!(wrong);
    let text = format!("ops_{}", op_protocol::b64::encode(token.to_string().as_bytes()));
    let core = Core::new(op_testkit::account::host());
    let error = core.init_client(&config(&text).to_string()).await.unwrap_err();
    assert_eq!(error.kind().name(), "Auth");
    assert!(!error.to_json().contains(&wrong) && !format!("{error:?}").contains(&wrong));
}

fn read_token(token: &str) -> Value {
    serde_json::from_slice(&op_protocol::b64::decode(token.strip_prefix("ops_").unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_server_without_the_right_proof_is_not_believed() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    wire.tamper(|request, mut response| {
        if request.url.ends_with("/confirm-key") {
            response.body = json!({ "serverVerifyHash": op_protocol::b64::encode(&[7; 32]) }).to_string().into_bytes();
        }
        Ok(response)
    });
    let core = Core::new(wire.clone());
    let error = core.init_client(&config(&account.token).to_string()).await.unwrap_err();
    assert_eq!(error.kind().name(), "Auth");
    assert!(error.message().contains("Server hash was invalid"), "{error}");
    assert!(!wire.take_requests().iter().any(|line| line.contains("complete")), "nothing may follow a wrong proof");
}

#[tokio::test]
async fn tampered_envelopes_fail_by_name_and_the_client_stays_usable() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 4] = [
        ("GcmFailedToDecrypt", |envelope| {
            let data = envelope["data"].as_str().unwrap();
            // The first digit: not every digit may be the last one.
            let first = if data.starts_with('A') { "B" } else { "A" };
            envelope["data"] = json!(format!("{first}{}", &data[1..]));
        }),
        ("envelope does not belong", |envelope| envelope["kid"] = json!("another")),
        ("envelope does not belong", |envelope| envelope["cty"] = json!("text/plain")),
        ("not an encrypted envelope", |envelope| *envelope = json!("<html>")),
    ];
    for (reason, change) in changes {
        wire.tamper(move |_, mut response| {
            let mut envelope = serde_json::from_slice(&response.body).unwrap();
            change(&mut envelope);
            response.body = envelope.to_string().into_bytes();
            Ok(response)
        });
        let error = invoke(&core, "VaultsList", json!({})).await.unwrap_err();
        assert_eq!(error["name"], "InvalidResponse", "{error}");
        assert!(error["message"].as_str().unwrap().contains(reason), "{error}");
        wire.repair();
        invoke(&core, "VaultsList", json!({})).await.unwrap();
    }
}

#[tokio::test]
async fn a_second_refusal_reaches_the_caller() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    wire.tamper(|request, response| {
        if request.url.contains("/auth") {
            return Ok(response);
        }
        Ok(HttpResponse { status: 401, headers: Vec::new(), body: Vec::new() })
    });
    let error = invoke(&core, "VaultsList", json!({})).await.unwrap_err();
    assert_eq!(error["name"], "BadCredentials");
    assert_eq!(error["message"], "bad credentials, please retry: failed to authenticate");
}

#[tokio::test]
async fn statuses_have_names_and_texts() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    for (status, name, text, retryable) in [
        (400, "BadRequest", "bad request", false),
        (
            403,
            "PermissionDenied",
            "you do not have the right permissions to perform this action: performing a vault operation",
            false,
        ),
        (404, "NotFound", "vault couldn't be found", false),
        (409, "Conflict", "data conflict occurred on the server: performing a vault operation", false),
        (429, "RateLimitExceeded", "performing a vault operation: rate limit exceeded", true),
        (500, "ServerError", "internal server error", true),
        (503, "UnexpectedStatus", "unexpected status code in response: 503 Service Unavailable", true),
    ] {
        wire.tamper(move |_, _| {
            let headers = vec![("retry-after".to_owned(), "3600".to_owned())];
            Ok(HttpResponse { status, headers, body: b"<html>".to_vec() })
        });
        let error = invoke(&core, "VaultsList", json!({})).await.unwrap_err();
        assert_eq!((&error["name"], &error["message"]), (&json!(name), &json!(text)));
        assert_eq!((&error["retryable"], &error["status"]), (&json!(retryable), &json!(status)));
        if status == 429 {
            assert_eq!(error["retryAfterMs"], 3_600_000);
        }
        wire.repair();
        invoke(&core, "VaultsList", json!({})).await.unwrap();
    }
}

#[tokio::test]
async fn a_released_client_is_gone() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    core.release_client("0").unwrap();
    let error = invoke(&core, "VaultsList", json!({})).await.unwrap_err();
    assert_eq!(error["message"], "an internal error occurred: invalid client id");
    assert_eq!(error["field"], "clientId");
}
