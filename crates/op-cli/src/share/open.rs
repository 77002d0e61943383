//! `opwire share open`.

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use op_core::{
    ErrorKind,
    shares::{OpenedShare, ReceivedShare, ShareError},
    types::Item,
};
use op_protocol::rest::{ShareState, ShareStatus};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    PASSWORD_VARIABLE,
    files::{self, SavedFile},
    shown,
};
use crate::{ask, out, sign_in};

#[derive(Args)]
pub(crate) struct Arguments {
    /// Link; - to type it, or to read it from standard input
    link: String,
    /// Your e-mail address, for a share for certain people; if not given, the command asks for it
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Show concealed values, such as passwords, which are dots otherwise
    #[arg(long)]
    reveal: bool,
    /// Print the value of one field alone, by its title or id; `notes` for the notes
    #[arg(long, value_name = "NAME", conflicts_with_all = ["reveal", "json"])]
    field: Option<String>,
    /// Print the item as JSON, including its secrets
    #[arg(long)]
    json: bool,
    /// Folder to save the item's files in, readable only by you; existing files are kept
    #[arg(long, value_name = "FOLDER")]
    save_files: Option<PathBuf>,
    /// End the share once it is shown: for you or, if anyone can open it, for everybody
    #[arg(long)]
    end: bool,
    /// Do not ask for confirmation before a view is counted
    #[arg(long)]
    yes: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Opened<'a> {
    sender: &'a str,
    account: &'a str,
    expires_at: &'a str,
    views_left: Option<u32>,
    item: &'a Item,
    saved_files: &'a [SavedFile],
}

pub(super) async fn run(mut arguments: Arguments) -> Result<()> {
    let link = link(Zeroizing::new(std::mem::take(&mut arguments.link)))?;
    let share = ReceivedShare::new(sign_in::host()?, &link)?;
    let mut status = active(&share).await?;
    out::note(&format!("{} ({}) shares this until {}.", status.sender, status.account, status.expires_at));
    if status.needs_email {
        prove_address(&share, arguments.email.as_deref()).await?;
        status = active(&share).await?;
    }
    // What may fail, fails before the view is counted.
    arguments.save_files.as_deref().map(files::prepare).transpose()?;
    confirm(&status, &arguments)?;
    let opened = unlock(&share, status.needs_password).await?;

    let mut saved = Vec::new();
    let saving = match &arguments.save_files {
        Some(folder) => files::save(&share, &opened, folder, &mut saved).await,
        None => Ok(()),
    };
    print(&arguments, &status, &opened, &saved)?;
    saving?;
    if arguments.end {
        share.end().await.map_err(explain)?;
        out::note("The share has ended.");
    }
    Ok(())
}

/// Returns the link from the argument, which may refer to the terminal or to standard input.
fn link(argument: Zeroizing<String>) -> Result<Zeroizing<String>> {
    if argument.as_str() != "-" {
        return Ok(argument);
    }
    if io::stdin().is_terminal() {
        return ask::typed("Link: ");
    }
    ask::line("")?.ok_or_else(|| anyhow!("standard input is empty: write the link to it, or run this on a terminal"))
}

/// Returns the status of a share that can be opened.
async fn active(share: &ReceivedShare) -> Result<ShareStatus> {
    match share.status().await.map_err(explain)? {
        status if status.state == ShareState::Active => Ok(status),
        status => Err(explain(ShareError::Over(status.state))),
    }
}

/// Proves the person's e-mail address by a code that is sent there.
async fn prove_address(share: &ReceivedShare, email: Option<&str>) -> Result<()> {
    const NO_EMAIL: &str = "the share is for certain people: pass your e-mail address with --email";
    let email = match email {
        Some(email) => email.to_owned(),
        None if io::stdin().is_terminal() => {
            ask::line("Your e-mail address: ")?.ok_or_else(|| anyhow!(NO_EMAIL))?.to_string()
        }
        None => bail!(NO_EMAIL),
    };
    share.send_code(&email).await.map_err(explain)?;
    out::note(&format!("If this is shared with {email}, a code was sent there. It is valid for ten minutes."));
    loop {
        let code = ask::line("Code: ")?.ok_or_else(|| {
            anyhow!(
                "the code that was sent to {email} is missing: type it on a terminal, or write it to standard input"
            )
        })?;
        match share.verify(&email, &code).await {
            Err(ShareError::WrongCode) => out::note("The code is wrong. Try again."),
            result => return result.map_err(explain),
        }
    }
}

