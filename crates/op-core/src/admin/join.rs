//! Accepting an invitation. A new person creates keys and a personal vault, a person who lost their keys creates new
//! ones; both then wait for an administrator's confirmation.

use std::sync::Arc;

use op_protocol::{
    json,
    rest::{AcceptInviteRequest, InviteDetails, OpenInviteRequest, routes},
};

use super::{
    EmergencyKit, Invitation, NewKeys,
    account_builder::{AccountBuilder, Person},
};
use crate::{
    error::{Error, ErrorKind, Result},
    host::Host,
    wire::{plain, transport},
};

/// An invitation, and what the server says about it.
pub struct Invited {
    invitation: Invitation,
    /// The account that the person is invited to.
    pub details: InviteDetails,
}

/// The choices of an invited person.
pub struct NewPerson<'a> {
    /// The person's name.
    pub name: &'a str,
    /// The person's password.
    pub password: &'a str,
}

/// Asks the server which account an invitation is for.
///
/// # Errors
/// The invitation has expired, or was used or withdrawn.
pub async fn open_invitation(host: &Arc<dyn Host>, invitation: Invitation) -> Result<Invited> {
    let request = OpenInviteRequest { secret: invitation.secret.to_string() };
    let target = routes::OPEN_INVITE.at([invitation.id.as_str()]);
    let response = plain::post(host.as_ref(), &invitation.address, &target, Vec::new(), &request).await?;
    if matches!(response.status, 401 | 403 | 404 | 410) {
        return Err(void());
    }
    let response = transport::checked(response, &target)?;
    let details = json::decode(&response.body)
        .map_err(|_| Error::new(ErrorKind::InvalidResponse, "the server's answer to the invitation cannot be read"))?;
    Ok(Invited { invitation, details })
}

/// Accepts an invitation. The person can sign in once an administrator has confirmed them.
///
/// # Errors
/// The invitation has expired, or was used or withdrawn.
pub async fn join(
    host: &Arc<dyn Host>,
    invited: &Invited,
    person: &NewPerson<'_>,
    new_keys: NewKeys<'_>,
) -> Result<EmergencyKit> {
    let builder = AccountBuilder { host: host.as_ref() };
    let secret_key = builder.secret_key()?;
    let InviteDetails { account_uuid, email, recovery_group, user_uuid, .. } = &invited.details;
    let person = Person { email, name: person.name, password: person.password };
    let mut user = builder.person(&person, &secret_key, new_keys()?)?;
    let vault = match user_uuid {
        Some(id) => {
            user.uuid.clone_from(id);
            None
        }
        None => {
            let recovery = recovery_group.as_ref().map(|group| (group.uuid.as_str(), &group.pub_key));
            Some(builder.personal_vault(&user, recovery).await?)
        }
    };
    let kit = EmergencyKit { account_id: account_uuid.clone(), user_id: user.uuid.clone(), secret_key };
    let Invitation { address, id, secret } = &invited.invitation;
    let request = AcceptInviteRequest { secret: secret.to_string(), user, vault };
    let target = routes::ACCEPT_INVITE.at([id.as_str()]);
    let response = plain::post(host.as_ref(), address, &target, Vec::new(), &request).await?;
    if matches!(response.status, 401 | 403 | 404 | 410) {
        return Err(void());
    }
    transport::checked(response, &target).map(|_| kit)
}

fn void() -> Error {
    Error::new(ErrorKind::PermissionDenied, "the invitation has expired, was used or withdrawn: ask for a new one")
}
