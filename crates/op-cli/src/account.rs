//! `opwire account`.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use op_core::admin::{self, NewAccount};
use op_protocol::id;
use zeroize::Zeroizing;

use crate::{
    profile::{Profile, Profiles},
    sign_in,
};

const SETUP_TOKEN_VARIABLE: &str = "OPWIRE_SETUP_TOKEN";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create an account on a server, and save it on this machine
    ///
    /// The keys are made here. The server never sees the password, the Secret Key or anything that they open.
    Create(Create),
    /// List the accounts saved on this machine
    List,
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
        Command::List => list(),
    }
}

async fn create(arguments: Create) -> Result<()> {
    let profiles = Profiles::load()?;
    if profiles.has(&arguments.name) {
        bail!("an account named {} is saved already: choose another name", arguments.name);
    }
    let setup_token = arguments.setup_token()?;
    let password = sign_in::new_password()?;
    let account = NewAccount {
        name: &arguments.name,
        owner: arguments.owner.as_deref().unwrap_or(&arguments.email),
        email: &arguments.email,
        password: &password,
    };
    let host = sign_in::host()?;
    let keys = sign_in::new_rsa_key()?;
    let kit = admin::create_account(&host, &arguments.server, &setup_token, &account, keys).await?;

    let mut device = [0; 16];
    host.fill_random(&mut device);
    let profile =
        Profile::new(&arguments.name, &arguments.server, &arguments.email, id::new_id(device), &kit.secret_key);
    println!("Account {} is created. Keep this where only you find it:\n", arguments.name);
    println!("  Address     {}", arguments.server);
    println!("  E-mail      {}", arguments.email);
    println!("  Secret Key  {}", kit.secret_key.to_string().as_str());
    println!("  Password    the one that you chose\n");
    println!("Nobody can recover the account without the Secret Key and the password.");
    let file = profiles.add(profile)?;
    println!("It is also saved on this machine, without the password: {}", file.display());
    Ok(())
}

fn list() -> Result<()> {
    for account in Profiles::load()?.accounts {
        println!("{}\t{}\t{}", account.name, account.email, account.address);
    }
    Ok(())
}
