//! Starts a server as a process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

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
        let mut command = Command::new(env!("CARGO_BIN_EXE_opwire"));
        command.args(["server", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data.folder).args(arguments);
        command.env_remove("OPWIRE_DATABASE").env("OPWIRE_LOG", "error").stdin(Stdio::null()).stderr(Stdio::piped());
        if let Some(url) = data.database {
            command.env("OPWIRE_DATABASE", url);
        }
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut log = Vec::new();
        let url = loop {
            let Some(line) = lines.next() else { panic!("the server stopped: {log:?}") };
            let line = line.unwrap();
            if let Some((_, url)) = line.split_once("Account server on ") {
                break url.to_owned();
            }
            log.push(line);
        };
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

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
