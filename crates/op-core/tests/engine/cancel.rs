//! Giving up on a call in the middle of a stall, over real sockets.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use op_core::Core;
use op_testkit::{
    FaultProxy, TestAccount,
    account::{config, host, invoke},
    faults::{Fault, Rule},
};
use serde_json::{Value, json};
use tokio::{spawn, task::JoinHandle, time::sleep};

const STALLS: [Fault; 2] = [Fault::StallBeforeHeaders, Fault::StallInBody];

struct Stalling {
    account: TestAccount,
    proxy: FaultProxy,
    client: Arc<Core>,
}

impl Stalling {
    async fn new() -> Self {
        let account = TestAccount::create().await;
        let proxy = FaultProxy::start(&account.server.url).await.unwrap();
        let client = Arc::new(Core::new(host()));
        client.init_client(&config(&proxy.token(&account.token)).to_string()).await.unwrap();
        Self { account, proxy, client }
    }

    /// Cancels the call that began what the others share; they go on, and end well once nothing stalls.
    async fn cancel_first(
        &self,
        first: JoinHandle<Result<Value, Value>>,
        others: [JoinHandle<Result<Value, Value>>; 2],
    ) {
        sleep(Duration::from_millis(300)).await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        self.proxy.repair().await;
        for other in others {
            other.await.unwrap().unwrap();
        }
    }

    fn call(&self, method: &'static str, parameters: Value) -> JoinHandle<Result<Value, Value>> {
        let client = self.client.clone();
        spawn(async move { invoke(&client, method, parameters).await })
    }

    fn list_items(&self) -> JoinHandle<Result<Value, Value>> {
        self.call("ItemsList", json!({ "vault_id": self.account.vault_id, "filters": [] }))
    }

    async fn until_stalled(&self, count: usize) {
        eventually("so many stall", async || self.proxy.stalled() == count).await;
    }
}

async fn eventually<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < Duration::from_secs(10), "never: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_cancelled_call_ends_at_once_with_its_connection() {
    let stalling = Stalling::new().await;
    let (vault, item) = (&stalling.account.vault_id, stalling.account.login("Example", "hunter2").await.id.clone());
    let params = json!({ "category": "SecureNote", "vaultId": vault, "title": "Note" });
    let calls = [
        ("VaultsList", json!({})),
        ("ItemsList", json!({ "vault_id": vault, "filters": [] })),
        ("ItemsGet", json!({ "vault_id": vault, "item_id": item })),
        ("ItemsCreate", json!({ "params": params })),
        ("SecretsResolve", json!({ "secret_reference": "op://Development/Example/password" })),
        ("SecretsResolveAll", json!({ "secret_references": ["op://Development/Example/password"] })),
    ];
    for fault in STALLS {
        for (method, parameters) in &calls {
            stalling.proxy.inject([Rule::new("", fault)]).await;
            let call = stalling.call(method, parameters.clone());
            eventually("the call stalls", async || stalling.proxy.stalled() > 0).await;
            let began = Instant::now();
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
            assert!(began.elapsed() < Duration::from_secs(2), "{fault:?} in {method}");
            stalling.until_stalled(0).await;
            stalling.proxy.repair().await;
            stalling.call(method, parameters.clone()).await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn callers_that_share_a_read_do_not_end_with_the_one_that_began_it() {
    let stalling = Stalling::new().await;
    for fault in STALLS {
        stalling.proxy.inject([Rule::new("GET", fault)]).await;
        stalling.proxy.take_requests();
        let first = stalling.list_items();
        eventually("the first stalls", async || stalling.proxy.stalled() > 0).await;
        let others = [stalling.list_items(), stalling.list_items()];
        stalling.cancel_first(first, others).await;
        let requests = stalling.proxy.take_requests();
        let overviews = requests.iter().filter(|line| line.ends_with("/items/overviews")).count();
        assert_eq!(overviews, 1, "{requests:#?}");
    }
}

#[tokio::test]
async fn callers_that_share_a_sign_in_do_not_end_with_the_one_that_began_it() {
    let stalling = Stalling::new().await;
    let ended = Rule::new("GET", Fault::EndSession);
    stalling.proxy.inject([ended, Rule::new("POST /api/v3/auth/start", Fault::StallBeforeHeaders)]).await;
    stalling.proxy.take_requests();
    let first = stalling.call("VaultsList", json!({}));
    stalling.until_stalled(1).await;
    let others = [stalling.list_items(), stalling.call("VaultsList", json!({}))];
    stalling.cancel_first(first, others).await;
    let sign_ins = stalling.proxy.take_requests().iter().filter(|line| line.contains("/auth/start")).count();
    assert_eq!(sign_ins, 1);
}

#[tokio::test]
async fn a_cancelled_sign_in_ends_with_its_connection() {
    let stalling = Stalling::new().await;
    stalling.proxy.inject([Rule::new("POST /api/v2/auth", Fault::StallInBody)]).await;
    let config = config(&stalling.proxy.token(&stalling.account.token)).to_string();
    let client = Arc::new(Core::new(host()));
    let sign_in = spawn(async move { client.init_client(&config).await });
    stalling.until_stalled(1).await;
    sign_in.abort();
    assert!(sign_in.await.unwrap_err().is_cancelled());
    stalling.until_stalled(0).await;
    // What is left belongs to the first client.
    eventually("the connection is closed", async || stalling.proxy.connections() <= 1).await;
}
