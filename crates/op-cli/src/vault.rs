//! `opwire vault`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use op_core::{
    Client,
    methods::{ClientMethod, VaultsList},
    types::VaultOverview,
};

use crate::sign_in::{self, AccountChoice};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a vault and print its id
    Create(Create),
    /// List the titles and ids of all vaults
    List(AccountChoice),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Title of the vault
    title: String,
    /// What the vault is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => {
            let (_, client) = sign_in::person(&arguments.account).await?;
            println!("{}", client.create_vault(&arguments.title, arguments.description.as_deref()).await?);
        }
        Command::List(account) => {
            for vault in all(&sign_in::client(&account).await?).await? {
                println!("{}\t{}", vault.id, vault.title);
            }
        }
    }
    Ok(())
}

async fn all(client: &Client) -> Result<Vec<VaultOverview>> {
    Ok(VaultsList { params: None }.run(client).await?)
}

/// The vault of this id or title.
pub(crate) async fn find(client: &Client, id_or_title: &str) -> Result<VaultOverview> {
    let mut matching: Vec<_> = all(client)
        .await?
        .into_iter()
        .filter(|vault| vault.id == id_or_title || vault.title.eq_ignore_ascii_case(id_or_title))
        .collect();
    match (matching.pop(), matching.is_empty()) {
        (Some(vault), true) => Ok(vault),
        (Some(_), false) => bail!("several vaults are titled {id_or_title}: give the id (`opwire vault list`)"),
        (None, _) => bail!("no vault has the id or title {id_or_title} (`opwire vault list` shows them)"),
    }
}
