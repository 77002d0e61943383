//! The arguments of the commands that grant and revoke access to vaults.

use anyhow::{Result, anyhow};
use clap::Args;
use op_protocol::permissions;

use crate::sign_in::AccountChoice;

/// The vault of a grant or a revocation.
#[derive(Args)]
pub(crate) struct VaultArguments {
    /// Vault, by title or id
    #[arg(long)]
    pub(crate) vault: String,
    #[command(flatten)]
    pub(crate) account: AccountChoice,
}

/// A grant.
#[derive(Args)]
pub(crate) struct GrantArguments {
    #[command(flatten)]
    pub(crate) target: VaultArguments,
    /// Permissions in the vault, separated by commas: read_items, write_items, share_items, manage_vault. They replace
    /// the earlier ones
    #[arg(long, value_name = "PERMISSION,...", value_parser = parse)]
    pub(crate) permissions: u32,
}

fn parse(text: &str) -> Result<u32> {
    permissions::parse_grants(text).map_err(|error| anyhow!("{error}"))
}
