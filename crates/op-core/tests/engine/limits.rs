//! The rate limits that the server's latest responses reported.

use op_testkit::{TestAccount, TestServer, Wire, account::invoke};
use serde_json::{Value, json};

#[tokio::test]
async fn limits_are_told_from_the_last_answers_and_cost_no_request() {
    let server = TestServer::start_with(|config| {
        config.limits.reads_per_hour = 10;
        config.limits.writes_per_hour = u32::MAX;
    })
    .await;
    let account = TestAccount::create_on(server).await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let limits = async || invoke(&core, "AccountRateLimit", json!({})).await.unwrap();
    wire.take_requests();
    assert_eq!(limits().await, json!({ "reads": null, "writes": null, "account": null }));
    assert_eq!(wire.take_requests().len(), 0);

    for used in 1..=3 {
        invoke(&core, "VaultsList", json!({ "params": { "decryptDetails": false } })).await.unwrap();
        let reads = limits().await["reads"].clone();
        assert_eq!((&reads["limit"], &reads["remaining"]), (&json!(10), &json!(10 - used)));
        assert!(reads["resetsAt"].as_str().unwrap().ends_with(":00:00Z"), "{reads}");
    }
    assert_eq!(limits().await["account"]["remaining"], 100_000 - 3);
    let item = json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": "x" });
    invoke(&core, "ItemsCreate", json!({ "params": item })).await.unwrap();
    assert_eq!(limits().await["writes"], Value::Null, "a limit that is none is not told");

    while limits().await["reads"]["remaining"] != 0 {
        invoke(&core, "VaultsList", json!({ "params": { "decryptDetails": false } })).await.unwrap();
    }
    let error = invoke(&core, "VaultsList", json!({})).await.unwrap_err();
    assert_eq!(error["name"], "RateLimitExceeded");
    assert_eq!(limits().await["reads"]["remaining"], 0);
    wire.shift_clock(3_600_000);
    assert_eq!(limits().await["reads"], Value::Null, "the window is over");
}
