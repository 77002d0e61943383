//! `opwire agent setup`: systemd starts the agent when a program connects.

use std::{env, fs, path::PathBuf, process};

use anyhow::{Context, Result, bail};
use op_agent::{folders, prompts::polkit};

use crate::out;

const SOCKET: &str = "\
[Unit]
Description=Socket of the opwire agent

[Socket]
ListenStream=%t/opwire/agent.sock
SocketMode=0600
DirectoryMode=0700

[Install]
WantedBy=sockets.target
";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print the units instead of installing them
    #[arg(long)]
    print: bool,
    /// Let polkit ask this user instead, given by their number. Needs root; with sudo, it is who runs sudo
    #[arg(long, value_name = "UID", conflicts_with = "print")]
    polkit: Option<u32>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if let Some(user) = arguments.polkit.or_else(polkit::user_behind_root) {
        let file = polkit::install(user)?;
        return out::line(&format!("polkit now asks the user {user} about programs: {}", file.display()));
    }
    let units = [("opwire-agent.socket", SOCKET.to_owned()), ("opwire-agent.service", service()?)];
    if arguments.print {
        for (name, text) in units {
            out::page(&format!("# {name}\n{text}\n"))?;
        }
        return Ok(());
    }
    let folder = folder()?;
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for (name, text) in units {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    systemctl(&["daemon-reload"])?;
    systemctl(&["enable", "--now", "opwire-agent.socket"])?;
    out::line("The agent starts when a program asks for it. To approve as you approve for the system, by polkit, run")?;
    out::line("sudo opwire agent setup")
}

fn service() -> Result<String> {
    let program = env::current_exe().context("cannot find this program")?;
    // systemd reads % and $ in the command line.
    let program = program.display().to_string().replace('%', "%%").replace('$', "$$");
    Ok(format!(
        "\
[Unit]
Description=The opwire agent, which asks before programs use an account
Requires=opwire-agent.socket

[Service]
ExecStart=\"{program}\" agent
LimitCORE=0
"
    ))
}

fn folder() -> Result<PathBuf> {
    Ok(folders::config().context("cannot find your home folder")?.join("systemd/user"))
}

fn systemctl(arguments: &[&str]) -> Result<()> {
    let status = process::Command::new("systemctl").arg("--user").args(arguments).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => bail!("systemctl --user {} failed: {status}", arguments.join(" ")),
        Err(error) => Err(error).context("systemd does not run here: start `opwire agent` yourself"),
    }
}