/// Asks before a view is counted, if views are limited.
fn confirm(status: &ShareStatus, arguments: &Arguments) -> Result<()> {
    let Some(left) = status.views_left.filter(|_| !status.is_open) else { return Ok(()) };
    let views = if left == 1 { "the last view".to_owned() } else { format!("one of {left} views") };
    let shows_secrets = arguments.reveal || arguments.json || arguments.field.is_some();
    if !shows_secrets && arguments.save_files.is_none() && !can_ask() {
        bail!(
            "opening this share would use {views} and show concealed values as dots: pass --reveal, --field, --json or \
             --save-files"
        );
    }
    if status.files > 0 && arguments.save_files.is_none() {
        out::note(&format!("It has files ({}), which only --save-files FOLDER saves.", status.files));
    }
    ask::confirm(&format!("Opening this share uses {views}, which"), arguments.yes)
}

/// Opens the share, with its password if it has one. A wrong password uses no view.
async fn unlock(share: &ReceivedShare, needs_password: bool) -> Result<OpenedShare> {
    if !needs_password {
        return share.open(None).await.map_err(explain);
    }
    let is_typed = sign_in::from_environment(PASSWORD_VARIABLE).is_none();
    loop {
        let password = sign_in::password(PASSWORD_VARIABLE, "Password of the share: ")?;
        match share.open(Some(&password)).await {
            Err(ShareError::WrongPassword) if is_typed => out::note("The password is wrong. Try again."),
            result => return result.map_err(explain),
        }
    }
}

fn print(arguments: &Arguments, status: &ShareStatus, opened: &OpenedShare, saved: &[SavedFile]) -> Result<()> {
    let item = &opened.item;
    if let Some(name) = &arguments.field {
        return print_field(item, name);
    }
    if arguments.json {
        let opened = Opened {
            sender: &status.sender,
            account: &status.account,
            expires_at: &opened.expires_at,
            views_left: opened.views_left,
            item,
            saved_files: saved,
        };
        return out::json(&opened, true);
    }
    out::page(&shown::text(item, arguments.reveal))?;
    if !arguments.reveal && shown::hides_something(item) {
        if can_ask() && ask::agrees("Show the concealed values too?")? {
            return out::page(&shown::text(item, true));
        }
        out::note("Concealed values are dots: --reveal shows them.");
    }
    Ok(())
}

/// Prints the value of a field. If there is no such field, asks for another one, as the view is used by now.
fn print_field(item: &Item, name: &str) -> Result<()> {
    let mut name = Zeroizing::new(name.to_owned());
    loop {
        match shown::field(item, &name) {
            Ok(value) => return out::exact(Zeroizing::new(format!("{value}\n")).as_bytes()),
            Err(error) if can_ask() => {
                out::note(&error.to_string());
                name = ask::line("Field: ")?.ok_or(error)?;
            }
            Err(error) => return Err(error),
        }
    }
}

fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Returns the failure with what to do about it.
fn explain(error: ShareError) -> anyhow::Error {
    match error {
        ShareError::Over(_) => anyhow!("{error}: ask whoever sent the link for a new one"),
        ShareError::WrongPassword => anyhow!("{error}: {PASSWORD_VARIABLE} has another one"),
        ShareError::Other(error) if error.kind() == ErrorKind::NotFound => {
            anyhow!("no share has this link: it may be incomplete, or the share ended more than 90 days ago")
        }
        error => error.into(),
    }
}
