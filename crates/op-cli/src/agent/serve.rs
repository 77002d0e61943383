//! `opwire agent`: the agent itself.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use op_agent::{
    Agent, Settings,
    client::AgentControl,
    harden, path,
    prompts::{self, Proof},
};
use tokio::signal::unix::{SignalKind, signal};

use super::approve;
use crate::{out, sign_in};

#[derive(clap::Args)]
pub(crate) struct ServeOptions {
    /// Ask in this terminal too
    #[arg(long)]
    foreground: bool,
    /// How you prove that it is you who approves: by your account password or as the system proves it, or by a button,
    /// which other programs of yours can press too
    #[arg(long, value_enum, default_value_t = Approval::Password)]
    approve: Approval,
    /// How to ask. Any terminal with `opwire agent approve` can answer in addition
    #[arg(long, value_enum, default_value_t = Prompt::Auto)]
    prompt: Prompt,
}

#[derive(Clone, Copy, ValueEnum)]
enum Approval {
    Password,
    Click,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Prompt {
    /// By the first of the others that works
    Auto,
    /// Only in terminals
    Terminal,
    /// By a page in the browser
    Page,
    /// By a graphical pinentry
    Pinentry,
    /// By polkit
    Polkit,
}

pub(crate) async fn run(arguments: ServeOptions) -> Result<()> {
    harden()?;
    let socket = path::socket().context("cannot find your home folder: set OPWIRE_AGENT_SOCKET")?;
    let mut settings = Settings::new(socket.clone(), sign_in::host()?);
    settings.prompts = chosen(arguments.prompt)?;
    settings.proof = match arguments.approve {
        Approval::Password => Proof::Password,
        Approval::Click => Proof::Click,
    };
    let listening = Agent::listen(settings)?;
    out::note(&format!("The agent listens on {}", socket.display()));
    let agent = listening.agent();
    let serving = listening.serve(ended());
    if !arguments.foreground {
        serving.await;
        return Ok(());
    }
    let asking = async { approve::run(&AgentControl::connect_to(&socket).await?, false).await };
    let serving = tokio::spawn(serving);
    let asked = tokio::select! {
        asked = asking => asked,
        _ = serving => Ok(()),
    };
    agent.lock_all(false, "ended");
    asked
}

/// Returns the prompts of this choice.
fn chosen(prompt: Prompt) -> Result<Vec<std::sync::Arc<dyn prompts::Prompt>>> {
    let all = prompts::all();
    let name = match prompt {
        Prompt::Auto => return Ok(all),
        Prompt::Terminal => return Ok(Vec::new()),
        Prompt::Page => "page",
        Prompt::Pinentry => "pinentry",
        Prompt::Polkit => "polkit",
    };
    let chosen: Vec<_> = all.into_iter().filter(|prompt| prompt.name() == name).collect();
    if chosen.is_empty() { bail!("this version cannot ask by {name}") } else { Ok(chosen) }
}

/// Waits for the signals that end services.
async fn ended() {
    let signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = signals else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}
