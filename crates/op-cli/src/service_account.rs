//! `opwire service-account`.

use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};
use op_core::admin::Grant;
use op_protocol::permissions;

use crate::{
    sign_in::{self, AccountChoice},
    vault,
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a service account and print its token
    ///
    /// The token is printed once and cannot be read again. Its permissions are fixed from here on.
    Create(Create),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Name of the service account
    name: String,
    /// Vault, by title or id, and what may be done in it: read_items, write_items, share_items, manage_vault.
    /// Repeat for several vaults
    #[arg(long = "vault", required = true, value_name = "NAME:PERMISSION,...")]
    vaults: Vec<VaultGrant>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Clone)]
struct VaultGrant {
    vault: String,
    permissions: u32,
}

impl FromStr for VaultGrant {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (vault, grants) = text
            .rsplit_once(':')
            .filter(|(vault, _)| !vault.is_empty())
            .ok_or_else(|| anyhow!("write NAME:PERMISSION,... such as Development:read_items"))?;
        let permissions = permissions::parse_grants(grants).map_err(|error| anyhow!("{error}"))?;
        Ok(Self { vault: vault.to_owned(), permissions })
    }
}

pub(crate) async fn run(command: Command) -> Result<()> {
    let Command::Create(arguments) = command;
    let (profile, client) = sign_in::person(&arguments.account).await?;
    let mut grants = Vec::new();
    for grant in &arguments.vaults {
        let vault_id = vault::find(&client, &grant.vault).await?.id;
        grants.push(Grant { vault_id, permissions: grant.permissions });
    }
    let token = client
        .create_service_account(&arguments.name, &profile.address, &grants, sign_in::new_rsa_key()?)
        .await
        .with_context(|| format!("creating the service account {}", arguments.name))?;
    println!("{}", token.as_str());
    Ok(())
}
