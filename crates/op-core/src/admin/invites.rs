//! Invitations: an administrator makes one, and hands it to the person by a way of their own.

use std::fmt;

use op_protocol::{
    b64, id,
    rest::{CreateInviteRequest, Invite, routes},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::maker::Maker;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    ids,
    people::users,
};

/// Begins the part of an invitation that the server does not see.
const MARK: &str = "#invite.";

/// What an invited person gets: where the server is, which invite it is, and the secret that only the two know. Written
/// as `https://account.example.com#invite.ID.SECRET`.
pub struct Invitation {
    /// Address of the server.
    pub address: String,
    pub(super) id: String,
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
            (id::is_id(id) && !secret.is_empty()).then(|| Self {
                address: address.to_owned(),
                id: id.to_owned(),
                secret: Zeroizing::new(secret.to_owned()),
            })
        };
        parts().ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidConfiguration,
                "that is not an invitation, such as https://account.example.com#invite.ID.SECRET",
            )
        })
    }

    /// The text to hand over.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}{MARK}{}.{}", self.address, self.id, self.secret.as_str()))
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("address", &self.address).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Invites a person. An earlier invitation of the same address is void from here on. `address` is the server's, as
/// the person reaches it.
///
/// # Errors
/// This user is no administrator, or somebody with this e-mail address is in the account.
pub async fn invite(client: &Client, address: &str, email: &str, name: &str) -> Result<Invitation> {
    make_invitation(client, address, email, name, None).await
}

/// Invites a person of the account back in who lost the password or the Secret Key. Nothing changes for that person
/// until the recovery is completed.
///
/// # Errors
/// This user is no administrator, or there is no such active person.
pub async fn recover_user(client: &Client, address: &str, user_id: &str) -> Result<Invitation> {
    ids::check("user_id", user_id)?;
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
    let maker = Maker { host: client.host() };
    let invitation = Invitation {
        address: address.to_owned(),
        id: maker.id(),
        secret: Zeroizing::new(b64::encode(&*Zeroizing::new(maker.random::<32>()))),
    };
    let request = CreateInviteRequest {
        uuid: invitation.id.clone(),
        email: email.to_lowercase(),
        name: name.to_owned(),
        secret_hash: b64::encode(&Sha256::digest(invitation.secret.as_bytes())),
        expires_in: None,
        user_uuid,
    };
    client.api.mutate(&routes::CREATE_INVITE.at([]), &request).await?;
    Ok(invitation)
}

/// The invitations that nobody has accepted, and those of recoveries that are not completed.
///
/// # Errors
/// This user is no administrator.
pub async fn invites(client: &Client) -> Result<Vec<Invite>> {
    client.api.get(routes::INVITES.at([])).await
}

/// Withdraws an invitation: nobody joins or gets back in with it any more.
///
/// # Errors
/// This user is no administrator, or there is no such invitation.
pub async fn withdraw_invite(client: &Client, invite_id: &str) -> Result<()> {
    ids::check("invite_id", invite_id)?;
    client.api.act(&routes::DELETE_INVITE.at([invite_id])).await
}
