//! A proxy between a server and PostgreSQL that can hold messages back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Notify;

/// A proxy in front of PostgreSQL that passes a number of its clients' messages and then holds the next ones.
pub(crate) struct Gate {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// The number of client messages that still pass.
    left: AtomicI64,
    /// Whether the answer to the last passing message is held.
    holds_answer: AtomicBool,
    /// Whether a COMMIT is the last message to pass.
    ends_with_commit: AtomicBool,
    closed: Notify,
}

impl Gate {
    /// Starts an open gate in front of the socket of a PostgreSQL server.
    pub(crate) async fn start(socket: std::path::PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            left: AtomicI64::new(i64::MAX),
            holds_answer: AtomicBool::new(false),
            ends_with_commit: AtomicBool::new(false),
            closed: Notify::new(),
        });
        let owned = shared.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(pass(client, server, owned.clone()));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Closes after `messages` more messages, and holds the answer to the last one if `holds_answer` is set.
    pub(crate) fn close_after(&self, messages: i64, holds_answer: bool) {
        self.shared.holds_answer.store(holds_answer, Ordering::SeqCst);
        self.shared.left.store(messages, Ordering::SeqCst);
    }

    /// Closes after the next COMMIT, and holds its answer.
    pub(crate) fn close_after_commit(&self) {
        self.shared.holds_answer.store(true, Ordering::SeqCst);
        self.shared.ends_with_commit.store(true, Ordering::SeqCst);
    }

    pub(crate) fn open(&self) {
        self.shared.ends_with_commit.store(false, Ordering::SeqCst);
        self.close_after(i64::MAX, false);
    }

    /// Waits until a message is held.
    pub(crate) async fn closed(&self) {
        self.shared.closed.notified().await;
    }
}

async fn pass(mut client: TcpStream, mut server: UnixStream, shared: Arc<Shared>) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let requests = async {
        let mut buffer = vec![0; 1 << 20];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            let is_commit = buffer[..length].windows(6).any(|window| window == b"COMMIT");
            if is_commit && shared.ends_with_commit.load(Ordering::SeqCst) {
                shared.left.store(1, Ordering::SeqCst);
            }
            if shared.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
                shared.closed.notify_one();
                // The server waits here until it is killed.
                while let Ok(1..) = from_client.read(&mut buffer).await {}
                return;
            }
            if to_server.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    };
    let answers = async {
        let mut buffer = vec![0; 1 << 20];
        while let Ok(length @ 1..) = from_server.read(&mut buffer).await {
            if shared.holds_answer.load(Ordering::SeqCst) && shared.left.load(Ordering::SeqCst) <= 0 {
                shared.closed.notify_one();
                std::future::pending::<()>().await;
            }
            if to_client.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! { () = requests => {} () = answers => {} }
}
