//! Invitations. An administrator creates one, and delivers it to the person. docs/decisions/0054 says why.

use std::fmt;

use op_protocol::{
    b64,
    id::{InviteId, UserId},
    rest::{CreateInviteRequest, Invite, routes},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::account_builder::AccountBuilder;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    people::users,
};

/// The start of the part of an invitation that the server does not see.
const MARK: &str = "#invite.";

/// An invitation: the server's address, the id of the invite, and the secret that only the administrator and the
/// invited person know. Its text is `https://account.example.com#invite.ID.SECRET`.
pub struct Invitation {
    /// The server's address.
    pub address: String,
    pub(super) id: InviteId,
    pub(super) secret: Zeroizing<String>,
}

impl Invitation {
    /// Reads an invitation.
    ///
    /// # Errors
    /// The text is not an invitation.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = || {
            let (address, rest) = text.trim().split_once(MARK)?;
            let (id, secret) = rest.split_once('.')?;
            let id = id.parse().ok().filter(|_| !secret.is_empty())?;
            Some(Self { address: address.to_owned(), id, secret: Zeroizing::new(secret.to_owned()) })
        };
        parts().ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidConfiguration,
                "that is not an invitation, such as https://account.example.com#invite.ID.SECRET",
            )
        })
    }

    /// Returns the text to deliver.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}{MARK}{}.{}", self.address, self.id, self.secret.as_str()))
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation")
            .field("address", &self.address)
            .field("id", &self.id.as_str())
            .finish_non_exhaustive()
    }
}

/// Invites a person. Replaces an earlier invitation of the same e-mail address. `address` is the address at which the
/// person reaches the server.
///
/// # Errors
/// This user is not an administrator, or a user with this e-mail address is in the account.
pub async fn invite(client: &Client, address: &str, email: &str, name: &str) -> Result<Invitation> {
    make_invitation(client, address, email, name, None).await
}

/// Invites a person who lost their password or Secret Key to recover access. Nothing changes for them until the
/// recovery is completed.
///
/// # Errors
/// This user is not an administrator, or no active person has this id.
pub async fn recover_user(client: &Client, address: &str, user_id: &UserId) -> Result<Invitation> {
    let user = users::record(client, user_id).await?;
    make_invitation(client, address, &user.email, &user.name, Some(user.uuid)).await
}

async fn make_invitation(
    client: &Client,
    address: &str,
    email: &str,
    name: &str,
    user_uuid: Option<String>,
) -> Result<Invitation> {
    let builder = AccountBuilder { host: client.host() };
    let invitation = Invitation {
        address: address.to_owned(),
        id: InviteId::new(builder.random()),
        secret: Zeroizing::new(b64::encode(&*Zeroizing::new(builder.random::<32>()))),
    };
    let request = CreateInviteRequest {
        uuid: invitation.id.to_string(),
        email: email.to_lowercase(),
        name: name.to_owned(),
        secret_hash: b64::encode(&Sha256::digest(invitation.secret.as_bytes())),
        expires_in: None,
        user_uuid,
    };
    client.api.mutate(&routes::CREATE_INVITE.at([]), &request).await?;
    Ok(invitation)
}

/// Returns the invitations that are not accepted, and those of recoveries that are not completed.
///
/// # Errors
/// This user is not an administrator.
pub async fn invites(client: &Client) -> Result<Vec<Invite>> {
    client.api.get(routes::INVITES.at([])).await
}

/// Withdraws an invitation: nobody can use it any more.
///
/// # Errors
/// This user is not an administrator, or the invitation does not exist.
pub async fn withdraw_invite(client: &Client, invite_id: &InviteId) -> Result<()> {
    client.api.act(&routes::DELETE_INVITE.at([invite_id.as_str()])).await
}
