//! What goes wrong between client and server, over real sockets: the failure has a name, comes in time, holds no secret,
//! and the next call works.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use op_core::Core;
use op_testkit::{
    FaultProxy, TestAccount,
    account::{config, host, invoke},
    faults::{Fault, Rule},
    vectors,
};
use serde_json::{Value, json};

const PASSWORD: &str = "a-password-that-no-error-shows";
const TIMEOUT: Duration = Duration::from_millis(500);
/// What a busy machine may take on top.
const SLACK: Duration = Duration::from_secs(3);

/// An account with two logins, seen through a proxy.
struct Faulty {
    account: TestAccount,
    proxy: FaultProxy,
    calls: Vec<Call>,
}

struct Call {
    name: &'static str,
    method: &'static str,
    parameters: Value,
}

impl Faulty {
    async fn new() -> Self {
        let account = TestAccount::create().await;
        let proxy = FaultProxy::start(&account.server.url).await.unwrap();
        let (vault, item) = (account.vault_id.clone(), account.login("Example", PASSWORD).await.id.clone());
        let other = account.login("Other", PASSWORD).await.id.clone();
        let params = json!({ "category": "SecureNote", "vaultId": vault, "title": "Note" });
        let (by_ids, by_titles) = (format!("op://{vault}/{item}/password"), "op://Development/Example/password");
        let both = json!([by_ids, format!("op://{vault}/{other}/password")]);
        let calls = [
            ("VaultsList", json!({})),
            ("VaultsGetOverview", json!({ "vault_id": vault })),
            ("ItemsList", json!({ "vault_id": vault, "filters": [] })),
            ("ItemsGet", json!({ "vault_id": vault, "item_id": item })),
            ("ItemsCreate", json!({ "params": params })),
            ("SecretsResolve by ids", json!({ "secret_reference": by_ids })),
            ("SecretsResolve by titles", json!({ "secret_reference": by_titles })),
            ("SecretsResolveAll", json!({ "secret_references": both })),
        ];
        let calls = calls.into_iter().map(|(name, parameters)| {
            let method = name.split_once(' ').map_or(name, |(method, _)| method);
            Call { name, method, parameters }
        });
        Self { account, proxy, calls: calls.collect() }
    }

    /// A client behind the proxy; `options` are members of its configuration.
    async fn client(&self, options: Value) -> Result<Arc<Core>, Value> {
        let mut config = config(&self.proxy.token(&self.account.token));
        config.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let core = Arc::new(Core::new(host()));
        match core.init_client(&config.to_string()).await {
            Ok(_) => Ok(core),
            Err(error) => Err(serde_json::from_str(&error.to_json()).unwrap()),
        }
    }

    /// A client that has everything it needs to make each call by one request, and never repeats one.
    async fn warm_client(&self) -> Arc<Core> {
        let core = self.client(json!({ "maxRetries": 0 })).await.unwrap();
        self.all_work(&core, "a new client").await;
        core
    }

    async fn all_work(&self, core: &Core, when: &str) {
        for call in &self.calls {
            let result = invoke(core, call.method, call.parameters.clone()).await;
            assert!(result.is_ok(), "{when}, {}: {result:?}", call.name);
        }
    }

    /// Fails unless the failure is the expected one.
    fn assert_failure(&self, result: Result<Value, Value>, expected: &Value, context: &str) {
        let error = result.expect_err(context);
        assert_eq!(
            (&error["name"], &error["retryable"]),
            (&expected["name"], &expected["retryable"]),
            "{context}: {error}"
        );
        let text = error.to_string();
        for secret in [PASSWORD, &self.account.token[4..], &self.proxy.token(&self.account.token)[4..]] {
            assert!(!text.contains(secret), "{context}: {error}");
        }
    }
}

fn rule(fault: &Value, prefix: &str) -> Rule {
    let mut rule = fault["rule"].clone();
    rule["match"] = prefix.into();
    serde_json::from_value(rule).unwrap()
}

fn waits(fault: &Value) -> bool {
    fault["waits"] == true
}

fn table() -> (Value, Vec<Value>) {
    let table = vectors::json("faults.json");
    let faults = table["faults"].as_array().unwrap().clone();
    (table, faults)
}

