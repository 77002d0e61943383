//! `opwire session`.

use anyhow::Result;
use clap::{Args, Subcommand};
use op_core::{admin, parse_id};

use crate::{
    out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List your sessions: id, time of the sign-in, address, program and machine
    ///
    /// The program and the machine are as each program reported them. A command's own session ends with the command.
    List(AccountChoice),
    /// End a session, or all your sessions except this command's
    ///
    /// Example: opwire session sign-out --all
    SignOut(SignOut),
}

#[derive(Args)]
pub(crate) struct SignOut {
    /// Id of the session, from `opwire session list`
    #[arg(required_unless_present = "all")]
    session: Option<String>,
    /// End all your sessions except this command's
    #[arg(long, conflicts_with = "session")]
    all: bool,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::List(account) => {
            let client = sign_in::client(&account).await?;
            for session in admin::sessions(&client).await? {
                let current = session.current.then_some("current");
                let cells =
                    [&*session.uuid, &*session.started_at, &*session.address, &*session.program, &*session.machine];
                out::row(&cells.into_iter().chain(current).collect::<Vec<_>>())?;
            }
            Ok(())
        }
        Command::SignOut(arguments) => {
            let client = sign_in::client(&arguments.account).await?;
            match arguments.session {
                Some(session) => Ok(admin::sign_out(&client, &parse_id("session_id", &session)?).await?),
                None => Ok(admin::sign_out_everywhere_else(&client).await?),
            }
        }
    }
}
