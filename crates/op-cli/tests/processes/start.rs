//! Starts that cannot succeed, and what the data folder of one that does looks like to others.

use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::server::{ANY_PORT, Data, Server, command};

/// Runs a server that must not start, and returns why it does not.
fn refusal(command: &mut Command) -> String {
    let started = Instant::now();
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let why = String::from_utf8(output.stderr).unwrap();
    // It takes 2 s at most, if the machine has nothing else to do.
    assert!(started.elapsed() < Duration::from_secs(15), "{why}");
    assert_eq!(output.status.code(), Some(1), "{why}");
    assert!(!why.contains("Account server on") && output.stdout.is_empty(), "{why}");
    why
}

#[test]
fn a_server_that_cannot_listen_says_why_and_touches_nothing() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let data = Data { folder: &data, database: None };
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().to_string();
    for (listen, reason) in
        [(taken.as_str(), "Address already in use"), ("192.0.2.1:8451", "--tls-cert"), ("0.0.0.0:0", "--tls-cert")]
    {
        let why = refusal(&mut command(data, listen));
        assert!(why.contains(listen) && why.contains(reason), "{why}");
    }
    let missing = folder.path().join("none.pem");
    let why = refusal(command(data, ANY_PORT).arg("--tls-cert").arg(&missing).arg("--tls-key").arg(&missing));
    assert!(why.contains("none.pem: No such file"), "{why}");
    assert!(!data.folder.exists());
}

#[tokio::test]
async fn a_server_that_cannot_reach_postgresql_says_why() {
    let folder = TempDir::new().unwrap();
    // The system does not answer connections while so many wait to be accepted.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let silent = listener.local_addr().unwrap().to_string();
    let mut waiting = Vec::new();
    while let Ok(connected) = timeout(Duration::from_millis(500), TcpStream::connect(&silent)).await {
        waiting.push(connected.unwrap());
    }
    for (host, place, reason) in [
        ("127.0.0.1:1", "127.0.0.1:1", "Connection refused"),
        (&silent, &silent, "timed out"),
        ("%2Fnone", "/none/.s.PGSQL.5432", "No such file or directory"),
    ] {
        let url = format!("postgres://user@{host}/opwire");
        let why = refusal(&mut command(Data { folder: folder.path(), database: Some(&url) }, ANY_PORT));
        assert!(why.contains(&format!("PostgreSQL at {place} cannot be reached: {reason}")), "{why}");
    }
    drop(listener);
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Files that are not writable for the user nobody, if the tests run as root, and otherwise not for theirs.
#[test]
fn a_server_that_cannot_write_its_data_says_which() {
    const NOBODY: u32 = 65534;
    let folder = TempDir::new().unwrap();
    let (data, program) = (folder.path().join("data"), folder.path().join("opwire"));
    Server::start(Data { folder: &data, database: None }, &[]).stop();
    let is_root = nix::unistd::Uid::effective().is_root();
    if is_root {
        chmod(folder.path(), 0o755);
        std::fs::copy(env!("CARGO_BIN_EXE_opwire"), &program).unwrap();
    }
    let start = || {
        let mut command = command(Data { folder: &data, database: None }, ANY_PORT);
        if is_root {
            let mut as_nobody = Command::new(&program);
            as_nobody.args(command.get_args()).env_remove("OPWIRE_DATABASE").uid(NOBODY).gid(NOBODY);
            command = as_nobody;
        }
        command.current_dir("/");
        refusal(&mut command)
    };
    for name in ["opwire.db", "setup-token", "files", ""] {
        let path = data.join(name);
        if is_root {
            chown(&data, Some(NOBODY), None).unwrap();
            for entry in std::fs::read_dir(&data).unwrap() {
                chown(entry.unwrap().path(), Some(NOBODY), None).unwrap();
            }
        }
        let is_folder = path.is_dir();
        chmod(&path, if is_folder { 0o500 } else { 0o400 });
        let why = start();
        chmod(&path, if is_folder { 0o700 } else { 0o600 });
        let shown = format!("{} cannot be read and written (", path.display().to_string().trim_end_matches('/'));
        assert!(why.contains(&shown), "{why}");
        assert!(why.contains("let it belong to the user that runs the server"), "{why}");
    }
}

#[test]
fn what_a_server_writes_is_private() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(Data { folder: &data, database: None }, &[]);
    for (name, mode) in [
        ("", 0o700),
        ("files", 0o700),
        ("opwire.db", 0o600),
        ("opwire.db-wal", 0o600),
        ("opwire.db-shm", 0o600),
        ("volatile.db", 0o600),
        ("setup-token", 0o600),
    ] {
        let found = std::fs::metadata(data.join(name)).unwrap().permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
    drop(server);
}
