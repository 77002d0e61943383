//! The `opwire` command.

mod account;
mod dev;
mod inject;
mod item;
mod profile;
mod read;
mod run;
mod server;
mod service_account;
mod sign_in;
mod vault;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Secrets by reference, and the account server that keeps them.
///
/// With a service account token in OP_SERVICE_ACCOUNT_TOKEN, commands that read and write items act for that service
/// account; without one, for the person whose account is saved on this machine.
#[derive(Parser)]
#[command(name = "opwire", version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run an account server
    #[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
    Server(server::Arguments),
    /// Create accounts, and list those saved on this machine
    #[command(subcommand)]
    Account(account::Command),
    /// Create service accounts
    #[command(subcommand)]
    ServiceAccount(service_account::Command),
    /// Create and list vaults
    #[command(subcommand)]
    Vault(vault::Command),
    /// Create, list and show items
    #[command(subcommand)]
    Item(item::Command),
    /// Print the secret that a reference points to
    Read(read::Arguments),
    /// Run a command with the secrets that its environment refers to
    ///
    /// Variables that are references, such as PASSWORD=op://vault/item/field, stand for their secrets: those of this
    /// environment, and those of the files given. If one does not resolve, nothing is run.
    Run(run::Arguments),
    /// Fill the references in a template with their secrets
    Inject(inject::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("opwire: the async runtime did not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("opwire: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Server(arguments) => server::run(arguments).await,
        Command::Account(command) => account::run(command).await,
        Command::ServiceAccount(command) => service_account::run(command).await,
        Command::Vault(command) => vault::run(command).await,
        Command::Item(command) => item::run(command).await,
        Command::Read(arguments) => read::run(arguments).await,
        Command::Run(arguments) => run::run(arguments).await,
        Command::Inject(arguments) => inject::run(arguments).await,
    }
}
