//! Programs that ask too often, and prompts that nobody needs any more.

use std::{io::Write as _, process::Stdio, time::Duration};

use op_agent::control::{Answered, Pending, Shown};
use op_agent::{Limits, wire::Kind};
use op_core::ErrorKind;
use op_testkit::account::PASSWORD;
use serde_json::json;
use tokio::{task::spawn_blocking, time::timeout};

use crate::support::{TestAgent, config, lines, with};

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_one_process_share_a_prompt() {
    let agent = TestAgent::start().await;
    let all: Vec<_> = (0..20).map(|_| agent.signing_in(config())).collect();
    let first = agent.allow(0).await.request.id;
    for signing_in in all {
        signing_in.await.unwrap().unwrap();
    }
    let control = agent.control().await;
    let pending = Pending { after: first };
    let next = control.send::<Shown>(Kind::Pending, &pending);
    assert!(timeout(Duration::from_millis(300), next).await.is_err(), "there is no second prompt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_program_is_refused_without_a_prompt_for_a_while() {
    let agent = TestAgent::start().await;
    let signing_in = agent.signing_in(config());
    agent.deny().await;
    assert_eq!(signing_in.await.unwrap().err().unwrap().kind(), ErrorKind::AuthorizationDenied);
    let error = agent.sign_in(config()).await.err().unwrap();
    assert!(error.message().contains("denied a moment ago"), "{error}");
    assert!(!error.retryable());
    agent.clock.pass(Duration::from_secs(61));
    agent.approved(config()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_three_prompts_a_minute() {
    let agent = TestAgent::start().await;
    for _ in 0..3 {
        let error = agent.sign_in(with(json!({"timeoutMs": 100}))).await.err().unwrap();
        assert!(error.message().contains("before the caller's deadline"), "{error}");
    }
    let error = agent.sign_in(config()).await.err().unwrap();
    assert!(error.message().contains("too often within a minute"), "{error}");
    agent.clock.pass(Duration::from_secs(61));
    agent.approved(config()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_ends_by_itself() {
    let limits = Limits { prompt: Duration::from_millis(900), ..Limits::default() };
    let agent = TestAgent::start_with(|settings| settings.limits = limits).await;
    let error = agent.sign_in(config()).await.err().unwrap();
    assert!(error.message().contains("nobody answered") && error.message().contains("opwire agent approve"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_goes_with_its_program() {
    let agent = TestAgent::start().await;
    let mut program = agent.program(&config()).spawn().unwrap();
    let prompt = agent.prompt().await.request.id;
    program.kill().unwrap();
    program.wait().unwrap();
    is_withdrawn(&agent, prompt).await;
    // Other programs are asked about at once.
    agent.approved(config()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_goes_with_its_program_though_a_child_keeps_the_socket() {
    let agent = TestAgent::start().await;
    let mut command = agent.program(&config());
    let mut program = command.arg("leave").stdin(Stdio::piped()).spawn().unwrap();
    let prompt = agent.prompt().await.request.id;
    program.stdin.take().unwrap().write_all(b"\n").unwrap();
    // Its child ends after it.
    let output = spawn_blocking(|| program.wait_with_output().unwrap()).await.unwrap();
    is_withdrawn(&agent, prompt).await;
    let lines = lines(&output.stdout);
    assert!(lines.iter().all(|(ok, text)| !ok && text.contains("has ended")), "{lines:?}");
}

/// Fails if somebody can still answer the prompt.
async fn is_withdrawn(agent: &TestAgent, prompt: u64) {
    let over = async {
        while agent.answer(prompt, Some(0), PASSWORD).await != Answered::Over {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), over).await.expect("the prompt is withdrawn");
    assert_eq!(agent.grants().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_at_once_is_not_taken() {
    let agent = TestAgent::start().await;
    let signing_in = agent.signing_in(config());
    let prompt = agent.prompt().await.request.id;
    let answer = json!({"prompt": prompt, "allow": 0, "password": PASSWORD});
    let answered: Answered = agent.control().await.send(Kind::Answer, &answer).await.unwrap();
    assert_eq!(answered, Answered::TooSoon);
    agent.allow(0).await;
    signing_in.await.unwrap().unwrap();
}
