//! `opwire vault`.

use anyhow::Result;
use clap::{Args, Subcommand};
use op_core::{
    admin,
    methods::{VaultsCreate, VaultsDelete, VaultsGet, VaultsLeave, VaultsList},
    types::{VaultAccessorType, VaultCreateParams, VaultGetParams},
};
use op_protocol::{id::VaultId, permissions};

use crate::{
    ask,
    caller::Caller as _,
    find, out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a vault, and print its id
    Create(Create),
    /// List the ids and titles of all vaults
    List(AccountChoice),
    /// List who has access to a vault, with their permissions
    Access(Choice),
    /// Leave a vault that somebody gave you access to
    Leave(Choice),
    /// Delete a vault and all its items
    Delete(Delete),
    /// List the vaults and Environments that no active person manages; for owners of the account
    ///
    /// Prints the id, the number of items and the time of the last change of each. Titles are sealed.
    Abandoned(AccountChoice),
    /// Delete a vault or Environment that no active person manages; for owners of the account
    Remove(Remove),
    /// Replace a vault's key, and encrypt everything in the vault again with the new key
    ///
    /// Use it when somebody who lost access may have kept the old key. Others can read and write during the rotation,
    /// and their clients fetch the new key on their own. An interrupted rotation changes nothing and can be retried.
    RotateKey(Choice),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Title of the vault
    title: String,
    /// Description of the vault
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Give the account's administrators no access to the vault
    #[arg(long)]
    no_admins: bool,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Choice {
    /// Vault, by title or id
    vault: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Remove {
    /// Id of the vault, as `opwire vault abandoned` prints it
    vault_id: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    choice: Choice,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::List(account) => list(&account).await,
        Command::Access(choice) => access(choice).await,
        Command::Leave(choice) => leave(choice).await,
        Command::Delete(arguments) => delete(arguments).await,
        Command::Abandoned(account) => abandoned(&account).await,
        Command::Remove(arguments) => remove(arguments).await,
        Command::RotateKey(choice) => rotate_key(choice).await,
    }
}

async fn create(arguments: Create) -> Result<()> {
    let client = sign_in::account(&arguments.account).await?;
    let params = VaultCreateParams {
        title: arguments.title,
        description: arguments.description,
        allow_admins_access: Some(!arguments.no_admins),
    };
    out::line(&client.call(VaultsCreate { params }).await?.id)
}

async fn list(account: &AccountChoice) -> Result<()> {
    let client = sign_in::account(account).await?;
    for vault in client.call(VaultsList { params: None }).await? {
        out::row(&[&vault.id, &vault.title])?;
    }
    Ok(())
}

async fn access(choice: Choice) -> Result<()> {
    let client = sign_in::account(&choice.account).await?;
    let vault_id = find::vault_id(&client, &choice.vault).await?;
    let vault_params = VaultGetParams { accessors: Some(true) };
    for access in client.call(VaultsGet { vault_id, vault_params }).await?.access.unwrap_or_default() {
        let kind = match access.accessor_type {
            VaultAccessorType::User => "user",
            VaultAccessorType::Group => "group",
        };
        out::row(&[kind, &access.accessor_uuid, &permissions::names(access.permissions).replace(" and ", " ")])?;
    }
    Ok(())
}

async fn leave(choice: Choice) -> Result<()> {
    let client = sign_in::account(&choice.account).await?;
    let vault_id = find::vault_id(&client, &choice.vault).await?;
    Ok(client.call(VaultsLeave { vault_id }).await?)
}

async fn abandoned(account: &AccountChoice) -> Result<()> {
    let client = sign_in::client(account).await?;
    for vault in admin::abandoned_vaults(&client).await? {
        out::row(&[&vault.uuid, &vault.active_item_count.to_string(), &vault.updated_at])?;
    }
    Ok(())
}

async fn remove(arguments: Remove) -> Result<()> {
    let client = sign_in::client(&arguments.account).await?;
    let all = admin::abandoned_vaults(&client).await?;
    let vault = find::only("vault that nobody manages", "opwire vault abandoned", &arguments.vault_id, all, |vault| {
        [&vault.uuid, &vault.uuid]
    })?;
    ask::confirm(
        &format!("Deleting the vault {} and its items ({})", vault.uuid, vault.active_item_count),
        arguments.yes,
    )?;
    Ok(admin::remove_abandoned_vault(&client, &VaultId::from_server(vault.uuid)).await?)
}

async fn delete(arguments: Delete) -> Result<()> {
    let client = sign_in::account(&arguments.choice.account).await?;
    let vault = find::vault(&client, &arguments.choice.vault).await?;
    ask::confirm(
        &format!("Deleting the vault {} and its items ({})", vault.title, vault.active_item_count),
        arguments.yes,
    )?;
    Ok(client.call(VaultsDelete { vault_id: VaultId::from_server(vault.id) }).await?)
}

async fn rotate_key(choice: Choice) -> Result<()> {
    let client = sign_in::client(&choice.account).await?;
    let vault = find::vault(&client, &choice.vault).await?;
    let items = admin::rotate_vault_key(&client, &VaultId::from_server(vault.id)).await?;
    out::line(&format!("{} has a new key. Items encrypted with it: {items}.", vault.title))
}