#[tokio::test]
async fn every_fault_in_every_call_has_its_name_and_passes() {
    let faulty = Faulty::new().await;
    let client = faulty.warm_client().await;
    let (table, faults) = table();
    for fault in faults.iter().filter(|fault| !waits(fault)) {
        for call in &faulty.calls {
            let context = format!("{} in {}", fault["rule"], call.name);
            faulty.proxy.inject([rule(fault, table["calls"][call.name].as_str().unwrap())]).await;
            let result = invoke(&client, call.method, call.parameters.clone()).await;
            faulty.proxy.repair().await;
            faulty.assert_failure(result, &fault["call"], &context);
            let next = invoke(&client, call.method, call.parameters.clone()).await;
            assert!(next.is_ok(), "after {context}: {next:?}");
        }
    }
}

#[tokio::test]
async fn what_never_ends_is_ended_in_time() {
    let faulty = Faulty::new().await;
    let options = json!({ "maxRetries": 0, "requestTimeoutMs": TIMEOUT.as_millis() });
    let client = faulty.client(options).await.unwrap();
    faulty.all_work(&client, "a new client").await;
    let (table, faults) = table();
    for fault in faults.iter().filter(|fault| waits(fault)) {
        for prefix in ["GET", "P"] {
            faulty.proxy.inject([rule(fault, prefix)]).await;
            let began = Instant::now();
            let stuck =
                faulty.calls.iter().filter(|call| table["calls"][call.name].as_str().unwrap().starts_with(prefix));
            let results = stuck.map(|call| invoke(&client, call.method, call.parameters.clone()));
            for result in join_all(results).await {
                faulty.assert_failure(result, &fault["call"], &fault["rule"].to_string());
            }
            let took = began.elapsed();
            assert!(took >= TIMEOUT && took < TIMEOUT + SLACK, "{}: {took:?}", fault["rule"]);
            faulty.proxy.repair().await;
            faulty.all_work(&client, &fault["rule"].to_string()).await;
        }
    }
}

#[tokio::test]
async fn every_fault_in_every_step_of_sign_in_has_its_name_and_passes() {
    let faulty = Faulty::new().await;
    let (table, faults) = table();
    for fault in faults.iter().filter(|fault| !fault["signIn"].is_null()) {
        let options = || if waits(fault) { json!({ "requestTimeoutMs": TIMEOUT.as_millis() }) } else { json!({}) };
        for step in table["signIn"].as_array().unwrap() {
            faulty.proxy.inject([rule(fault, step.as_str().unwrap())]).await;
            let (began, result) = (Instant::now(), faulty.client(options()).await);
            assert!(began.elapsed() < TIMEOUT + SLACK, "{} in {step}", fault["rule"]);
            faulty.proxy.repair().await;
            let result = result.map(|_| json!("a client"));
            faulty.assert_failure(result, &fault["signIn"], &format!("{} in {step}", fault["rule"]));
        }
        faulty.client(options()).await.unwrap();
    }
}

#[tokio::test]
async fn a_changed_answer_to_the_last_step_of_sign_in_is_not_believed() {
    let faulty = Faulty::new().await;
    for fault in [Fault::Tampered, Fault::WrongKid] {
        faulty.proxy.inject([Rule::new("POST /api/v2/auth/complete", fault)]).await;
        let error = faulty.client(json!({})).await.err().unwrap();
        assert_eq!(error["name"], "InvalidResponse", "{error}");
    }
}

/// Not only the last request of a call may fail.
#[tokio::test]
async fn a_new_client_survives_a_failure_of_any_request() {
    let faulty = Faulty::new().await;
    for call in &faulty.calls {
        for skip in 0.. {
            let client = faulty.client(json!({ "maxRetries": 0 })).await.unwrap();
            let fault = Rule { skip, times: Some(1), ..Rule::new("", Fault::HalfBody) };
            faulty.proxy.inject([fault]).await;
            let result = invoke(&client, call.method, call.parameters.clone()).await;
            faulty.proxy.repair().await;
            match result {
                Ok(_) if skip == 0 => panic!("{} needs no request", call.name),
                Ok(_) => break,
                Err(error) => assert_eq!(error["name"], "Network", "request {skip} of {}: {error}", call.name),
            }
            let next = invoke(&client, call.method, call.parameters.clone()).await;
            assert!(next.is_ok(), "{} after a failure of request {skip}: {next:?}", call.name);
        }
    }
}

