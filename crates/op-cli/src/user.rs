//! `opwire user`.

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use op_core::{
    ErrorKind,
    admin::{self, LeftOut},
    methods::{ClientMethod, UsersList, UsersListVaultAccess, VaultsGrantUserPermissions, VaultsRevokeUserPermissions},
    types::{UserAccess, UserState},
};
use op_protocol::{
    id::{InviteId, UserId},
    permissions,
};

use crate::{
    find,
    grant::{GrantArguments, VaultArguments},
    out,
    sign_in::{self, AccountChoice},
};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Invite a person, and print the invitation
    ///
    /// Send the invitation over a channel that only the two of you can read: anyone who has it can join with it, once,
    /// within 14 days. The person runs `opwire join`. Then confirm them with `opwire user confirm`.
    ///
    /// Example: opwire user invite ada@example.com --name "Ada Lovelace"
    Invite(Invite),
    /// List open invitations, and recoveries that are waiting for confirmation
    Invitations(AccountChoice),
    /// Withdraw an invitation to join or to recover access
    Withdraw(Withdraw),
    /// Confirm someone who accepted an invitation to join, or to recover access
    Confirm(Choice),
    /// Invite a person who lost their password or Secret Key to recover access, and print the invitation
    ///
    /// Send the invitation over a channel that only the two of you can read. The person runs `opwire join`, chooses a
    /// password and gets a new Secret Key. Then confirm them with `opwire user confirm`. Until then nothing changes,
    /// and `opwire user withdraw` cancels the recovery. Afterwards the old password and Secret Key no longer work, and
    /// the person keeps all their vaults and groups.
    Recover(Choice),
    /// Reject someone who is waiting for confirmation
    Reject(Choice),
    /// Suspend a person: end their sessions and block sign-in; their data is kept
    Suspend(Choice),
    /// Reactivate a suspended person, who can then sign in again
    Reactivate(Choice),
    /// List the people in the account
    List(AccountChoice),
    /// List a person's permissions in each vault
    Access(Choice),
    /// Grant a person direct access to a vault, or change their permissions in it
    ///
    /// Prefer `opwire group grant` if others will need the same access.
    ///
    /// Example: opwire user grant ada@example.com --vault Staging --permissions read_items
    Grant(Grant),
    /// Revoke a person's direct access to a vault; access through groups stays
    Revoke(Revoke),
}

#[derive(Args)]
pub(crate) struct Grant {
    /// Person, by e-mail address or id
    person: String,
    #[command(flatten)]
    grant: GrantArguments,
}

#[derive(Args)]
pub(crate) struct Revoke {
    /// Person, by e-mail address or id
    person: String,
    #[command(flatten)]
    target: VaultArguments,
}

#[derive(Args)]
pub(crate) struct Invite {
    /// E-mail address the person will sign in with
    email: String,
    /// Name of the person; if not given, the e-mail address
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
                let purpose = match (&invite.user_uuid, invite.accepted) {
                    (None, _) => "to join",
                    (Some(_), false) => "to recover access",
                    (Some(_), true) => "recovery waiting for confirmation",
                };
                out::row(&[&invite.email, &invite.name, &format!("until {}", invite.expires_at), purpose])?;
            }
            Ok(())
        }
        Command::Withdraw(arguments) => withdraw(arguments).await,
        Command::Confirm(choice) => confirm(choice).await,
        Command::Recover(choice) => recover(choice).await,
        Command::Reject(choice) => {
            let (_, client) = sign_in::person(&choice.account).await?;
            Ok(admin::reject_user(&client, &find::user_id(&client, &choice.person).await?).await?)
        }
        Command::Suspend(choice) => {
            let (_, client) = sign_in::person(&choice.account).await?;
            Ok(admin::suspend_user(&client, &find::user_id(&client, &choice.person).await?).await?)
        }
        Command::Reactivate(choice) => {
            let (_, client) = sign_in::person(&choice.account).await?;
            Ok(admin::reactivate_user(&client, &find::user_id(&client, &choice.person).await?).await?)
        }
        Command::List(account) => list(&account).await,
        Command::Access(choice) => access(choice).await,
        Command::Grant(Grant { person, grant: GrantArguments { target, permissions } }) => {
            let (_, client) = sign_in::person(&target.account).await?;
            let user_id = find::user_id(&client, &person).await?;
            let vault_id = find::vault_id(&client, &target.vault).await?;
            let user_permissions_list = vec![UserAccess { user_id: user_id.into(), permissions }];
            Ok(VaultsGrantUserPermissions { vault_id, user_permissions_list }.run(&client).await?)
        }
        Command::Revoke(Revoke { person, target }) => {
            let (_, client) = sign_in::person(&target.account).await?;
            let user_id = find::user_id(&client, &person).await?;
            let vault_id = find::vault_id(&client, &target.vault).await?;
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
    let user_id = find::user_id(&client, &choice.person).await?;
    out::line(&admin::recover_user(&client, &profile.address, &user_id).await?.text())
}

async fn confirm(choice: Choice) -> Result<()> {
    let (_, client) = sign_in::person(&choice.account).await?;
    let user = find::user(&client, &choice.person).await?;
    let user_id = UserId::from_server(user.id);
    if user.state == UserState::Pending {
        return Ok(admin::confirm_user(&client, &user_id).await?);
    }
    match admin::complete_recovery(&client, &user_id).await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("{}: nothing to confirm, no invitation has been accepted", user.email)
        }
        result => {
            tell_left_out(&result?);
            Ok(())
        }
    }
}

/// Says what a person lost in a recovery.
fn tell_left_out(left: &LeftOut) {
    for vault in &left.vaults {
        out::note(&format!(
            "opwire: the recovery group cannot open the vault {vault}, so the person lost it; a manager of the vault can \
             grant access again"
        ));
    }
    for group in &left.groups {
        out::note(&format!(
            "opwire: the key of the group {group} does not open, so the person lost it; a member can add them again"
        ));
    }
}

async fn withdraw(arguments: Withdraw) -> Result<()> {
    let (_, client) = sign_in::person(&arguments.account).await?;
    let all = admin::invites(&client).await?;
    let invite = find::only("invited person", "opwire user invitations", &arguments.email, all, |invite| {
        [&invite.uuid, &invite.email]
    })?;
    Ok(admin::withdraw_invite(&client, &InviteId::from_server(invite.uuid)).await?)
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
        UserState::Pending => "waiting for confirmation",
        UserState::Suspended => "suspended",
        UserState::Deleted => "deleted",
        UserState::Unsupported => "unknown",
    }
}

async fn access(choice: Choice) -> Result<()> {
    let (_, client) = sign_in::person(&choice.account).await?;
    let user_id = find::user_id(&client, &choice.person).await?;
    for access in (UsersListVaultAccess { user_id }).run(&client).await? {
        out::row(&[&access.vault_id, &permissions::names(access.permissions).replace(" and ", " ")])?;
    }
    Ok(())
}
