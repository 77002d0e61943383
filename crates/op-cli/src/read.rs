//! `opwire read`.

use std::io::Write as _;

use anyhow::Result;
use clap::Args;
use op_core::methods::{ClientMethod, SecretsResolve};
use zeroize::Zeroizing;

use crate::sign_in::{self, AccountChoice};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Reference, such as op://vault/item/[section/]field
    reference: String,
    /// Do not end the output with a line break
    #[arg(short, long)]
    no_newline: bool,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let client = sign_in::client(&arguments.account).await?;
    let secret = Zeroizing::new(SecretsResolve { secret_reference: arguments.reference }.run(&client).await?);
    let mut out = std::io::stdout().lock();
    out.write_all(secret.as_bytes())?;
    if !arguments.no_newline {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}
