//! The `opwire` command.

// Everything is printed through `out`, which handles closed pipes, full disks and control characters.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod account;
#[cfg(target_os = "linux")]
mod agent;
mod ask;
mod audit;
mod caller;
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
mod log;
mod op_template;
mod out;
mod read;
mod run;
mod server;
mod service_account;
mod session;
mod share;
mod sign_in;
mod user;
mod vault;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Read secrets by reference, and run the account server that stores them
///
/// If OP_SERVICE_ACCOUNT_TOKEN contains a token, commands that read and write items act as that service account.
/// Otherwise they act as the person whose account is saved on this machine, by their agent if it runs.
///
/// Example: opwire read op://Development/Database/password
#[derive(Parser)]
#[command(name = "opwire", version, propagate_version = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run an account server, back it up or restore it
    ///
    /// Example: opwire server --listen 127.0.0.1:8451 --data-dir /var/lib/opwire
    #[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = true)]
    Server(Box<server::Arguments>),
    /// Create accounts, save them on this machine, change your password, write your emergency kit
    #[command(subcommand)]
    Account(account::Command),
    /// Ask you before programs use your account, and make their calls, so that they never have your keys
    ///
    /// Keeps running. Without a desktop, answer the questions by `opwire agent approve` in another terminal.
    ///
    /// Example: opwire agent --foreground
    #[cfg(target_os = "linux")]
    Agent(agent::Arguments),
    /// Unlock an account in the agent with your password
    #[cfg(target_os = "linux")]
    Signin(sign_in::AccountChoice),
    /// Print which saved account commands use, and your id in it if the agent has unlocked it
    #[cfg(target_os = "linux")]
    Whoami(sign_in::AccountChoice),
    /// Lock an account in the agent
    #[cfg(target_os = "linux")]
    Signout(sign_in::AccountChoice),
    /// Accept an invitation to join an account, or to recover access to yours
    ///
    /// Asks for the invitation and for a new password, creates a new Secret Key, and saves the account on this machine.
    /// An administrator then confirms you with `opwire user confirm`.
    ///
    /// Example: opwire join --emergency-kit kit.html
    Join(join::Arguments),
    /// Invite, confirm, suspend, recover and list people
    #[command(subcommand)]
    User(user::Command),
    /// Create groups, and manage their members and their access to vaults
    #[command(subcommand)]
    Group(group::Command),
    /// Create, list, rotate and revoke service accounts
    #[command(subcommand)]
    ServiceAccount(service_account::Command),
    /// Create, list and delete vaults, and replace their keys
    #[command(subcommand)]
    Vault(vault::Command),
    /// Create, list and show items
    #[command(subcommand)]
    Item(item::Command),
    /// Share items by links, and open such links
    #[command(subcommand)]
    Share(share::Command),
    /// Store files as Documents, and read them back
    #[command(subcommand)]
    Document(document::Command),
    /// Manage Environments, which are sets of variables for programs
    #[command(subcommand)]
    Env(env::Command),
    /// List your sessions, and end them
    #[command(subcommand, alias = "sessions")]
    Session(session::Command),
    /// Show the account's audit log
    ///
    /// Example: opwire audit --limit 50
    Audit(audit::Arguments),
    /// Print the secret that a reference points to
    ///
    /// Example: opwire read op://Development/Database/password
    Read(read::Arguments),
    /// Run a command with secrets in its environment
    ///
    /// Variables whose value is a reference, such as PASSWORD=op://vault/item/field, get the secret as their value.
    /// They are taken from the current environment and from the files given with --env-file. If a reference cannot be
    /// resolved, the command is not run.
    ///
    /// Example: opwire run --env-file .env -- ./server --port 8080
    Run(run::Arguments),
    /// Replace the references in a template with their secrets
    ///
    /// Example: opwire inject -i config.template -o config
    Inject(inject::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Before the runtime, which starts threads.
    #[cfg(target_os = "linux")]
    if let Command::Agent(agent) = &arguments.command
        && let Some(result) = agent.exec()
    {
        return ended(result);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out::note(&format!("opwire: cannot start the async runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        let result = run(arguments.command).await;
        sign_in::sign_out().await;
        result
    });
    ended(result)
}

fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The exit code that shells report for a program killed by SIGPIPE.
        Err(error) if error.is::<out::Closed>() => ExitCode::from(141),
        Err(error) => {
            out::report(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Server(arguments) => server::run(*arguments).await,
        Command::Account(command) => account::run(command).await,
        #[cfg(target_os = "linux")]
        Command::Agent(arguments) => agent::run(arguments).await,
        #[cfg(target_os = "linux")]
        Command::Signin(account) => agent::unlock(&account).await,
        #[cfg(target_os = "linux")]
        Command::Whoami(account) => agent::whoami(&account).await,
        #[cfg(target_os = "linux")]
        Command::Signout(account) => agent::lock(account.name().map(str::to_owned), false).await,
        Command::Join(arguments) => join::run(arguments).await,
        Command::User(command) => user::run(command).await,
        Command::Group(command) => group::run(command).await,
        Command::ServiceAccount(command) => service_account::run(command).await,
        Command::Vault(command) => vault::run(command).await,
        Command::Item(command) => item::run(command).await,
        Command::Share(command) => share::run(command).await,
        Command::Document(command) => document::run(command).await,
        Command::Env(command) => env::run(command).await,
        Command::Session(command) => session::run(command).await,
        Command::Audit(arguments) => audit::run(arguments).await,
        Command::Read(arguments) => read::run(arguments).await,
        Command::Run(arguments) => run::run(arguments).await,
        Command::Inject(arguments) => inject::run(arguments).await,
    }
}
