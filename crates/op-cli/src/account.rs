//! `opwire account`.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};
use op_core::admin::{self, NewAccount};
use op_protocol::secret_key::SecretKey;
use zeroize::Zeroizing;

use crate::{
    ask,
    emergency_kit::{self, Kit},
    out,
    profile::{Profile, Profiles},
    sign_in::{self, AccountChoice},
};

const SETUP_TOKEN_VARIABLE: &str = "OPWIRE_SETUP_TOKEN";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create an account on a server, and save it on this machine
    ///
    /// The keys are made here. The server never sees the password, the Secret Key or anything that they open.
    Create(Create),
    /// Save an account on this machine that you have elsewhere
    ///
    /// Asks for the Secret Key, which stands in your emergency kit, and signs in once to see that it is right.
    Add(Add),
    /// List the accounts saved on this machine
    List,
    /// Change your password; your other sessions end
    ///
    /// The new password is asked for, or taken from OPWIRE_NEW_PASSWORD.
    Password(AccountChoice),
    /// Write your emergency kit: a page to print, with the Secret Key
    EmergencyKit(EmergencyKit),
}

#[derive(Args)]
pub(crate) struct Add {
    /// Name that the account is saved under on this machine
    name: String,
    /// Address of the server, such as https://account.example.com
    #[arg(long, value_name = "URL")]
    server: String,
    /// Your e-mail address
    #[arg(long)]
    email: String,
    /// File with the Secret Key; asked for when not given
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct EmergencyKit {
    /// Write to this file, which only you can read
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    account: AccountChoice,
}

#[derive(Args)]
pub(crate) struct Create {
    /// Name of the account
    name: String,
    /// Address of the server, such as https://account.example.com
    #[arg(long, value_name = "URL")]
    server: String,
    /// Your e-mail address
    #[arg(long)]
    email: String,
    /// Your name; the e-mail address when not given
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// File with the server's setup token, from its data folder; without it, the token is taken from
    /// OPWIRE_SETUP_TOKEN
    #[arg(long, value_name = "FILE")]
    setup_token_file: Option<PathBuf>,
    /// Write your emergency kit to this file: a page to print, with the Secret Key
    #[arg(long, value_name = "FILE")]
    emergency_kit: Option<PathBuf>,
}

impl Create {
    /// Never an argument: those are visible to other programs.
    fn setup_token(&self) -> Result<Zeroizing<String>> {
        let token = match &self.setup_token_file {
            Some(file) => fs::read_to_string(file).with_context(|| file.display().to_string())?,
            None => env::var(SETUP_TOKEN_VARIABLE)
                .map_err(|_| anyhow!("no setup token: pass --setup-token-file, or set {SETUP_TOKEN_VARIABLE}"))?,
        };
        Ok(Zeroizing::new(token.trim().to_owned()))
    }
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::Add(arguments) => add(arguments).await,
        Command::List => list(),
        Command::Password(account) => change_password(&account).await,
        Command::EmergencyKit(arguments) => {
            let profile = Profiles::load()?.choose(arguments.account.name())?;
            Kit::of(&profile)?.hand_out(Some(&arguments.output))
        }
    }
}

async fn create(arguments: Create) -> Result<()> {
    Profiles::load()?.check_free(&arguments.name)?;
    let setup_token = arguments.setup_token()?;
    let password = sign_in::new_password()?;
    let account = NewAccount {
        name: &arguments.name,
        owner: arguments.owner.as_deref().unwrap_or(&arguments.email),
        email: &arguments.email,
        password: &password,
    };
    let host = sign_in::host()?;
    let kit = admin::create_account(&host, &arguments.server, &setup_token, &account, &sign_in::new_rsa_key).await?;

    let profile =
        Profile::new(&arguments.name, &arguments.server, &arguments.email, sign_in::new_device(&host), &kit.secret_key);
    out::note(&format!("Account {} is created.", arguments.name));
    emergency_kit::keep(profile, arguments.emergency_kit.as_deref())
}

async fn add(arguments: Add) -> Result<()> {
    Profiles::load()?.check_free(&arguments.name)?;
    let text = ask::secret(arguments.secret_key_file.as_deref(), "Secret Key: ")?;
    let secret_key = SecretKey::parse(&text).map_err(|error| anyhow!("the Secret Key: {error}"))?;
    let device = sign_in::new_device(&sign_in::host()?);
    let profile = Profile::new(&arguments.name, &arguments.server, &arguments.email, device, &secret_key);
    sign_in::as_person(&profile).await?;
    out::line(&format!(
        "The account is saved on this machine, without the password: {}",
        Profiles::add(profile)?.display()
    ))
}

async fn change_password(account: &AccountChoice) -> Result<()> {
    let (profile, client) = sign_in::person(account).await?;
    admin::change_password(&client, &sign_in::changed_password()?).await?;
    out::line(&format!("The password of {} is changed, and other sessions are ended.", profile.email))
}

fn list() -> Result<()> {
    for account in Profiles::load()?.accounts {
        out::row(&[&account.name, &account.email, &account.address])?;
    }
    Ok(())
}
