//! `opwire group`.

use anyhow::Result;
use clap::{Args, Subcommand};
use op_core::{
    admin,
    methods::{
        ClientMethod, GroupsAddMember, GroupsList, GroupsListMembers, GroupsRemoveMember, VaultsGet,
        VaultsGrantGroupPermissions, VaultsRevokeGroupPermissions, VaultsUpdateGroupPermissions,
    },
    types::{GroupAccess, GroupVaultAccess, VaultAccessorType, VaultGetParams},
};
use op_protocol::id::GroupId;

use crate::{
    ask, find,
    grant::{GrantArguments, VaultArguments},
    out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a group without members, and print its id
    Create(Create),
    /// List the ids and names of all groups
    List(AccountChoice),
    /// List the members of a group
    Members(Choice),
    /// Add a person to a group
    ///
    /// Example: opwire group add-member Developers ada@example.com
    AddMember(Member),
    /// Remove a person from a group
    ///
    /// The keys of the group's vaults do not change. The person may have kept a key: use `opwire vault rotate-key` to
    /// replace it.
    RemoveMember(Member),
    /// Grant a group access to a vault, or change its permissions in it
    ///
    /// Example: opwire group grant Developers --vault Development --permissions read_items,write_items
    Grant(Grant),
    /// Revoke a group's access to a vault
    Revoke(Revoke),
    /// Delete a group; its members lose the access that they had through it
    Delete(Delete),
}

#[derive(Args)]
pub(crate) struct Create {
    /// Name of the group
    name: String,
    /// Description of the group
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Choice {
    /// Group, by name or id
    group: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Member {
    /// Group, by name or id
    group: String,
    /// Person, by e-mail address or id
    person: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Grant {
    /// Group, by name or id
    group: String,
    #[command(flatten)]
    grant: GrantArguments,
}

#[derive(Args)]
pub(crate) struct Revoke {
    /// Group, by name or id
    group: String,
    #[command(flatten)]
    target: VaultArguments,
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
        Command::Members(choice) => members(choice).await,
        Command::AddMember(member) => {
            let (_, client) = sign_in::person(&member.account).await?;
            let group_id = find::group_id(&client, &member.group).await?;
            let user_id = find::user_id(&client, &member.person).await?;
            Ok(GroupsAddMember { group_id, user_id }.run(&client).await?)
        }
        Command::RemoveMember(member) => {
            let (_, client) = sign_in::person(&member.account).await?;
            let group_id = find::group_id(&client, &member.group).await?;
            let user_id = find::user_id(&client, &member.person).await?;
            Ok(GroupsRemoveMember { group_id, user_id }.run(&client).await?)
        }
        Command::Grant(arguments) => grant(arguments).await,
        Command::Revoke(arguments) => {
            let client = sign_in::client(&arguments.target.account).await?;
            let group_id = find::group_id(&client, &arguments.group).await?;
            let vault_id = find::vault_id(&client, &arguments.target.vault).await?;
            Ok(VaultsRevokeGroupPermissions { vault_id, group_id }.run(&client).await?)
        }
        Command::Delete(arguments) => delete(arguments).await,
    }
}

async fn create(arguments: Create) -> Result<()> {
    let (_, client) = sign_in::person(&arguments.account).await?;
    out::line(&admin::create_group(&client, arguments.name, arguments.description).await?.id)
}

async fn list(account: &AccountChoice) -> Result<()> {
    let client = sign_in::client(account).await?;
    for group in (GroupsList {}).run(&client).await? {
        out::row(&[&group.id, &group.title])?;
    }
    Ok(())
}

async fn members(choice: Choice) -> Result<()> {
    let client = sign_in::client(&choice.account).await?;
    let group_id = find::group_id(&client, &choice.group).await?;
    for member in (GroupsListMembers { group_id }).run(&client).await? {
        out::row(&[&member.user_id, &member.email, &member.name])?;
    }
    Ok(())
}

async fn grant(arguments: Grant) -> Result<()> {
    let GrantArguments { target, permissions } = arguments.grant;
    let client = sign_in::client(&target.account).await?;
    let group_id = find::group_id(&client, &arguments.group).await?;
    let vault_id = find::vault_id(&client, &target.vault).await?;
    let vault_params = VaultGetParams { accessors: Some(true) };
    let vault = VaultsGet { vault_id: vault_id.clone(), vault_params }.run(&client).await?;
    let has_access =
        vault.access.iter().flatten().any(|access| {
            access.accessor_type == VaultAccessorType::Group && access.accessor_uuid == group_id.as_str()
        });
    if has_access {
        let group_permissions_list =
            vec![GroupVaultAccess { vault_id: vault_id.into(), group_id: group_id.into(), permissions }];
        return Ok(VaultsUpdateGroupPermissions { group_permissions_list }.run(&client).await?);
    }
    let group_permissions_list = vec![GroupAccess { group_id: group_id.into(), permissions }];
    Ok(VaultsGrantGroupPermissions { vault_id, group_permissions_list }.run(&client).await?)
}

async fn delete(arguments: Delete) -> Result<()> {
    let (_, client) = sign_in::person(&arguments.choice.account).await?;
    let group = find::group(&client, &arguments.choice.group).await?;
    ask::confirm(&format!("Deleting the group {}", group.title), arguments.yes)?;
    Ok(admin::delete_group(&client, &GroupId::from_server(group.id)).await?)
}
