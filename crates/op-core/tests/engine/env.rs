//! `.env` texts and named references, resolved at once.

use op_core::Core;
use op_testkit::{TestAccount, Wire, account::invoke};
use serde_json::{Value, json};

async fn resolve(core: &Core, env: &str) -> Result<Value, Value> {
    invoke(core, "SecretsResolveEnv", json!({ "env": env, "known": { "STAGE": "Development" } })).await
}

#[tokio::test]
async fn a_text_is_resolved_in_the_fewest_requests_with_an_error_a_variable() {
    let account = TestAccount::create().await;
    account.login("Database", "hunter2").await;
    account.login("Cache", "p@ss\nword").await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    invoke(&core, "SecretsResolve", json!({ "secret_reference": "op://Development/Cache/password" })).await.unwrap();
    wire.take_requests();

    let env = "
        # what the program needs
        export PORT=8080
        DB_PASSWORD=op://${STAGE}/Database/password   # the vault of this stage
        DB_URL=\"postgres://app:${DB_PASSWORD}@db:${PORT}/x\"
        CACHE='op://Development/Cache/password'
        AGAIN=${CACHE}
        MISSING=op://Development/Nothing/password
        USES_MISSING=${MISSING}!
        BROKEN=op://x";
    let answer = resolve(&core, env).await.unwrap();
    // The vault is listed once, both items come in one batch, and the vaults are listed for what is missing.
    assert_eq!(wire.take_requests().len(), 3);
    assert_eq!(
        answer["variables"],
        json!({
            "PORT": "8080", "DB_PASSWORD": "hunter2", "DB_URL": "postgres://app:hunter2@db:8080/x",
            "CACHE": "p@ss\nword", "AGAIN": "p@ss\nword",
        })
    );
    let kind = |name: &str| answer["errors"][name]["type"].clone();
    assert_eq!(answer["errors"].as_object().unwrap().len(), 3);
    assert_eq!(
        (kind("MISSING"), kind("USES_MISSING"), kind("BROKEN")),
        (json!("itemNotFound"), json!("itemNotFound"), json!("parsing"))
    );
    assert_eq!(answer["secrets"], json!(["hunter2", "p@ss\nword"]));

    let log = format!("connecting to {}", answer["variables"]["DB_URL"].as_str().unwrap());
    let mask = json!({ "text": log, "secrets": answer["secrets"] });
    let masked = invoke(&core, "SecretsMask", mask).await.unwrap();
    assert_eq!(masked, "connecting to postgres://app:<concealed by opwire>@db:8080/x");
}

#[tokio::test]
async fn a_text_without_references_takes_no_request_and_a_bad_one_is_refused_by_line() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    wire.take_requests();
    let plain = resolve(&core, "A=1\nB='$A'").await.unwrap();
    assert_eq!(plain, json!({ "variables": { "A": "1", "B": "$A" }, "errors": {}, "secrets": [] }));

    let error = resolve(&core, "A=op://Development/x/y\nhunter2\nB=\"hunter2\nC=${D}\nE=1").await.unwrap_err();
    assert_eq!((&error["name"], &error["field"]), (&json!("InvalidConfiguration"), &json!("env")));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("line 2: expected NAME=value") && message.contains("line 3: the value has no closing"));
    assert!(!message.contains("hunter2"));
    assert_eq!(wire.take_requests().len(), 0);
}

#[tokio::test]
async fn named_references_are_resolved_by_name() {
    let account = TestAccount::create().await;
    account.login("Database", "hunter2").await;
    let core = account.core().await;
    let references = json!({ "db.password": "op://Development/Database/password", "other": "hunter3" });
    let answer = invoke(&core, "SecretsResolveVariables", json!({ "references": references })).await.unwrap();
    assert_eq!(answer["variables"], json!({ "db.password": "hunter2" }));
    assert_eq!(answer["errors"]["other"]["type"], "parsing");
    let none = invoke(&core, "SecretsResolveVariables", json!({ "references": {} })).await.unwrap();
    assert_eq!(none["variables"], json!({}));
}
