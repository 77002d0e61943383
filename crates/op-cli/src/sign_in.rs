//! Who a command acts for: a service account by its token, or the person of a saved account.

use std::{
    env,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use op_core::{Client, Credentials, ErrorKind, Host, Identity, Options, admin};
use op_host::{HostOptions, NativeHost, generate_rsa_key};
use op_protocol::{id, jwk::RsaPrivateKey, token::ServiceAccountToken};
use zeroize::Zeroizing;

use crate::profile::{Profile, Profiles};

const TOKEN_VARIABLE: &str = "OP_SERVICE_ACCOUNT_TOKEN";
const PASSWORD_VARIABLE: &str = "OPWIRE_PASSWORD";
const NEW_PASSWORD_VARIABLE: &str = "OPWIRE_NEW_PASSWORD";

/// Which saved account to use.
#[derive(clap::Args)]
pub(crate) struct AccountChoice {
    /// Name of the saved account; not needed when there is only one
    #[arg(long, env = "OPWIRE_ACCOUNT", value_name = "NAME")]
    account: Option<String>,
}

impl AccountChoice {
    /// The name, if one was given.
    pub(crate) fn name(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

/// The network and the clock of this machine.
pub(crate) fn host() -> Result<Arc<dyn Host>> {
    Ok(Arc::new(NativeHost::new(&HostOptions::default())?))
}

/// New RSA keys. Their id is set where they are used.
pub(crate) fn new_rsa_key() -> op_core::Result<RsaPrivateKey> {
    generate_rsa_key("").map_err(|_| op_core::Error::new(ErrorKind::Internal, "no RSA key could be generated"))
}

/// How the command introduces itself.
pub(crate) fn identity() -> Identity {
    Identity {
        programming_language: "Rust".to_owned(),
        sdk_version: op_core::SDK_VERSION.to_owned(),
        integration_name: "opwire CLI".to_owned(),
        integration_version: env!("CARGO_PKG_VERSION").to_owned(),
        request_library: "reqwest".to_owned(),
        request_library_version: op_host::REQWEST_VERSION.to_owned(),
        os: env::consts::OS.to_owned(),
        os_version: "0.0.0".to_owned(),
        architecture: env::consts::ARCH.to_owned(),
        machine_name: machine_name(),
    }
}

/// The name of this machine as far as it fits a column of a header.
fn machine_name() -> String {
    let name = gethostname::gethostname().to_string_lossy().into_owned();
    name.chars().filter(|character| character.is_ascii_graphic() && *character != '|').collect()
}

/// Signs in with the token in the environment, or else as the person of a saved account.
pub(crate) async fn client(choice: &AccountChoice) -> Result<Arc<Client>> {
    match env::var(TOKEN_VARIABLE).map(Zeroizing::new) {
        Ok(text) if !text.is_empty() => {
            let token =
                ServiceAccountToken::parse(&text).with_context(|| format!("{TOKEN_VARIABLE} is not a token"))?;
            let address = token.sign_in_address.clone();
            Ok(Arc::new(connect(&address, Credentials::service_account(token)).await?))
        }
        _ => Ok(person(choice).await?.1),
    }
}

/// Signs in as the person of a saved account.
pub(crate) async fn person(choice: &AccountChoice) -> Result<(Profile, Arc<Client>)> {
    let profile = Profiles::load()?.choose(choice.name())?;
    let client = as_person(&profile).await?;
    Ok((profile, client))
}

/// The clients of persons, whose sessions end with the command. Those of service accounts end by themselves: a request more
/// for each secret that a script reads would be a high price for a shorter list.
static SIGNED_IN: Mutex<Vec<Arc<Client>>> = Mutex::new(Vec::new());
/// The command does not wait longer for a server that has just answered it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Signs in to an account, with a password that is asked for. [`sign_out`] ends the session.
pub(crate) async fn as_person(profile: &Profile) -> Result<Arc<Client>> {
    let password = password(PASSWORD_VARIABLE, &format!("Password of {}: ", profile.email))?;
    let credentials = Credentials::person(&profile.email, profile.secret_key()?, password, profile.device.clone());
    let client = Arc::new(connect(&profile.address, credentials).await?);
    SIGNED_IN.lock().unwrap_or_else(PoisonError::into_inner).push(client.clone());
    Ok(client)
}

/// Ends the sessions of persons that this command began. One that cannot be ended expires.
pub(crate) async fn sign_out() {
    let clients = std::mem::take(&mut *SIGNED_IN.lock().unwrap_or_else(PoisonError::into_inner));
    for client in clients {
        let _ = tokio::time::timeout(PATIENCE, admin::end_session(&client)).await;
    }
}

async fn connect(address: &str, credentials: Credentials) -> Result<Client> {
    let client = Client::sign_in(host()?, address, credentials, identity(), Options::default()).await;
    client.with_context(|| format!("signing in at {address}"))
}

/// The password of a new account or person.
pub(crate) fn new_password() -> Result<Zeroizing<String>> {
    chosen_password(PASSWORD_VARIABLE)
}

/// The password that takes the present one's place.
pub(crate) fn changed_password() -> Result<Zeroizing<String>> {
    chosen_password(NEW_PASSWORD_VARIABLE)
}

/// A new password, typed twice, or the one in the environment.
fn chosen_password(variable: &str) -> Result<Zeroizing<String>> {
    let first = password(variable, "New password: ")?;
    if first.chars().count() < 10 {
        bail!("the password is too short: use at least 10 characters");
    }
    if given(variable).is_none() && password(variable, "The same again: ")? != first {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(first)
}

/// The password in the environment, or one that is typed at `prompt`.
fn password(variable: &str, prompt: &str) -> Result<Zeroizing<String>> {
    match given(variable) {
        Some(password) => Ok(password),
        None => rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .with_context(|| format!("no terminal to ask for the password on; set {variable}")),
    }
}

/// The password in the environment; an empty one counts as none.
fn given(variable: &str) -> Option<Zeroizing<String>> {
    env::var(variable).ok().filter(|password| !password.is_empty()).map(Zeroizing::new)
}

/// The id of this machine in an account.
pub(crate) fn new_device(host: &Arc<dyn Host>) -> String {
    let mut device = [0; 16];
    host.fill_random(&mut device);
    id::new_id(device)
}
