//! `opwire account`.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::{Args, Subcommand};
use op_agent::profiles::{Profile, Profiles};
use op_core::admin::{self, NewAccount};
use op_protocol::secret_key::SecretKey;
use zeroize::Zeroizing;

use crate::{
    ask,
    emergency_kit::{self, Kit},
    out,
    sign_in::{self, AccountChoice},
};

pub(crate) const SETUP_TOKEN_VARIABLE: &str = "OPWIRE_SETUP_TOKEN";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create an account on a server, and save it on this machine
    ///
    /// The keys are created on this machine. The server never sees the password, the Secret Key or anything that they
    /// decrypt.
    ///
    /// Example: opwire account create Acme --server https://account.example.com --email you@example.com
    /// --setup-token-file setup-token
    Create(Create),
    /// Save an existing account on this machine
    ///
    /// Asks for the Secret Key, which is in your emergency kit, and signs in once to check it.
    ///
    /// Example: opwire account add Acme --server https://account.example.com --email you@example.com
    Add(Add),
    /// List the accounts saved on this machine: name, e-mail address, address of the server, id
    List,
    /// Forget an account on this machine. It stays on the server
    ///
    /// Keep your Secret Key: it is in your emergency kit.
    Forget(Forget),
    /// Change your password and end your other sessions
    ///
    /// Asks for the new password, or takes it from OPWIRE_NEW_PASSWORD.
    Password(AccountChoice),
    /// Write your emergency kit, a page to print with your Secret Key
    ///
    /// Example: opwire account emergency-kit --output kit.html
    EmergencyKit(EmergencyKit),
}

#[derive(Args)]
pub(crate) struct Add {
    /// Name for the account on this machine
    name: String,
    /// Address of the server, such as https://account.example.com
    #[arg(long, value_name = "URL")]
    server: String,
    /// Your e-mail address
    #[arg(long)]
    email: String,
    /// File with the Secret Key; if not given, the Secret Key is asked for
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Forget {
    /// Name of the account
    name: String,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
pub(crate) struct EmergencyKit {
    /// File to write, readable only by you; - for standard output
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
    /// Your name; if not given, the e-mail address
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// File with the setup token, from the server's data folder; if not given, the token is taken from
    /// OPWIRE_SETUP_TOKEN
    #[arg(long, value_name = "FILE")]
    setup_token_file: Option<PathBuf>,
    /// File for your emergency kit, a page to print with your Secret Key; if not given, the kit is printed
    #[arg(long, value_name = "FILE")]
    emergency_kit: Option<PathBuf>,
}

impl Create {
    /// Returns the setup token. It is never an argument, because other programs can see arguments.
    fn setup_token(&self) -> Result<Zeroizing<String>> {
        let token = match &self.setup_token_file {
            Some(file) => fs::read_to_string(file).with_context(|| file.display().to_string())?,
            None => env::var(SETUP_TOKEN_VARIABLE).map_err(|_| {
                anyhow!("the setup token is missing: pass --setup-token-file, or set {SETUP_TOKEN_VARIABLE}")
            })?,
        };
        Ok(Zeroizing::new(token.trim().to_owned()))
    }
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(arguments).await,
        Command::Add(arguments) => add(arguments).await,
        Command::List => list(),
        Command::Forget(arguments) => forget(&arguments),
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

    let device = sign_in::new_device(&host);
    let profile =
        Profile::new(&arguments.name, kit.account_id, &arguments.server, &arguments.email, device, &kit.secret_key);
    out::note(&format!("Account {} has been created.", arguments.name));
    emergency_kit::save_and_hand_out(profile, arguments.emergency_kit.as_deref())
}

async fn add(arguments: Add) -> Result<()> {
    Profiles::load()?.check_free(&arguments.name)?;
    let text = ask::secret(arguments.secret_key_file.as_deref(), "Secret Key: ")?;
    let secret_key = SecretKey::parse(&text).map_err(|error| anyhow!("the Secret Key is invalid: {error}"))?;
    let device = sign_in::new_device(&sign_in::host()?);
    let mut profile =
        Profile::new(&arguments.name, String::new(), &arguments.server, &arguments.email, device, &secret_key);
    profile.id = sign_in::as_person(&profile).await?.account_id().await?;
    out::line(&format!(
        "The account is saved on this machine, without the password: {}",
        Profiles::add(profile)?.display()
    ))
}

async fn change_password(account: &AccountChoice) -> Result<()> {
    let (profile, client) = sign_in::person(account).await?;
    admin::change_password(&client, &sign_in::changed_password()?).await?;
    out::line(&format!("The password for {} has been changed, and your other sessions have ended.", profile.email))
}

fn forget(arguments: &Forget) -> Result<()> {
    let profile = Profiles::load()?.choose(Some(&arguments.name))?;
    ask::confirm(&format!("Forgetting {}, with its Secret Key,", profile.name), arguments.yes)?;
    Profiles::forget(&profile.name)?;
    out::line(&format!("{} is not saved on this machine any more.", profile.name))
}

fn list() -> Result<()> {
    for account in Profiles::load()?.accounts {
        out::row(&[&account.name, &account.email, &account.address, &account.id])?;
    }
    Ok(())
}
