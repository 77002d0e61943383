//! `opwire agent`.

mod approve;
mod exec;
mod library;
mod serve;
mod setup;

use anyhow::Result;
use clap::{Args, Subcommand};
use op_agent::{
    client::AgentControl,
    control::{Entry, GrantStatus, Lock, Log, Revoke, Status, Unlock},
    profiles::Profiles,
    wire::Kind,
};

use crate::{
    out,
    sign_in::{self, AccountChoice},
};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeOptions,
}

#[derive(Subcommand)]
enum Command {
    /// Show the accounts of the agent, and how it asks
    Status,
    /// Forget the keys, and end what was approved
    ///
    /// Example: opwire agent lock
    Lock {
        /// Account to lock; all if not given
        account: Option<String>,
        /// Keep the keys, so that only the approvals end
        #[arg(long)]
        keep_keys: bool,
    },
    /// Unlock an account with its password
    Unlock(AccountChoice),
    /// Answer the agent's questions in this terminal
    ///
    /// Waits for programs that ask, and shows each question here. Works in any terminal of yours, also over ssh.
    Approve {
        /// Allow every program, with the password in OPWIRE_PASSWORD. For tests and automation
        #[arg(long)]
        all: bool,
    },
    /// List what was approved: id, account, program, for whom, and for how many more seconds
    Sessions,
    /// End what was approved
    ///
    /// Example: opwire agent revoke 3
    Revoke {
        /// Id of the approval, from `opwire agent sessions`
        #[arg(required_unless_present = "all")]
        approval: Option<u64>,
        /// End all of them
        #[arg(long, conflicts_with = "approval")]
        all: bool,
    },
    /// Show what the agent decided
    Log {
        /// Number of entries
        #[arg(long, default_value_t = 50, value_name = "N")]
        last: usize,
    },
    /// Have systemd start the agent when a program asks for it
    ///
    /// Writes user units and starts the socket. As root, by sudo, it lets polkit ask you instead.
    Setup(setup::Arguments),
    /// Have programs with the public SDKs ask the agent, for all users of this machine. Needs root
    ///
    /// Installs a library where those programs look for the desktop app's. One that is not opwire's is left alone.
    ///
    /// Example: sudo opwire agent install-library
    InstallLibrary(library::Arguments),
    /// Run a program with a public SDK, which then asks the agent. Does not need root
    ///
    /// Example: opwire agent exec -- python3 deploy.py
    Exec(exec::Arguments),
}

impl Arguments {
    /// Runs `exec`, which must be the only thread. Returns `None` for all other commands.
    pub(crate) fn exec(&self) -> Option<Result<()>> {
        match &self.command {
            Some(Command::Exec(arguments)) => Some(exec::run(arguments)),
            _ => None,
        }
    }
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        None => serve::run(arguments.serve).await,
        Some(Command::Status) => status().await,
        Some(Command::Lock { account, keep_keys }) => lock(account, keep_keys).await,
        Some(Command::Unlock(account)) => unlock(&account).await,
        Some(Command::Approve { all }) => approve::run(&AgentControl::connect().await?, all).await,
        Some(Command::Sessions) => sessions().await,
        Some(Command::Revoke { approval, .. }) => revoke(approval).await,
        Some(Command::Log { last }) => log(last).await,
        Some(Command::Setup(arguments)) => setup::run(&arguments),
        Some(Command::InstallLibrary(arguments)) => library::run(&arguments),
        Some(Command::Exec(arguments)) => exec::run(&arguments),
    }
}

async fn status() -> Result<()> {
    let status: Status = AgentControl::connect().await?.send(Kind::Status, &()).await?;
    out::line(&format!(
        "Agent {} (process {}). Approvals: {}. Asks by: {}.",
        status.version,
        status.pid,
        status.grants,
        status.prompts.join(", ")
    ))?;
    for each in status.accounts {
        let state = match each.locks_in {
            Some(seconds) => format!("unlocked for {}", time(seconds)),
            None => "locked".to_owned(),
        };
        out::row(&[&each.account.name, &each.account.email, &each.account.address, &state])?;
    }
    Ok(())
}

/// Locks an account, or all.
pub(crate) async fn lock(account: Option<String>, keep_keys: bool) -> Result<()> {
    let () = AgentControl::connect().await?.send(Kind::Lock, &Lock { account, keep_keys }).await?;
    Ok(())
}

/// Unlocks an account with its password, which is asked for.
pub(crate) async fn unlock(account: &AccountChoice) -> Result<()> {
    let profile = Profiles::load()?.choose(account.name())?;
    let agent = AgentControl::connect().await?;
    let password = sign_in::password_of(&profile)?;
    let () = agent.send(Kind::Unlock, &Unlock { account: Some(profile.name.clone()), password }).await?;
    out::line(&format!("The agent has unlocked {}.", profile.name))
}

/// Prints whose account commands use: its name, e-mail address and server, and whether the agent has unlocked it.
pub(crate) async fn whoami(choice: &AccountChoice) -> Result<()> {
    let profile = Profiles::load()?.choose(choice.name())?;
    let state = match AgentControl::connect().await {
        Err(_) => "no agent".to_owned(),
        Ok(agent) => {
            let Status { accounts, .. } = agent.send(Kind::Status, &()).await?;
            let user =
                accounts.into_iter().find(|each| each.account.name == profile.name).and_then(|each| each.user_id);
            user.unwrap_or_else(|| "locked".to_owned())
        }
    };
    out::row(&[&profile.name, &profile.email, &profile.address, &state])
}

async fn sessions() -> Result<()> {
    let grants: Vec<GrantStatus> = AgentControl::connect().await?.send(Kind::Sessions, &()).await?;
    for grant in grants {
        let program = grant.program.process.executable.map(|file| file.display().to_string());
        let program = program.unwrap_or(grant.program.process.name);
        let ends = format!("{} s", grant.ends_in);
        out::row(&[&grant.id.to_string(), &grant.account.name, &program, &grant.integration, &grant.holder, &ends])?;
    }
    Ok(())
}

async fn revoke(grant: Option<u64>) -> Result<()> {
    let ended: usize = AgentControl::connect().await?.send(Kind::Revoke, &Revoke { grant }).await?;
    out::line(&format!("Approvals ended: {ended}."))
}

async fn log(last: usize) -> Result<()> {
    let entries: Vec<Entry> = AgentControl::connect().await?.send(Kind::Log, &Log { last }).await?;
    for entry in entries {
        let text = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let pid = entry.pid.map(|pid| pid.to_string());
        let (account, program) = (text(entry.account), text(entry.program));
        let (integration, detail) = (text(entry.integration), text(entry.detail));
        out::row(&[&entry.time.to_string(), &entry.event, &account, &program, &text(pid), &integration, &detail])?;
    }
    Ok(())
}

fn time(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
