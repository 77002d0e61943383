//! `opwire share`.

mod create;
mod expiry;
mod files;
mod open;
mod policy;
mod qr;
mod records;
mod shown;

use anyhow::Result;
use clap::Subcommand;

/// The password of a share, for those who make it and for those who open it.
const PASSWORD_VARIABLE: &str = "OPWIRE_SHARE_PASSWORD";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Share a copy of an item, and print the link that opens it
    ///
    /// The link opens the item in any browser, or with `opwire share open`, without an account. Send it yourself. Who
    /// may open it, until when and how often is printed on standard error, so that standard output is the link alone.
    ///
    /// Example: opwire share create Database --vault Development --to ada@example.com --expires 1d --once
    Create(create::Arguments),
    /// List shares: id, title, state, who may open each, views, and when it expires
    ///
    /// Those that have ended are listed for 90 days.
    ///
    /// Example: opwire share list --vault Development --item Database
    List(records::List),
    /// Show a share: its link, who may open it, and who viewed it, when and from where
    ///
    /// Example: opwire share show ycn3fdvl4dxsbvcmmxvfm6qmsi
    Show(records::Show),
    /// Revoke a share: nobody can open its link any more
    ///
    /// Those who have viewed the item may have kept it: change the passwords in it if they must not have them.
    ///
    /// Example: opwire share revoke ycn3fdvl4dxsbvcmmxvfm6qmsi
    Revoke(records::Choice),
    /// Open the link of a share, which needs no account
    ///
    /// Other users of this machine can see arguments, and the shell keeps them in its history: pass - as the link, and
    /// paste it when the command asks for it. If the share is for certain people, the command asks for the code that is
    /// sent to your e-mail address. The password, if there is one, is taken from OPWIRE_SHARE_PASSWORD or asked for.
    /// Without a terminal, the link and the code are lines of standard input.
    ///
    /// Example: opwire share open - --save-files downloads
    Open(open::Arguments),
    /// Show what may be shared, with whom and for how long, or change it
    ///
    /// Example: opwire share policy --vault Development
    #[command(args_conflicts_with_subcommands = true)]
    Policy(policy::Arguments),
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create::run(arguments).await,
        Command::List(arguments) => records::list(arguments).await,
        Command::Show(arguments) => records::show(arguments).await,
        Command::Revoke(choice) => records::revoke(choice).await,
        Command::Open(arguments) => open::run(arguments).await,
        Command::Policy(arguments) => policy::run(arguments).await,
    }
}
