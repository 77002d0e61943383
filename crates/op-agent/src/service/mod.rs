//! The agent.

mod accounts;
mod calls;
mod clock;
mod commands;
mod grants;
mod harden;
mod limits;
mod log;
mod logind;
mod peer;
mod proc;
pub mod prompts;
mod public;
mod queue;
mod serve;
mod sessions;
mod socket;
mod storms;

use std::{env, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Result;
use op_core::{Error, ErrorKind, Host, Identity};

use self::{
    accounts::Accounts,
    grants::Grants,
    log::Log,
    prompts::{Prompt, Proof},
    queue::{Question, Queue},
    sessions::Sessions,
    socket::Socket,
    storms::Storms,
};
pub use clock::{Clock, MachineClock};
pub use harden::harden;
pub use limits::Limits;

/// The name by which the agent identifies itself to servers.
const NAME: &str = "opwire agent";
/// How often what nobody uses any more is looked for.
const TIDY_EVERY: Duration = Duration::from_secs(30);

/// What an agent is started with.
pub struct Settings {
    /// The path of the socket.
    pub socket: PathBuf,
    /// The file with the saved accounts; `None` for the one that the command uses.
    pub accounts: Option<PathBuf>,
    /// The file of the log; `None` for none.
    pub log: Option<PathBuf>,
    /// The ways to ask, the preferred one first. Terminals are always one.
    pub prompts: Vec<Arc<dyn Prompt>>,
    /// How a person proves that it is they who approve.
    pub proof: Proof,
    /// How long things last.
    pub limits: Limits,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// How servers are reached.
    pub host: Arc<dyn Host>,
}

impl Settings {
    /// Returns the default settings of an agent with this socket.
    #[must_use]
    pub fn new(socket: PathBuf, host: Arc<dyn Host>) -> Self {
        Self {
            socket,
            accounts: None,
            log: log::default_file(),
            prompts: Vec::new(),
            proof: Proof::Password,
            limits: Limits::default(),
            clock: Arc::new(MachineClock),
            host,
        }
    }
}

/// A running agent.
pub struct Agent {
    accounts: Arc<Accounts>,
    grants: Arc<Grants>,
    sessions: Arc<Sessions>,
    queue: Arc<Queue>,
    /// Of programs with the public SDKs.
    public: public::Clients,
    log: Arc<Log>,
}

/// An agent whose socket is open.
pub struct Listening {
    agent: Arc<Agent>,
    socket: Socket,
}

impl Agent {
    /// Opens the socket of an agent. It serves once [`Listening::serve`] runs.
    ///
    /// # Errors
    /// The socket cannot be opened, or another agent has it.
    pub fn listen(settings: Settings) -> Result<Listening> {
        let Settings { socket, accounts, log, prompts, proof, limits, clock, host } = settings;
        let socket = socket::open(&socket)?;
        let log = Arc::new(Log::new(log));
        let accounts = Accounts::new(host.clone(), clock.clone(), limits, accounts);
        let grants = Grants::new(clock.clone(), limits);
        let storms = Storms::new(clock.clone(), limits);
        let queue = Queue::new(prompts, proof, limits, storms, accounts.clone(), grants.clone(), log.clone());
        let sessions = Sessions::new(host, clock, limits);
        log.event("started", None, "");
        let agent = Arc::new(Self { accounts, grants, sessions, queue, public: public::Clients::default(), log });
        Ok(Listening { agent, socket })
    }

    /// Returns the grant for what a program asks for. Asks the person if there is none.
    async fn approved(&self, question: &Question) -> Result<u64, Error> {
        let Question { who, profile, scope, .. } = question;
        let is_unlocked = self.accounts.credentials(&profile.name).is_some();
        match self.grants.find(who, &profile.name, scope).filter(|_| is_unlocked) {
            Some(grant) => Ok(grant),
            None => self.queue.ask(question.clone()).await,
        }
    }

    /// Returns the failure of a call. If the server refuses the keys of the account, they are forgotten.
    fn noticed(&self, account: &str, error: Error) -> Error {
        let refused = matches!(error.kind(), ErrorKind::Auth | ErrorKind::UserSuspended) && !error.retryable();
        if !refused {
            return error;
        }
        self.accounts.lock(Some(account));
        self.end_of(Some(account), "locked, because the server refuses the keys");
        Error::new(ErrorKind::DesktopSessionExpired, error)
    }

    /// Ends all approvals and sessions of an account, or of all.
    fn end_of(&self, account: Option<&str>, event: &str) {
        self.grants.end_of(account);
        self.sessions.end_of(account);
        self.log.event(event, account, "");
    }

    /// Locks the agent: ends all approvals, and forgets the keys unless they are to be kept.
    pub fn lock_all(&self, keep_keys: bool, why: &str) {
        if !keep_keys {
            self.accounts.lock(None);
        }
        self.end_of(None, why);
    }
}

impl Listening {
    /// Returns the agent.
    #[must_use]
    pub fn agent(&self) -> Arc<Agent> {
        self.agent.clone()
    }

    /// Serves until `shutdown` completes.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let agent = self.agent.clone();
        let tidy = async {
            loop {
                tokio::time::sleep(TIDY_EVERY).await;
                agent.grants.end_of_dead();
                agent.sessions.end_idle();
                agent.public.end_of_dead();
            }
        };
        let accept = async {
            loop {
                match self.socket.listener.accept().await {
                    Ok((stream, _)) => drop(tokio::spawn(serve::serve(self.agent.clone(), stream))),
                    // Too many open files: they become fewer.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        };
        tokio::select! {
            () = tidy => {}
            () = logind::watch(self.agent.clone()) => {}
            () = accept => {}
            () = shutdown => {}
        }
        self.agent.lock_all(false, "ended");
    }
}

/// Returns the refusal of a program, for this reason.
fn denied(why: &str) -> Error {
    Error::new(ErrorKind::AuthorizationDenied, why)
}

/// Returns how a program of this package, such as `opwire CLI`, identifies itself to servers.
#[must_use]
pub fn identity(name: &str) -> Identity {
    // Without the characters that are not allowed in a column of a header.
    let machine = gethostname::gethostname().to_string_lossy().into_owned();
    Identity {
        programming_language: "Rust".to_owned(),
        sdk_version: op_core::SDK_VERSION.to_owned(),
        integration_name: name.to_owned(),
        integration_version: env!("CARGO_PKG_VERSION").to_owned(),
        request_library: "reqwest".to_owned(),
        request_library_version: op_host::REQWEST_VERSION.to_owned(),
        os: env::consts::OS.to_owned(),
        os_version: "0.0.0".to_owned(),
        architecture: env::consts::ARCH.to_owned(),
        machine_name: machine.chars().filter(|character| character.is_ascii_graphic() && *character != '|').collect(),
    }
}
