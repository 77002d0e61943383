//! `opwire run`.

use std::{collections::BTreeMap, env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};
use clap::Args;
use op_core::{
    methods::{SecretsResolveEnv, SecretsResolveVariables},
    types::ResolveEnvResponse,
};
use zeroize::Zeroizing;

use crate::{
    account::SETUP_TOKEN_VARIABLE,
    caller::Caller,
    join::INVITATION_VARIABLE,
    sign_in::{self, AccountChoice, NEW_PASSWORD_VARIABLE, PASSWORD_VARIABLE, TOKEN_VARIABLE},
};

/// The variables with which this command itself, or another of its subcommands, proves who calls it. They open far more
/// than the command that is run was given.
const CREDENTIALS: [&str; 5] =
    [TOKEN_VARIABLE, PASSWORD_VARIABLE, NEW_PASSWORD_VARIABLE, SETUP_TOKEN_VARIABLE, INVITATION_VARIABLE];

#[derive(Args)]
pub(crate) struct Arguments {
    /// File of NAME=value lines, whose values may be references; repeat the option for more files
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Leave OP_SERVICE_ACCOUNT_TOKEN, OPWIRE_PASSWORD and other secrets of opwire's own in the command's environment.
    /// A command that reads secrets itself needs them
    #[arg(long)]
    keep_credentials: bool,
    #[command(flatten)]
    account: AccountChoice,
    /// Command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let files = arguments.env_file.iter().map(read).collect::<Result<Vec<_>>>()?;
    let client = sign_in::account(&arguments.account).await?;
    let mut resolved = vec![inherited(&client).await?];
    for (file, text) in arguments.env_file.iter().zip(files) {
        let known =
            env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let resolve = SecretsResolveEnv { env: text.to_string(), known: Some(known.collect()) };
        resolved.push(client.call(resolve).await.with_context(|| file.display().to_string())?);
    }
    drop(client);
    // The command replaces this process, so the sessions end here.
    sign_in::sign_out().await;
    let problems: Vec<_> = resolved.iter().flat_map(|each| &each.errors).collect();
    if !problems.is_empty() {
        let list = problems.iter().map(|(name, error)| format!("\n  {name}: {error}"));
        bail!("the command was not run, because these variables cannot be resolved:{}", list.collect::<String>());
    }
    let Some((program, rest)) = arguments.command.split_first() else { bail!("no command was given") };
    let mut command = Command::new(program);
    command.args(rest);
    if !arguments.keep_credentials {
        for name in CREDENTIALS {
            command.env_remove(name);
        }
    }
    // After that: what a file sets on purpose is the command's.
    command.envs(resolved.iter().flat_map(|each| &each.variables));
    replace(&mut command).with_context(|| program.clone())
}

/// Resolves the variables of this process whose values are references.
async fn inherited(client: &impl Caller) -> Result<ResolveEnvResponse> {
    let references: BTreeMap<String, String> = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(_, value)| value.starts_with("op://"))
        .collect();
    Ok(client.call(SecretsResolveVariables { references }).await?)
}

fn read(file: &PathBuf) -> Result<Zeroizing<String>> {
    fs::read_to_string(file).map(Zeroizing::new).with_context(|| file.display().to_string())
}

/// Replaces this process by the command, which then receives signals and has the terminal directly.
#[cfg(unix)]
fn replace(command: &mut Command) -> Result<()> {
    Err(std::os::unix::process::CommandExt::exec(command).into())
}

/// Runs the command, and exits with its exit code.
#[cfg(not(unix))]
fn replace(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1))
}
