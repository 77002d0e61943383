//! Signals that do not end a server, and certificates that are renewed while it runs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client};
use tempfile::TempDir;

use crate::server::{ANY_PORT, Data, Killed, Server, address, command, exit_code, signal};
use crate::support::http;

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn signals_for_daemons_do_not_end_a_server() {
    let folder = TempDir::new().unwrap();
    let mut server = Server::start(Data { folder: folder.path(), database: None }, &[]);
    for name in ["HUP", "USR1", "USR2"] {
        signal(server.process_id(), name);
        let answer = http().get(format!("{}/api/opwire/v1/health", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "after SIG{name}");
    }
    assert_eq!(server.stop(), Some(0));
}

/// Makes a certificate, puts it in the place of the old one, and returns a client that trusts it alone.
fn renew(folder: &Path) -> Client {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    let root = Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    // Each request needs a connection of its own, because an old one has the old certificate.
    Client::builder().no_proxy().pool_max_idle_per_host(0).tls_certs_only([root]).build().unwrap()
}

async fn is_trusted(client: &Client, url: &str) -> bool {
    client.get(format!("{url}/api/opwire/v1/health")).send().await.is_ok_and(|answer| answer.status() == 200)
}

async fn becomes_trusted(client: &Client, url: &str) {
    let started = Instant::now();
    while !is_trusted(client, url).await {
        assert!(started.elapsed() < PATIENCE, "the certificate is not taken up");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up_and_a_bad_one_is_not() {
    let folder = TempDir::new().unwrap();
    let first = renew(folder.path());
    let mut command = command(Data { folder: &folder.path().join("data"), database: None }, ANY_PORT);
    command.arg("--tls-cert").arg(folder.path().join("cert.pem"));
    command.arg("--tls-key").arg(folder.path().join("key.pem"));
    let mut server = Killed(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stderr.take().unwrap()).lines();
    let url = address(&mut lines);
    let (sender, log) = mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    assert!(is_trusted(&first, &url).await);

    let second = renew(folder.path());
    becomes_trusted(&second, &url).await;
    assert!(!is_trusted(&first, &url).await);

    std::fs::write(folder.path().join("cert.pem"), "no certificate").unwrap();
    signal(server.0.id(), "HUP");
    while !log.recv_timeout(PATIENCE).unwrap().contains("the new certificate cannot be used: the old one stays") {}
    assert!(is_trusted(&second, &url).await);

    let third = renew(folder.path());
    signal(server.0.id(), "HUP");
    becomes_trusted(&third, &url).await;
    signal(server.0.id(), "TERM");
    assert_eq!(exit_code(&mut server.0), Some(0));
}