#[tokio::test]
async fn reads_are_repeated_twice_and_writes_never() {
    let faulty = Faulty::new().await;
    let client = faulty.client(json!({})).await.unwrap();
    faulty.all_work(&client, "a new client").await;
    let (table, _) = table();
    for call in &faulty.calls {
        let prefix = table["calls"][call.name].as_str().unwrap();
        for fault in [Fault::ResetBeforeHeaders, Fault::HalfBody, Fault::Status] {
            faulty.proxy.inject([Rule::new(prefix, fault)]).await;
            faulty.proxy.take_requests();
            invoke(&client, call.method, call.parameters.clone()).await.unwrap_err();
            let tries = faulty.proxy.take_requests().iter().filter(|line| line.starts_with(prefix)).count();
            assert_eq!(tries, if call.method == "ItemsCreate" { 1 } else { 3 }, "{fault:?} in {}", call.name);
            faulty.proxy.repair().await;
        }
    }
    faulty.proxy.inject([Rule { times: Some(2), ..Rule::new("GET", Fault::Status) }]).await;
    invoke(&client, "VaultsList", json!({})).await.unwrap();
}

#[tokio::test]
async fn the_wait_that_the_server_asks_for_is_kept() {
    let faulty = Faulty::new().await;
    let client = faulty.client(json!({})).await.unwrap();
    let limited =
        |seconds| Rule { status: 429, retry_after: Some(seconds), times: Some(1), ..Rule::new("GET", Fault::Status) };
    faulty.proxy.inject([limited(1)]).await;
    let began = Instant::now();
    invoke(&client, "VaultsList", json!({})).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));

    // A long one is the caller's to wait.
    faulty.proxy.inject([limited(60)]).await;
    faulty.proxy.take_requests();
    let error = invoke(&client, "VaultsList", json!({})).await.unwrap_err();
    assert_eq!((&error["name"], &error["retryAfterMs"]), (&json!("RateLimitExceeded"), &json!(60_000)));
    assert_eq!(faulty.proxy.take_requests().len(), 1);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let faulty = Faulty::new().await;
    let client = faulty.warm_client().await;
    faulty.proxy.inject([Rule::new("GET", Fault::Endless)]).await;
    let error = invoke(&client, "VaultsList", json!({})).await.unwrap_err();
    assert_eq!(error["name"], "InvalidResponse", "{error}");
    assert!(error["message"].as_str().unwrap().contains("longer than 67108864 bytes"), "{error}");
}

#[tokio::test]
async fn calls_whose_session_ended_share_one_new_sign_in() {
    let faulty = Faulty::new().await;
    let mut items = Vec::new();
    for n in 0..20 {
        items.push(faulty.account.login(&format!("Login {n}"), PASSWORD).await.id.clone());
    }
    let client = faulty.warm_client().await;
    faulty.proxy.take_requests();
    faulty.proxy.inject([Rule::new("GET", Fault::EndSession)]).await;
    let calls = items
        .iter()
        .map(|item| invoke(&client, "ItemsGet", json!({ "vault_id": faulty.account.vault_id, "item_id": item })));
    for result in join_all(calls).await {
        result.unwrap();
    }
    let requests = faulty.proxy.take_requests();
    assert_eq!(requests.iter().filter(|line| line.contains("/auth/start")).count(), 1, "{requests:#?}");
    for item in items {
        let tries = requests.iter().filter(|line| line.ends_with(&item)).count();
        assert!((1..=2).contains(&tries), "{tries} requests for one item");
    }
}

#[tokio::test]
async fn every_status_has_a_name() {
    let faulty = Faulty::new().await;
    let client = faulty.warm_client().await;
    for status in 400..=503 {
        faulty.proxy.inject([Rule { status, ..Rule::new("GET", Fault::Status) }]).await;
        let error = invoke(&client, "VaultsList", json!({})).await.unwrap_err();
        let name = match status {
            400 => "BadRequest",
            401 => "BadCredentials",
            403 => "PermissionDenied",
            404 => "NotFound",
            408 => "Timeout",
            409 => "Conflict",
            429 => "RateLimitExceeded",
            500 => "ServerError",
            _ => "UnexpectedStatus",
        };
        assert_eq!((&error["name"], &error["status"]), (&json!(name), &json!(status)), "{error}");
        assert_eq!(error["retryable"], matches!(status, 408 | 429 | 500..), "{error}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_a_network_failure() {
    let mut token = op_protocol::token::ServiceAccountToken::parse(&TestAccount::create().await.token).unwrap();
    token.sign_in_address = "https://no-such-host.invalid".to_owned();
    let error = Core::new(host()).init_client(&config(&token.encode()).to_string()).await.unwrap_err();
    assert_eq!((error.kind().name(), error.retryable()), ("Network", true), "{error}");
}
