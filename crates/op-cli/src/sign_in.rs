//! Signs a command in: as a service account with its token, or as the person of a saved account.

use std::{
    env,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, bail};
#[cfg(unix)]
use op_agent::client::AgentClient;
use op_agent::profiles::{Profile, Profiles};
use op_core::{Client, Credentials, ErrorKind, Host, Identity, Options, admin};
use op_host::{HostOptions, NativeHost, generate_rsa_key};
use op_protocol::{id, jwk::RsaPrivateKey, token::ServiceAccountToken};
use zeroize::Zeroizing;

use crate::caller::Account;

pub(crate) const TOKEN_VARIABLE: &str = "OP_SERVICE_ACCOUNT_TOKEN";
pub(crate) const PASSWORD_VARIABLE: &str = "OPWIRE_PASSWORD";
pub(crate) const NEW_PASSWORD_VARIABLE: &str = "OPWIRE_NEW_PASSWORD";

/// Which saved account to use.
#[derive(clap::Args)]
pub(crate) struct AccountChoice {
    /// Name, e-mail address, server address or id of the saved account; not needed if only one is saved
    #[arg(long, env = "OPWIRE_ACCOUNT", value_name = "NAME")]
    account: Option<String>,
}

impl AccountChoice {
    /// Returns the name, if one was given.
    pub(crate) fn name(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

/// Returns the host with this machine's network and clock.
pub(crate) fn host() -> Result<Arc<dyn Host>> {
    Ok(Arc::new(NativeHost::new(&HostOptions::default())?))
}

/// Returns a new RSA key. Its id is set where it is used.
pub(crate) fn new_rsa_key() -> op_core::Result<RsaPrivateKey> {
    generate_rsa_key("").map_err(|_| op_core::Error::new(ErrorKind::Internal, "cannot generate an RSA key"))
}

/// Returns how the command identifies itself to servers.
pub(crate) fn identity() -> Identity {
    op_agent::identity("opwire CLI")
}

/// Returns the account of the token in the environment or, without one, that of a person. Their agent makes the calls
/// if it runs; otherwise this asks for the password.
pub(crate) async fn account(choice: &AccountChoice) -> Result<Account> {
    if let Some(client) = service_account().await? {
        return Ok(Account::Own(client));
    }
    #[cfg(unix)]
    if from_environment(PASSWORD_VARIABLE).is_none()
        && let Some(agent) = by_agent(choice).await?
    {
        return Ok(Account::Agent(agent));
    }
    Ok(Account::Own(person(choice).await?.1))
}

/// Signs in with the token in the environment or, without one, as the person of a saved account.
pub(crate) async fn client(choice: &AccountChoice) -> Result<Arc<Client>> {
    match service_account().await? {
        Some(client) => Ok(client),
        None => Ok(person(choice).await?.1),
    }
}

/// Signs in with the token in the environment, if there is one.
async fn service_account() -> Result<Option<Arc<Client>>> {
    let Some(text) = from_environment(TOKEN_VARIABLE) else { return Ok(None) };
    let token = ServiceAccountToken::parse(&text).with_context(|| format!("{TOKEN_VARIABLE} is not a valid token"))?;
    let address = token.sign_in_address.clone();
    Ok(Some(Arc::new(connect(&address, Credentials::service_account(token)).await?)))
}

/// Signs in by the agent; `None` if it does not run.
#[cfg(unix)]
async fn by_agent(choice: &AccountChoice) -> Result<Option<AgentClient>> {
    let profile = Profiles::load()?.choose(choice.name())?;
    match AgentClient::sign_in(identity().desktop_config(&profile.name)).await {
        Ok(agent) => Ok(Some(agent)),
        Err(error) if error.kind() == ErrorKind::AgentUnavailable => {
            crate::out::note("With `opwire agent` running, you would not have to type your password for each command.");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Signs in as the person of a saved account.
pub(crate) async fn person(choice: &AccountChoice) -> Result<(Profile, Arc<Client>)> {
    let profile = Profiles::load()?.choose(choice.name())?;
    let client = as_person(&profile).await?;
    Ok((profile, client))
}

/// The clients of people, whose sessions end with the command. Sessions of service accounts expire instead: ending them
/// would cost one more request for each secret that a script reads.
static SIGNED_IN: Mutex<Vec<Arc<Client>>> = Mutex::new(Vec::new());
/// How long to wait for the server at sign-out.
const SIGN_OUT_TIMEOUT: Duration = Duration::from_secs(3);

/// Asks for the password and signs in to an account. [`sign_out`] ends the session.
pub(crate) async fn as_person(profile: &Profile) -> Result<Arc<Client>> {
    let password = password_of(profile)?;
    let credentials = Credentials::person(&profile.email, profile.secret_key()?, password, profile.device.clone());
    let client = Arc::new(connect(&profile.address, credentials).await?);
    SIGNED_IN.lock().unwrap_or_else(PoisonError::into_inner).push(client.clone());
    Ok(client)
}

/// Asks for the password of an account.
pub(crate) fn password_of(profile: &Profile) -> Result<Zeroizing<String>> {
    password(PASSWORD_VARIABLE, &format!("Password for {}: ", profile.email))
}

/// Ends the sessions of people that this command started. A session that cannot be ended expires.
pub(crate) async fn sign_out() {
    let clients = std::mem::take(&mut *SIGNED_IN.lock().unwrap_or_else(PoisonError::into_inner));
    for client in clients {
        let _ = tokio::time::timeout(SIGN_OUT_TIMEOUT, admin::end_session(&client)).await;
    }
}

async fn connect(address: &str, credentials: Credentials) -> Result<Client> {
    let client = Client::sign_in(host()?, address, credentials, identity(), Options::default()).await;
    client.with_context(|| format!("cannot sign in at {address}"))
}

/// Returns the password for a new account or person.
pub(crate) fn new_password() -> Result<Zeroizing<String>> {
    chosen_password(PASSWORD_VARIABLE)
}

/// Returns the password that replaces the current one.
pub(crate) fn changed_password() -> Result<Zeroizing<String>> {
    chosen_password(NEW_PASSWORD_VARIABLE)
}

/// Returns a new password, typed twice or taken from the environment.
fn chosen_password(variable: &str) -> Result<Zeroizing<String>> {
    let first = password(variable, "New password: ")?;
    if first.chars().count() < 10 {
        bail!("the password is too short: use at least 10 characters");
    }
    if from_environment(variable).is_none() && password(variable, "Repeat the new password: ")? != first {
        bail!("the two passwords differ; nothing was changed");
    }
    Ok(first)
}

/// Returns the password from the environment, or one that is typed at `prompt`.
pub(crate) fn password(variable: &str, prompt: &str) -> Result<Zeroizing<String>> {
    match from_environment(variable) {
        Some(password) => Ok(password),
        None => rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .with_context(|| format!("cannot ask for the password without a terminal: set {variable}")),
    }
}

/// Returns a secret from the environment; an empty value counts as none.
pub(crate) fn from_environment(variable: &str) -> Option<Zeroizing<String>> {
    env::var(variable).ok().filter(|password| !password.is_empty()).map(Zeroizing::new)
}

/// Returns a new id for this machine in an account.
pub(crate) fn new_device(host: &Arc<dyn Host>) -> String {
    let mut device = [0; 16];
    host.fill_random(&mut device);
    id::new_id(device)
}
