//! Approvals for less than the whole account.

use op_core::ErrorKind;
use op_testkit::account::new_vault;
use serde_json::json;

use crate::support::{TestAgent, call, vaults, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_is_shown_and_enforced() {
    let agent = TestAgent::start().await;
    let private = new_vault(&agent.account.owner, "Private notes").await;
    let signing_in = agent.signing_in(with(json!({"vaults": ["Development"], "readOnly": true})));
    let shown = agent.allow(0).await;
    assert!(shown.text.contains("It may read, in these vaults only:\n    \"Development\""), "{}", shown.text);
    let client = signing_in.await.unwrap().unwrap();
    assert_eq!(vaults(&client).await.unwrap(), ["Development"]);
    let list = |vault: &str| json!({"vault_id": vault, "filters": []});
    call(&client, "ItemsList", list(&agent.account.vault_id)).await.unwrap();
    let error = call(&client, "ItemsList", list(&private)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.message().contains("what was approved for this program excludes it"), "{error}");
    let create = json!({"params": {"vaultId": agent.account.vault_id, "category": "Login", "title": "x"}});
    assert_eq!(call(&client, "ItemsCreate", create).await.unwrap_err().kind(), ErrorKind::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_approval_does_not_cover_more() {
    let agent = TestAgent::start().await;
    agent.approved(with(json!({"readOnly": true}))).await;
    // Less than what was approved needs no prompt, more does.
    agent.sign_in(with(json!({"readOnly": true, "vaults": ["Development"]}))).await.unwrap();
    let signing_in = agent.signing_in(with(json!({})));
    agent.deny().await;
    assert_eq!(signing_in.await.unwrap().err().unwrap().kind(), ErrorKind::AuthorizationDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_vaults_are_named_only_after_approval() {
    let agent = TestAgent::start().await;
    let signing_in = agent.signing_in(with(json!({"vaults": ["Developmemt"]})));
    agent.allow(0).await;
    let error = signing_in.await.unwrap().err().unwrap();
    assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidConfiguration, Some("vaults")));
    assert!(error.message().contains("`Developmemt`"), "{error}");
}
