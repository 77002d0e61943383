//! The `opwire` command.

// All that is printed goes through `out`, which handles closed pipes, full disks and control characters.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod account;
mod ask;
mod audit;
mod dev;
mod document;
mod dotenv;
mod emergency_kit;
mod env;
mod find;
mod grant;
mod group;
mod inject;
mod item;
mod join;
mod op_template;
mod out;
mod profile;
mod read;
mod run;
mod server;
mod service_account;
mod session;
mod sign_in;
mod user;
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
    /// Create and save accounts, change the password, print the emergency kit
    #[command(subcommand)]
    Account(account::Command),
    /// Join an account that you were invited to, or get back into yours with a new password and Secret Key
    Join(join::Arguments),
    /// Invite, confirm, suspend, recover and list people
    #[command(subcommand)]
    User(user::Command),
    /// Make groups, choose their members, and what they may do in vaults
    #[command(subcommand)]
    Group(group::Command),
    /// Create, list, rotate and revoke service accounts
    #[command(subcommand)]
    ServiceAccount(service_account::Command),
    /// Create, list and delete vaults, and give them new keys
    #[command(subcommand)]
    Vault(vault::Command),
    /// Create, list and show items
    #[command(subcommand)]
    Item(item::Command),
    /// Store files as Documents, and get them back
    #[command(subcommand)]
    Document(document::Command),
    /// Create, fill, import and export Environments: sets of variables for programs
    #[command(subcommand)]
    Env(env::Command),
    /// List and end your sessions
    #[command(subcommand, alias = "sessions")]
    Session(session::Command),
    /// Show who did what in the account
    Audit(audit::Arguments),
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
            out::note(&format!("opwire: the async runtime did not start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        let result = run(arguments.command).await;
        sign_in::sign_out().await;
        result
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // What a shell reports of a program that the closed pipe ended.
        Err(error) if error.is::<out::Closed>() => ExitCode::from(141),
        Err(error) => {
            out::report(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Server(arguments) => server::run(arguments).await,
        Command::Account(command) => account::run(command).await,
        Command::Join(arguments) => join::run(arguments).await,
        Command::User(command) => user::run(command).await,
        Command::Group(command) => group::run(command).await,
        Command::ServiceAccount(command) => service_account::run(command).await,
        Command::Vault(command) => vault::run(command).await,
        Command::Item(command) => item::run(command).await,
        Command::Document(command) => document::run(command).await,
        Command::Env(command) => env::run(command).await,
        Command::Session(command) => session::run(command).await,
        Command::Audit(arguments) => audit::run(arguments).await,
        Command::Read(arguments) => read::run(arguments).await,
        Command::Run(arguments) => run::run(arguments).await,
        Command::Inject(arguments) => inject::run(arguments).await,
    }
}
