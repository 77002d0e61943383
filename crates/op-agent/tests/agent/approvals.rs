//! What the person approves, for whom, and for how long.

use std::time::Duration;

use op_agent::{control::Answered, control::Revoke, wire::Kind};
use op_core::ErrorKind;
use op_testkit::account::{PASSWORD, TestAccount};
use serde_json::json;

use crate::support::{TestAgent, call, config, save, vaults, with};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_program_calls_without_another_prompt() {
    let agent = TestAgent::start().await;
    let signing_in = agent.signing_in(config());
    let shown = agent.allow(0).await;
    let client = signing_in.await.unwrap().unwrap();
    assert!(shown.request.locked, "the agent has no keys yet");
    assert!(shown.text.contains("wants to use the account Acme"), "{}", shown.text);
    assert!(shown.text.contains("Tests v1.0.0"), "{}", shown.text);
    assert_eq!(vaults(&client).await.unwrap().len(), 2);
    let item = agent.account.login("Login", "a secret value").await;
    let read =
        call(&client, "ItemsGet", json!({"vault_id": agent.account.vault_id, "item_id": item.id})).await.unwrap();
    assert_eq!(read["title"], "Login");
    // A second client of the same process needs no prompt.
    let second = agent.sign_in(config()).await.unwrap();
    assert_eq!(vaults(&second).await.unwrap().len(), 2);
    let grants = agent.grants().await;
    assert_eq!((grants.len(), grants[0].calls, grants[0].account.name.as_str()), (1, 3, "Acme"));
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_log_nor_status_has_a_secret() {
    let agent = TestAgent::start().await;
    let item = agent.account.login("Login", "a secret value").await;
    let client = agent.approved(config()).await;
    call(&client, "ItemsGet", json!({"vault_id": agent.account.vault_id, "item_id": item.id})).await.unwrap();
    let control = agent.control().await;
    let status: serde_json::Value = control.send(Kind::Status, &()).await.unwrap();
    let log = std::fs::read_to_string(agent.folder.path().join("state/agent.log")).unwrap();
    let texts = format!("{status} {:?} {:?} {log}", agent.log().await, agent.grants().await);
    assert!(log.contains("\"event\":\"allowed\"") && log.contains("Tests v1.0.0"), "{log}");
    for secret in [PASSWORD, "a secret value", agent.account.secret_key.to_string().as_str()] {
        assert!(!texts.contains(secret), "{texts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_ends_without_calls_and_after_half_a_day() {
    let agent = TestAgent::start().await;
    let client = agent.approved(config()).await;
    for _ in 0..79 {
        agent.clock.pass(9 * MINUTE);
        vaults(&client).await.unwrap();
    }
    assert_eq!(agent.grants().await.len(), 1);
    agent.clock.pass(9 * MINUTE + Duration::from_secs(1));
    assert_eq!(agent.grants().await.len(), 0, "12 hours have passed");
    let client = agent.approved(config()).await;
    agent.clock.pass(10 * MINUTE);
    assert_eq!(agent.grants().await.len(), 0, "it was idle");
    // The client asks again by itself, once, and the keys are still there.
    let calling = tokio::spawn(async move { vaults(&client).await });
    let shown = agent.allow(0).await;
    assert!(!shown.request.locked);
    assert_eq!(calling.await.unwrap().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn sleep_ends_approvals_and_counts_for_keys() {
    let agent = TestAgent::start().await;
    let client = agent.approved(config()).await;
    vaults(&client).await.unwrap();
    agent.clock.sleep(MINUTE);
    assert_eq!(agent.grants().await.len(), 0);
    agent.clock.sleep(15 * 24 * 60 * MINUTE);
    let signing_in = agent.signing_in(config());
    assert!(agent.allow(0).await.request.locked, "keys are kept for 14 days");
    signing_in.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_can_be_revoked() {
    let agent = TestAgent::start().await;
    let client = agent.approved(config()).await;
    let grant = agent.grants().await[0].id;
    let control = agent.control().await;
    let ended: usize = control.send(Kind::Revoke, &Revoke { grant: Some(grant) }).await.unwrap();
    assert_eq!(ended, 1);
    let calling = tokio::spawn(async move { vaults(&client).await });
    agent.deny().await;
    assert_eq!(calling.await.unwrap(), Err("AuthorizationDenied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_approved_one_by_one() {
    let agent = TestAgent::start().await;
    let other = TestAccount::create().await;
    save(agent.folder.path(), &[("Acme", &agent.account), ("Other", &other)]);
    other.login("Theirs", "x").await;
    let acme = agent.approved(config()).await;
    let signing_in = agent.signing_in(with(json!({"accountName": "other"})));
    let shown = agent.allow(0).await;
    assert_eq!((shown.request.account.name.as_str(), shown.request.locked), ("Other", true));
    let theirs = signing_in.await.unwrap().unwrap();
    let list = json!({"vault_id": other.vault_id, "filters": []});
    assert_eq!(call(&theirs, "ItemsList", list.clone()).await.unwrap()[0]["title"], "Theirs");
    assert!(call(&acme, "ItemsList", list).await.is_err());
    for (name, expected) in [("nobody", "no account named"), ("owner@example.com", "several saved accounts fit")] {
        let error = agent.sign_in(with(json!({"accountName": name}))).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        assert!(error.message().contains(expected) && error.message().contains("Acme, Other"), "{error}");
    }
    for name in [agent.account.server.url.as_str(), "id-of-acme"] {
        let named = agent.sign_in(with(json!({"accountName": name}))).await.unwrap();
        vaults(&named).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_approves_nothing() {
    let agent = TestAgent::start().await;
    let signing_in = agent.signing_in(config());
    let prompt = agent.prompt().await.request.id;
    for _ in 0..5 {
        assert_eq!(agent.answer(prompt, Some(0), "wrong").await, Answered::WrongPassword);
    }
    let Answered::Unchecked { reason } = agent.answer(prompt, Some(0), PASSWORD).await else {
        panic!("the right password has to wait after five wrong ones")
    };
    assert!(reason.contains("too often"), "{reason}");
    agent.clock.pass(MINUTE);
    assert_eq!(agent.answer(prompt, Some(0), PASSWORD).await, Answered::Taken);
    signing_in.await.unwrap().unwrap();
    assert_eq!(agent.log().await.iter().filter(|entry| entry.event == "wrong password").count(), 5);
}
