//! A proxy in front of an account server that injects faults over real sockets. It speaks HTTP/1.1.

mod answer;
mod control;
mod rule;

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use op_protocol::token::ServiceAccountToken;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

pub use control::control;
pub use rule::{Fault, Rule};

use rule::Rules;

/// A running proxy. Dropping it closes its port and its connections.
pub struct FaultProxy {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    upstream: String,
    http: reqwest::Client,
    delay_ms: AtomicU64,
    rules: watch::Sender<Rules>,
    requests: Mutex<Vec<String>>,
    /// Whether connections should be accepted.
    wanted_open: watch::Sender<bool>,
    /// Whether connections are accepted.
    open: watch::Sender<bool>,
    connections: Gauge,
    stalled: Gauge,
}

impl FaultProxy {
    /// Starts a proxy for the server at the URL `upstream`, on a loopback port that the system chooses.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(upstream: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream: upstream.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
            delay_ms: AtomicU64::new(0),
            rules: watch::Sender::default(),
            requests: Mutex::default(),
            wanted_open: watch::Sender::new(true),
            open: watch::Sender::new(true),
            connections: Gauge::default(),
            stalled: Gauge::default(),
        });
        let task = tokio::spawn(listen(listener, address, shared.clone()));
        Ok(Self { url: format!("http://{address}"), shared, task })
    }

    /// Replaces all rules. The first rule that applies to a request counts.
    pub async fn inject(&self, rules: impl IntoIterator<Item = Rule>) {
        let rules: Vec<_> = rules.into_iter().collect();
        let refuse = rules.iter().any(|rule| rule.fault == Fault::Refuse);
        self.shared.rules.send_modify(|current| current.replace(rules));
        self.set_open(!refuse).await;
    }

    /// Removes all rules. Stalled requests continue.
    pub async fn repair(&self) {
        self.inject([]).await;
    }

    /// Delays each exchange by this time, as a distant server does.
    pub fn set_delay(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.shared.delay_ms.store(millis, Ordering::Relaxed);
    }

    /// Returns the requests since the list was last cleared, each as `METHOD /path?query`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.requests).clone()
    }

    /// Returns the requests and clears the list.
    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.shared.requests))
    }

    /// Returns the number of open connections of clients.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.count()
    }

    /// Returns the number of stalled requests.
    #[must_use]
    pub fn stalled(&self) -> usize {
        self.shared.stalled.count()
    }

    /// Returns the service account token, changed so that it signs in through this proxy.
    ///
    /// # Panics
    /// The text is not a token.
    #[must_use]
    pub fn token(&self, token: &str) -> String {
        let mut token = ServiceAccountToken::parse(token).expect("the server's token can be read");
        token.sign_in_address.clone_from(&self.url);
        token.encode().to_string()
    }

    async fn set_open(&self, open: bool) {
        self.shared.wanted_open.send_replace(open);
        // Fails if the proxy has stopped, and then no connection is open.
        let _ = self.shared.open.subscribe().wait_for(|is_open| *is_open == open).await;
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Accepts connections, except while a rule refuses them.
async fn listen(mut listener: TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    let mut wanted_open = shared.wanted_open.subscribe();
    loop {
        accept_until_closed(listener, &mut wanted_open, &shared).await;
        shared.open.send_replace(false);
        let _ = wanted_open.wait_for(|open| *open).await;
        listener = TcpListener::bind(address).await.expect("the port is still free");
        shared.open.send_replace(true);
    }
}

async fn accept_until_closed(listener: TcpListener, wanted_open: &mut watch::Receiver<bool>, shared: &Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(serve(stream, shared.clone()));
            },
            Some(_) = connections.join_next() => {}
            _ = wanted_open.wait_for(|open| !*open) => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

fn serve(stream: TcpStream, shared: Arc<Shared>) -> impl Future<Output = ()> + Send {
    let open = shared.connections.enter();
    async move {
        let _open = open;
        let _ = stream.set_nodelay(true);
        let service = service_fn(|request| answer::answer(&shared, request));
        let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        if (&mut connection).await.is_err() {
            // The socket is reset, not closed in order.
            let _ = connection.into_parts().io.into_inner().set_zero_linger();
        }
    }
}

/// A count of the current users of something.
#[derive(Clone, Default)]
struct Gauge(Arc<AtomicUsize>);

/// Counts in a [`Gauge`] until it is dropped.
struct Counted(Gauge);

impl Gauge {
    fn enter(&self) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
