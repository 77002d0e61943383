//! `opwire user`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use op_core::{
    ErrorKind, admin,
    methods::{ClientMethod, UsersList, UsersListVaultAccess, VaultsGrantUserPermissions, VaultsRevokeUserPermissions},
    types::{UserAccess, UserState},
};
use op_protocol::permissions;

use crate::{
    find,
    grant::{InVault, Permitted},
    out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Invite a person, and print the invitation
    ///
    /// Hand the invitation to the person by a way that only the two of you read: who has it can join with it, once,
    /// within 14 days. The person runs `opwire join`, and then waits for `opwire user confirm`.
    Invite(Invite),
    /// List the invitations that nobody has accepted, and those of people who are to get back in
    Invitations(AccountChoice),
    /// Withdraw an invitation
    Withdraw(Withdraw),
    /// Let a person in, or back in, who has accepted an invitation
    Confirm(Choice),
    /// Invite a person back in who lost the password or the Secret Key, and print the invitation
    ///
    /// Hand the invitation to the person by a way that only the two of you read. The person runs `opwire join`, chooses
    /// a password and gets a new Secret Key, and then waits for `opwire user confirm`. Until then nothing changes, and
    /// `opwire user withdraw` stops it; afterwards the old password and Secret Key open nothing, and the person has all
    /// vaults and groups that it had.
    Recover(Choice),
    /// Turn a person away who has accepted an invitation, and waits for confirmation
    Reject(Choice),
    /// Keep a person out, and end its sessions; its data stays
    Suspend(Choice),
    /// Let a suspended person in again
    Reactivate(Choice),
    /// List the people of the account
    List(AccountChoice),
    /// List what a person may do in each vault
    Access(Choice),
    /// Let a person use a vault, or change what it may do there; a group serves better where others will come and go
    Grant(Grant),
    /// Take the access away that a person has to a vault by itself
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct Grant {
    /// Person, by e-mail address or id
    person: String,
    #[command(flatten)]
    permitted: Permitted,
}

#[derive(Args)]
pub(crate) struct Revoke {
    /// Person, by e-mail address or id
    person: String,
    #[command(flatten)]
    place: InVault,
}

#[derive(Args)]
pub(crate) struct Invite {
    /// E-mail address of the person, with which it will sign in
    email: String,
    /// Name of the person; the e-mail address when not given
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Withdraw {
    /// E-mail address of the person who was invited
    email: String,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Choice {
    /// Person, by e-mail address or id
    person: String,
    #[command(flatten)]
    account: AccountChoice,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Invite(arguments) => invite(arguments).await,
        Command::Invitations(account) => {
            let (_, client) = sign_in::person(&account).await?;
            for invite in admin::invites(&client).await? {
                let what = match (&invite.user_uuid, invite.accepted) {
                    (None, _) => "to join",
                    (Some(_), false) => "to get back in",
                    (Some(_), true) => "back in: waits for confirmation",
                };
                out::row(&[&invite.email, &invite.name, &format!("until {}", invite.expires_at), what])?;
            }
            Ok(())
        }
        Command::Withdraw(arguments) => withdraw(arguments).await,
        Command::Confirm(choice) => confirm(choice).await,
        Command::Recover(choice) => recover(choice).await,
        Command::Reject(choice) => {
            let (_, client) = sign_in::person(&choice.account).await?;
            Ok(admin::reject_user(&client, &find::user(&client, &choice.person).await?.id).await?)
        }
        Command::Suspend(choice) => {
            let (_, client) = sign_in::person(&choice.account).await?;
            Ok(admin::suspend_user(&client, &find::user(&client, &choice.person).await?.id).await?)
        }
        Command::Reactivate(choice) => {
            let (_, client) = sign_in::person(&choice.account).await?;
            Ok(admin::reactivate_user(&client, &find::user(&client, &choice.person).await?.id).await?)
        }
        Command::List(account) => list(&account).await,
        Command::Access(choice) => access(choice).await,
        Command::Grant(Grant { person, permitted: Permitted { place, permissions } }) => {
            let (_, client) = sign_in::person(&place.account).await?;
            let user_id = find::user(&client, &person).await?.id;
            let vault_id = find::vault(&client, &place.vault).await?.id;
            let user_permissions_list = vec![UserAccess { user_id, permissions }];
            Ok(VaultsGrantUserPermissions { vault_id, user_permissions_list }.run(&client).await?)
        }
        Command::Revoke(Revoke { person, place }) => {
            let (_, client) = sign_in::person(&place.account).await?;
            let user_id = find::user(&client, &person).await?.id;
            let vault_id = find::vault(&client, &place.vault).await?.id;
            Ok(VaultsRevokeUserPermissions { vault_id, user_id }.run(&client).await?)
        }
    }
}

async fn invite(arguments: Invite) -> Result<()> {
    let (profile, client) = sign_in::person(&arguments.account).await?;
    let name = arguments.name.as_deref().unwrap_or(&arguments.email);
    let invitation = admin::invite(&client, &profile.address, &arguments.email, name).await?;
    out::line(&invitation.text())
}

async fn recover(choice: Choice) -> Result<()> {
    let (profile, client) = sign_in::person(&choice.account).await?;
    let user = find::user(&client, &choice.person).await?;
    out::line(&admin::recover_user(&client, &profile.address, &user.id).await?.text())
}

async fn confirm(choice: Choice) -> Result<()> {
    let (_, client) = sign_in::person(&choice.account).await?;
    let user = find::user(&client, &choice.person).await?;
    if user.state == UserState::Pending {
        return Ok(admin::confirm_user(&client, &user.id).await?);
    }
    match admin::complete_recovery(&client, &user.id).await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("{} has accepted no invitation, and waits for nothing", user.email)
        }
        result => Ok(result?),
    }
}

async fn withdraw(arguments: Withdraw) -> Result<()> {
    let (_, client) = sign_in::person(&arguments.account).await?;
    let all = admin::invites(&client).await?;
    let invite = find::only("invited person", "opwire user invitations", &arguments.email, all, |invite| {
        [&invite.uuid, &invite.email]
    })?;
    Ok(admin::withdraw_invite(&client, &invite.uuid).await?)
}

async fn list(account: &AccountChoice) -> Result<()> {
    let (_, client) = sign_in::person(account).await?;
    for user in (UsersList {}).run(&client).await? {
        out::row(&[&user.id, &user.email, &user.name, state(user.state)])?;
    }
    Ok(())
}

fn state(state: UserState) -> &'static str {
    match state {
        UserState::Active => "active",
        UserState::Pending => "waits for confirmation",
        UserState::Suspended => "suspended",
        UserState::Deleted => "deleted",
        UserState::Unsupported => "unknown",
    }
}

async fn access(choice: Choice) -> Result<()> {
    let (_, client) = sign_in::person(&choice.account).await?;
    let user_id = find::user(&client, &choice.person).await?.id;
    for access in (UsersListVaultAccess { user_id }).run(&client).await? {
        out::row(&[&access.vault_id, &permissions::names(access.permissions).replace(" and ", " ")])?;
    }
    Ok(())
}
