//! What the commands take that give access to vaults, and take it away.

use anyhow::{Result, anyhow};
use clap::Args;
use op_protocol::permissions;

use crate::sign_in::AccountChoice;

/// The vault of a grant or a revocation.
#[derive(Args)]
pub(crate) struct InVault {
    /// Vault, by title or id
    #[arg(long)]
    pub(crate) vault: String,
    #[command(flatten)]
    pub(crate) account: AccountChoice,
}

/// A grant.
#[derive(Args)]
pub(crate) struct Permitted {
    #[command(flatten)]
    pub(crate) place: InVault,
    /// All that is allowed there from here on, separated by commas: read_items, write_items, share_items, manage_vault
    #[arg(long, value_name = "PERMISSION,...", value_parser = parse)]
    pub(crate) permissions: u32,
}

fn parse(text: &str) -> Result<u32> {
    permissions::parse_grants(text).map_err(|error| anyhow!("{error}"))
}
