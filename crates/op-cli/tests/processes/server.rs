//! Starts a server as a process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use op_protocol::permissions::ALL;

use crate::support::Client;
use crate::team::Team;

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) setup_token: String,
    process: Child,
}

/// Where servers store their data.
#[derive(Clone, Copy)]
pub(crate) struct Data<'a> {
    pub(crate) folder: &'a Path,
    /// URL of a PostgreSQL database, or None for SQLite in the folder.
    pub(crate) database: Option<&'a str>,
}

impl Server {
    pub(crate) fn start(data: Data<'_>, arguments: &[&str]) -> Self {
        let mut process = command(data, ANY_PORT).args(arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = address(&mut lines);
        std::thread::spawn(move || lines.for_each(drop));
        let setup_token = std::fs::read_to_string(data.folder.join("setup-token")).unwrap();
        Self { url, setup_token, process }
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Kills the server, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }

    /// Stops the server as a service manager does, and returns its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        signal(self.process_id(), "TERM");
        exit_code(&mut self.process)
    }

    /// Creates an account with its groups, and signs its owner in.
    pub(crate) async fn team(&self) -> Team {
        Team::at(&self.url, &self.setup_token).await
    }

    pub(crate) async fn owner(&self) -> Client {
        self.team().await.owner
    }

    /// Creates a service account that may do everything in the vault except recover it, and signs it in.
    pub(crate) async fn service_account(&self, owner: &Client, vault: &str) -> Client {
        let person = owner.make_service_account(vault, ALL & !1).await;
        Client::sign_in(&self.url, &person).await
    }
}

/// A process that is killed when it is dropped.
pub(crate) struct Killed(pub(crate) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The port is chosen by the system.
pub(crate) const ANY_PORT: &str = "127.0.0.1:0";

/// The command that starts a server on an address.
pub(crate) fn command(data: Data<'_>, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opwire"));
    command.args(["server", "--listen", listen, "--data-dir"]).arg(data.folder);
    command.env_remove("OPWIRE_DATABASE").env("OPWIRE_LOG", "error").stdin(Stdio::null());
    if let Some(url) = data.database {
        command.env("OPWIRE_DATABASE", url);
    }
    command
}

/// Reads a server's standard error until it names its address.
pub(crate) fn address(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> String {
    let mut log = Vec::new();
    loop {
        let Some(line) = lines.next() else { panic!("the server stopped: {log:?}") };
        let line = line.unwrap();
        if let Some((_, url)) = line.split_once("Account server on ") {
            return url.to_owned();
        }
        log.push(line);
    }
}

/// Waits for a process to end, for half a minute at most, and returns its exit code.
pub(crate) fn exit_code(process: &mut Child) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status.code();
        }
        assert!(started.elapsed() < Duration::from_secs(30), "the process goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal, such as `TERM`, to a process.
pub(crate) fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap().success());
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
