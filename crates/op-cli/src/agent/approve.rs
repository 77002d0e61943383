//! `opwire agent approve`: the agent's questions in a terminal.

use anyhow::{Result, bail};
use op_agent::{
    client::AgentControl,
    control::{Answer, Answered, Pending, Shown},
    prompts::{DEAD_TIME, Proof, discard_typed_input},
    wire::Kind,
};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::{
    ask,
    out::{self, escape},
    sign_in,
};

/// Answers questions until the agent ends. With `all`, allows every program.
pub(crate) async fn run(agent: &AgentControl, all: bool) -> Result<()> {
    let password = sign_in::from_environment(sign_in::PASSWORD_VARIABLE);
    if all && password.is_none() {
        bail!("--all needs the password of the account in {}", sign_in::PASSWORD_VARIABLE);
    }
    out::note("Waiting for programs that ask. Ctrl-C ends this.");
    let mut after = 0;
    loop {
        let shown: Shown = agent.send(Kind::Pending, &Pending { after }).await?;
        after = shown.request.id;
        out::page(&shown.text)?;
        // What was typed before the question appeared must not answer it, and the agent takes no answer so soon.
        tokio::time::sleep(DEAD_TIME).await;
        if all {
            let answered = send(agent, after, Some(0), password.clone()).await?;
            out::line(&outcome(&answered, true))?;
        } else {
            answer(agent, shown).await?;
        }
    }
}

/// Asks the person until their answer is taken, or the question has ended.
async fn answer(agent: &AgentControl, shown: Shown) -> Result<()> {
    let prompt = shown.request.id;
    let needs_password = shown.request.locked || shown.request.proof == Proof::Password;
    loop {
        let (choices, email) = (shown.choices.clone(), shown.request.account.email.clone());
        let typed = spawn_blocking(move || asked(&choices, &email, needs_password)).await??;
        let (allow, password) = typed.map_or((None, None), |(choice, password)| (Some(choice), password));
        let answered = send(agent, prompt, allow, password).await?;
        out::line(&outcome(&answered, allow.is_some()))?;
        if matches!(answered, Answered::Taken | Answered::Over) {
            return Ok(());
        }
    }
}

/// Returns the choice and the password that were typed; `None` to deny.
fn asked(choices: &[String], email: &str, needs_password: bool) -> Result<Option<(usize, Option<Zeroizing<String>>)>> {
    let mut text = "\nAllow for:\n".to_owned();
    for (number, choice) in choices.iter().enumerate() {
        text += &format!("  {}  {}\n", number + 1, escape(choice));
    }
    out::page(&text)?;
    discard_typed_input();
    let Some(line) = ask::line("Number, or Enter to deny: ")? else { bail!("standard input has ended") };
    let choice = line.parse().ok().and_then(|number: usize| number.checked_sub(1)).filter(|at| *at < choices.len());
    let Some(choice) = choice else { return Ok(None) };
    if !needs_password {
        return Ok(Some((choice, None)));
    }
    let password = Zeroizing::new(rpassword::prompt_password(format!("Password of {}: ", escape(email)))?);
    Ok((!password.is_empty()).then_some((choice, Some(password))))
}

async fn send(
    agent: &AgentControl,
    prompt: u64,
    allow: Option<usize>,
    password: Option<Zeroizing<String>>,
) -> Result<Answered> {
    Ok(agent.send(Kind::Answer, &Answer { prompt, allow, password }).await?)
}

fn outcome(answered: &Answered, allowed: bool) -> String {
    match answered {
        Answered::Taken if allowed => "Allowed.".to_owned(),
        Answered::Taken => "Denied.".to_owned(),
        Answered::Over => "The question has ended: it was answered elsewhere, or the program gave up.".to_owned(),
        Answered::TooSoon => "That was too soon after the question appeared.".to_owned(),
        Answered::WrongPassword => "The password is wrong.".to_owned(),
        Answered::Unchecked { reason } => format!("The password could not be checked: {reason}."),
    }
}
