//! Creating an account: its owner, its groups, and the owner's personal vault, in one request.

use std::sync::Arc;

use op_protocol::rest::{self, AccessorType, GroupType, routes};

use super::{
    EmergencyKit, NewKeys,
    account_builder::{AccountBuilder, Holder, Person},
};
use crate::{
    error::{Error, ErrorKind, Result},
    host::Host,
    wire::{plain, transport},
};

/// The choices that a person makes for a new account.
pub struct NewAccount<'a> {
    /// The name of the account.
    pub name: &'a str,
    /// The name of its owner.
    pub owner: &'a str,
    /// The owner's e-mail address.
    pub email: &'a str,
    /// The owner's password.
    pub password: &'a str,
}

/// Creates an account on a server whose setup token is known.
///
/// # Errors
/// The address is not allowed, or the server refuses the account.
pub async fn create_account(
    host: &Arc<dyn Host>,
    address: &str,
    setup_token: &str,
    account: &NewAccount<'_>,
    new_keys: NewKeys<'_>,
) -> Result<EmergencyKit> {
    let builder = AccountBuilder { host: host.as_ref() };
    let secret_key = builder.secret_key()?;
    let person = Person { email: account.email, name: account.owner, password: account.password };
    let user = builder.person(&person, &secret_key, new_keys()?)?;
    let groups = groups(&builder, &user, new_keys).await?;
    let recovery = groups.iter().find(|group| group.kind == GroupType::Recovery);
    let recovery = recovery.map(|group| (group.uuid.as_str(), &group.keyset.pub_key));
    let vault = builder.personal_vault(&user, recovery).await?;
    let kit = EmergencyKit { account_id: builder.id(), user_id: user.uuid.clone(), secret_key };
    let request = rest::CreateAccountRequest {
        account: rest::NewAccount { uuid: kit.account_id.clone(), name: account.name.to_owned(), domain: None },
        user,
        groups,
        vault: Some(vault),
    };
    let target = routes::CREATE_ACCOUNT.at([]);
    let token = vec![("x-opwire-setup-token", setup_token.to_owned())];
    let response = plain::post(host.as_ref(), address, &target, token, &request).await?;
    match response.status {
        401 => Err(Error::new(ErrorKind::PermissionDenied, "the setup token is not the one of this server")),
        403 => Err(Error::new(ErrorKind::PermissionDenied, "this server does not accept new accounts")),
        409 => Err(Error::new(ErrorKind::Conflict, "a user with this e-mail address exists")),
        _ => transport::checked(response, &target).map(|_| kit),
    }
}

/// Builds the groups that every account has, with its owner as their member. Owners and administrators can open the
/// keys of the other groups, so that they can add members to groups that they do not belong to. docs/decisions/0047
/// says why.
async fn groups(
    builder: &AccountBuilder<'_>,
    owner: &rest::NewUser,
    new_keys: NewKeys<'_>,
) -> Result<Vec<rest::NewGroup>> {
    let user = || Holder { kind: AccessorType::User, id: &owner.uuid, public_key: &owner.keyset.pub_key };
    let owners = "Own the account: may do everything, and make others owners";
    let owners = builder.group(GroupType::Owners, "Owners", owners, &[user()], new_keys()?).await?;
    let administrators = "Administer the account: people, groups, vaults and service accounts";
    let holders = [user(), Holder::group(&owners)];
    let administrators =
        builder.group(GroupType::Administrators, "Administrators", administrators, &holders, new_keys()?).await?;
    let holders = [user(), Holder::group(&owners), Holder::group(&administrators)];
    let recovery = "Can recover the vaults of people who lost their password or Secret Key";
    let recovery = builder.group(GroupType::Recovery, "Recovery", recovery, &holders, new_keys()?).await?;
    let everybody = "Everybody in the account";
    let members = builder.group(GroupType::TeamMembers, "Team Members", everybody, &holders, new_keys()?).await?;
    Ok(vec![owners, administrators, recovery, members])
}
