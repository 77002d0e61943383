//! `opwire service-account`.

use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use op_core::{
    Client,
    admin::{self, Grant, NewServiceAccount},
};
use op_protocol::{
    id::{UserId, VaultId},
    permissions::{self, READ_ITEMS, REVEAL_ITEM_PASSWORD},
    rest::{ServiceAccount, UserState},
};

use crate::{
    ask, find, out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a service account, and print its token
    ///
    /// The token is printed only once. Its permissions cannot be changed later.
    ///
    /// Example: opwire service-account create ci --vault Development:read_items,write_items
    Create(Create),
    /// List the service accounts, with their permissions
    List(AccountChoice),
    /// Replace a service account's token, and print the new one; the old one stops working immediately
    Rotate(Choice),
    /// Revoke a service account: its token stops working immediately and permanently
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Name of the service account
    name: String,
    /// Vault, by title or id, and the permissions in it: read_items, write_items, share_items, manage_vault, as in
    /// Development:read_items,write_items. Repeat the option for more vaults
    #[arg(long = "vault", value_name = "NAME:PERMISSION,...")]
    vaults: Vec<VaultGrant>,
    /// Environment, by title or id, whose variables the service account may read. Repeat the option for more
    /// Environments
    #[arg(long = "env", value_name = "NAME")]
    environments: Vec<String>,
    /// Allow the service account to create vaults, which it then manages
    #[arg(long)]
    can_create_vaults: bool,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Choice {
    /// Service account, by name or id
    service_account: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Revoke {
    #[command(flatten)]
    choice: Choice,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
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
            .ok_or_else(|| anyhow!("use the form NAME:PERMISSION,... such as Development:read_items"))?;
        let permissions = permissions::parse_grants(grants).map_err(|error| anyhow!("{error}"))?;
        permissions::check_required(permissions).map_err(|error| anyhow!("{error}"))?;
        Ok(Self { vault: vault.to_owned(), permissions })
    }
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::List(account) => list(&account).await,
        Command::Rotate(choice) => {
            let (profile, client) = sign_in::person(&choice.account).await?;
            let id = UserId::from_server(find(&client, &choice.service_account).await?.uuid);
            let token = admin::rotate_service_account(&client, &profile.address, &id, &sign_in::new_rsa_key).await?;
            out::line(&token)
        }
        Command::Revoke(arguments) => {
            let (_, client) = sign_in::person(&arguments.choice.account).await?;
            let account = find(&client, &arguments.choice.service_account).await?;
            ask::confirm(&format!("Revoking the service account {}", account.name), arguments.yes)?;
            Ok(admin::revoke_service_account(&client, &UserId::from_server(account.uuid)).await?)
        }
    }
}

async fn create(arguments: Create) -> Result<()> {
    if arguments.vaults.is_empty() && arguments.environments.is_empty() && !arguments.can_create_vaults {
        bail!("the service account would have no access: pass --vault, --env or --can-create-vaults");
    }
    let (profile, client) = sign_in::person(&arguments.account).await?;
    let mut grants = Vec::new();
    let titles: Vec<&str> = arguments.vaults.iter().map(|grant| grant.vault.as_str()).collect();
    for (vault_id, grant) in find::vault_ids(&client, &titles).await?.into_iter().zip(&arguments.vaults) {
        add_grant(&mut grants, vault_id, grant.permissions);
    }
    let titles: Vec<&str> = arguments.environments.iter().map(String::as_str).collect();
    for vault_id in find::environment_ids(&client, &titles).await? {
        add_grant(&mut grants, vault_id, READ_ITEMS | REVEAL_ITEM_PASSWORD);
    }
    let new =
        NewServiceAccount { name: &arguments.name, grants: &grants, can_create_vaults: arguments.can_create_vaults };
    let token = admin::create_service_account(&client, &profile.address, &new, &sign_in::new_rsa_key)
        .await
        .with_context(|| format!("cannot create the service account {}", arguments.name))?;
    out::line(&token)
}

/// Adds a grant. Grants for one vault are merged, because the server accepts only one for each.
fn add_grant(grants: &mut Vec<Grant>, vault_id: VaultId, permissions: u32) {
    match grants.iter_mut().find(|grant| grant.vault_id == vault_id) {
        Some(grant) => grant.permissions |= permissions,
        None => grants.push(Grant { vault_id, permissions }),
    }
}

async fn list(account: &AccountChoice) -> Result<()> {
    let (_, client) = sign_in::person(account).await?;
    for account in admin::service_accounts(&client).await? {
        let state = (account.state == UserState::Deleted).then_some("revoked");
        let cells: Vec<&str> = [&*account.uuid, &*account.name].into_iter().chain(state).collect();
        out::row(&cells)?;
        for access in &account.vaults {
            out::row(&[&format!("  {}", access.vault_uuid), &permissions::names(access.acl).replace(" and ", " ")])?;
        }
    }
    Ok(())
}

async fn find(client: &Client, text: &str) -> Result<ServiceAccount> {
    let mut all = admin::service_accounts(client).await?;
    all.retain(|account| account.state != UserState::Deleted);
    find::only("service account", "opwire service-account list", text, all, |account| [&account.uuid, &account.name])
}
