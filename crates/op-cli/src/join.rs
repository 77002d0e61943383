//! `opwire join`.

use std::{env, path::PathBuf};

use anyhow::{Result, anyhow};
use clap::Args;
use op_agent::profiles::{Profile, Profiles};
use op_core::admin::{self, Invitation, NewPerson};
use zeroize::Zeroizing;

use crate::{ask, emergency_kit, out, sign_in};

pub(crate) const INVITATION_VARIABLE: &str = "OPWIRE_INVITATION";

#[derive(Args)]
pub(crate) struct Arguments {
    /// File with the invitation; if not given, the invitation is taken from OPWIRE_INVITATION or asked for
    #[arg(long, value_name = "FILE")]
    invitation_file: Option<PathBuf>,
    /// Your name; if not given, the name in the invitation
    #[arg(long)]
    name: Option<String>,
    /// Name for the account on this machine; if not given, the account's own name
    #[arg(long, value_name = "NAME")]
    account_name: Option<String>,
    /// File for your emergency kit, a page to print with your Secret Key; if not given, the kit is printed
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
    Profiles::load()?.check_free(&account_name).map_err(|error| anyhow!("{error} with --account-name"))?;
    let purpose = if details.user_uuid.is_some() { "recover access to" } else { "join" };
    out::note(&format!("You are invited to {purpose} the account {} as {}.", details.account_name, details.email));
    let password = sign_in::new_password()?;
    let name = arguments.name.as_deref().unwrap_or(&details.name);
    let person = NewPerson { name, password: &password };
    let kit = admin::join(&host, &invited, &person, &sign_in::new_rsa_key).await?;

    let device = sign_in::new_device(&host);
    let profile = Profile::new(&account_name, kit.account_id, &address, &details.email, device, &kit.secret_key);
    let saved = emergency_kit::save_and_hand_out(profile, arguments.emergency_kit.as_deref());
    out::note(&format!("Before you can sign in, an administrator must run `opwire user confirm {}`.", details.email));
    saved
}
