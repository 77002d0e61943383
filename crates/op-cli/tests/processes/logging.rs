//! Servers whose log nobody reads, or nothing takes.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::server::{ANY_PORT, Data, Killed, address, command, exit_code, signal};
use crate::support::{http, random};

const PATIENCE: Duration = Duration::from_secs(30);

/// A server whose standard error is a named pipe, which can have one reader after another.
struct Logged {
    // Killed before its folder is removed.
    process: Killed,
    folder: TempDir,
    url: String,
}

impl Logged {
    /// Starts a server, and returns the reader of its first lines.
    fn start() -> (Self, BufReader<File>) {
        let folder = TempDir::new().unwrap();
        mkfifo(&folder.path().join("log"), Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        let mut reader = open(folder.path());
        let writer = OpenOptions::new().write(true).open(folder.path().join("log")).unwrap();
        let mut command = command(Data { folder: &folder.path().join("data"), database: None }, ANY_PORT);
        let process = command.env("OPWIRE_LOG", "info").stderr(writer).spawn().unwrap();
        // The command has a copy of the writing end.
        drop(command);
        let url = address(&mut (&mut reader).lines());
        let mut about_token = String::new();
        reader.read_line(&mut about_token).unwrap();
        (Self { folder, url, process: Killed(process) }, reader)
    }

    async fn request(&self, client: &Client) {
        let answer = client.get(format!("{}/api/v9/nothing", self.url)).timeout(PATIENCE).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    }

    /// Sends requests, from several clients at a time.
    async fn requests(&self, count: usize) {
        const CLIENTS: usize = 8;
        assert_eq!(count % CLIENTS, 0);
        let client = http();
        join_all((0..CLIENTS).map(async |_| {
            for _ in 0..count / CLIENTS {
                self.request(&client).await;
            }
        }))
        .await;
    }
}

/// Opens the pipe for both directions, because opening it for reading waits for a writer.
fn open(folder: &Path) -> BufReader<File> {
    BufReader::new(OpenOptions::new().read(true).write(true).open(folder.join("log")).unwrap())
}

/// Reads until the log has named this many requests, one by one or as lost lines, and returns how many are lost.
fn read_requests(reader: BufReader<File>, count: usize) -> usize {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || reader.lines().try_for_each(|line| sender.send(line.unwrap())));
    let (mut answered, mut lost) = (0, 0);
    while answered + lost < count {
        let Ok(line) = lines.recv_timeout(PATIENCE) else { panic!("{answered} + {lost} of {count} are in the log") };
        let line: Value = serde_json::from_str(&line).unwrap();
        let fields = &line["fields"];
        answered += usize::from(fields["message"] == "answered");
        lost += usize::try_from(fields["lost"].as_u64().unwrap_or(0)).unwrap();
    }
    assert_eq!(answered + lost, count);
    lost
}

#[tokio::test]
async fn requests_go_on_when_the_reader_of_the_log_is_gone() {
    let (server, reader) = Logged::start();
    drop(reader);
    server.requests(16).await;
    let reader = open(server.folder.path());
    server.requests(8).await;
    assert!(read_requests(reader, 24) > 0);
}

#[tokio::test]
async fn requests_go_on_when_the_reader_of_the_log_stalls() {
    let (server, reader) = Logged::start();
    server.requests(6000).await;
    assert!(read_requests(reader, 6000) > 0);
}

#[tokio::test]
async fn a_server_stops_when_the_reader_of_the_log_stalls() {
    let (mut server, reader) = Logged::start();
    server.requests(1000).await;
    signal(server.process.0.id(), "TERM");
    assert_eq!(exit_code(&mut server.process.0), Some(0));
    drop(reader);
}

#[tokio::test]
async fn a_server_that_stops_writes_its_last_lines() {
    let (mut server, reader) = Logged::start();
    server.requests(80).await;
    signal(server.process.0.id(), "TERM");
    assert_eq!(exit_code(&mut server.process.0), Some(0));
    assert_eq!(read_requests(reader, 80), 0);
}

#[tokio::test]
async fn requests_are_answered_when_the_disk_of_the_log_is_full() {
    let folder = TempDir::new().unwrap();

    // Its standard error cannot tell the port, and on an address of its own a fixed one is free.
    let [a, b, c] = random::<3>();
    let address = format!("127.{a}.{b}.{}:8451", c.clamp(1, 254));
    let mut command = command(Data { folder: folder.path(), database: None }, &address);
    command.env("OPWIRE_LOG", "info");
    command.stderr(OpenOptions::new().write(true).open("/dev/full").unwrap());
    let mut process = command.spawn().unwrap();
    let (client, started, mut answered) = (http(), Instant::now(), 0);
    while answered < 3 && started.elapsed() < PATIENCE {
        match client.get(format!("http://{address}/api/opwire/v1/health")).send().await {
            Ok(answer) if answer.status() == 200 => answered += 1,
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(answered, 3);
}
