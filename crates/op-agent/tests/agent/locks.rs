//! Locking and unlocking.

use std::time::Duration;

use op_agent::{control::Unlock, wire::Kind};
use op_core::ErrorKind;
use op_testkit::account::PASSWORD;
use zeroize::Zeroizing;

use crate::support::{TestAgent, config, vaults};

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_approvals_and_forgets_the_keys() {
    let agent = TestAgent::start().await;
    for (keep_keys, locked) in [(true, false), (false, true)] {
        let client = agent.approved(config()).await;
        agent.lock(keep_keys).await;
        assert_eq!(agent.grants().await.len(), 0);
        let calling = tokio::spawn(async move { vaults(&client).await });
        assert_eq!(agent.allow(0).await.request.locked, locked);
        assert_eq!(calling.await.unwrap().unwrap().len(), 2);
        agent.lock(false).await;
        // A program gets three prompts a minute.
        agent.clock.pass(Duration::from_secs(60));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unlocking_needs_the_password_and_approves_nothing() {
    let agent = TestAgent::start().await;
    let unlock = async |password: &str| {
        let unlock = Unlock { account: None, password: Zeroizing::new(password.to_owned()) };
        agent.control().await.send::<()>(Kind::Unlock, &unlock).await
    };
    assert_eq!(unlock("wrong").await.unwrap_err().kind(), ErrorKind::Auth);
    unlock(PASSWORD).await.unwrap();
    let signing_in = agent.signing_in(config());
    let shown = agent.prompt().await;
    assert!(!shown.request.locked);
    agent.deny().await;
    assert_eq!(signing_in.await.unwrap().err().unwrap().kind(), ErrorKind::AuthorizationDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_locks_the_account() {
    let agent = TestAgent::start().await;
    let client = agent.approved(config()).await;
    vaults(&client).await.unwrap();
    op_core::admin::change_password(&agent.account.owner, "another password of the tests").await.unwrap();
    // The session has ended with the password, and the keys are refused.
    let calling = tokio::spawn(async move { vaults(&client).await });
    let shown = agent.prompt().await;
    assert!(shown.request.locked);
    let right = agent.answer(shown.request.id, Some(0), "another password of the tests").await;
    assert_eq!(right, op_agent::control::Answered::Taken);
    assert_eq!(calling.await.unwrap().unwrap().len(), 2);
}
