//! `opwire join`.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use op_core::admin::{self, Invitation, NewPerson};
use zeroize::Zeroizing;

use crate::{
    ask, emergency_kit, out,
    profile::{Profile, Profiles},
    sign_in,
};

const INVITATION_VARIABLE: &str = "OPWIRE_INVITATION";

#[derive(Args)]
pub(crate) struct Arguments {
    /// File with the invitation; without it, the invitation is taken from OPWIRE_INVITATION, or asked for
    #[arg(long, value_name = "FILE")]
    invitation_file: Option<PathBuf>,
    /// Your name; the one in the invitation when not given
    #[arg(long)]
    name: Option<String>,
    /// Name that the account is saved under on this machine; the account's own when not given
    #[arg(long, value_name = "NAME")]
    account_name: Option<String>,
    /// Write your emergency kit to this file: a page to print, with the Secret Key
    #[arg(long, value_name = "FILE")]
    emergency_kit: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let invitation = match (&arguments.invitation_file, env::var(INVITATION_VARIABLE)) {
        (None, Ok(text)) if !text.is_empty() => Zeroizing::new(text),
        (file, _) => ask::secret(file.as_deref(), "Invitation: ")?,
    };
    let host = sign_in::host()?;
    let invitation = Invitation::parse(&invitation)?;
    let address = invitation.address.clone();
    let invited = admin::open_invitation(&host, invitation).await?;
    let details = &invited.details;
    let account_name = arguments.account_name.unwrap_or_else(|| details.account_name.clone());
    Profiles::load()?.check_free(&account_name).context("give a name with --account-name")?;
    let back = if details.user_uuid.is_some() { "back " } else { "" };
    out::note(&format!("You are invited {back}to the account {} as {}.", details.account_name, details.email));
    let password = sign_in::new_password()?;
    let name = arguments.name.as_deref().unwrap_or(&details.name);
    let person = NewPerson { name, password: &password };
    let kit = admin::join(&host, &invited, &person, &sign_in::new_rsa_key).await?;

    let device = sign_in::new_device(&host);
    let profile = Profile::new(&account_name, &address, &details.email, device, &kit.secret_key);
    let kept = emergency_kit::keep(profile, arguments.emergency_kit.as_deref());
    out::note(&format!("You can sign in once an administrator has run `opwire user confirm {}`.", details.email));
    kept
}
