//! Helpers to run the command as a person does.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread,
};

pub(crate) const PASSWORD: &str = "a password for the tests";

/// Returns the command, without the variables of this machine's environment that it would use.
pub(crate) fn opwire(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opwire"));
    command
        .env_remove("OP_SERVICE_ACCOUNT_TOKEN")
        .env_remove("OPWIRE_ACCOUNT")
        // In a folder of the test's own, where no agent listens unless the test starts one.
        .env("OPWIRE_AGENT_SOCKET", home.join("run/agent.sock"))
        .env("XDG_STATE_HOME", home.join("state"))
        .env("OPWIRE_CONFIG_DIR", home)
        .env("OPWIRE_PASSWORD", PASSWORD)
        .stdin(Stdio::null());
    command
}

pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim_end().to_owned()
}

pub(crate) fn fails(command: &mut Command) -> String {
    let output: Output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert_eq!(text(&output.stdout), "", "failures go to standard error");
    text(&output.stderr)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running server. Dropping it stops the server.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("the server says where it listens").unwrap();
            if let Some((_, address)) = line.split_once("Account server on ") {
                break address.to_owned();
            }
        };
        thread::spawn(move || lines.for_each(drop));
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns `opwire account create Acme` for the server with this data folder.
pub(crate) fn create_account(home: &Path, server: &str, data: &Path) -> Command {
    let mut command = opwire(home);
    command.args(["account", "create", "Acme", "--server", server, "--email", "you@example.com"]);
    command.arg("--setup-token-file").arg(data.join("setup-token"));
    command
}

pub(crate) fn start_server(home: &Path, data: &Path) -> Server {
    Server::start(opwire(home).args(["server", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data))
}

/// Starts a server and creates an account. Returns the server and the account's Secret Key.
pub(crate) fn start_with_account(home: &Path) -> (Server, String) {
    let data = home.join("data");
    let server = start_server(home, &data);
    let kit = run(&mut create_account(home, &server.address, &data));
    (server, secret_key(&kit))
}

/// Returns the Secret Key from a printed emergency kit.
pub(crate) fn secret_key(kit: &str) -> String {
    let line = kit.lines().find_map(|line| line.trim().strip_prefix("Secret Key  "));
    line.expect("a kit has a Secret Key").to_owned()
}
