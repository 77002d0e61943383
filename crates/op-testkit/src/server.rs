//! An account server in the test's own process, on a loopback port that the system chooses.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use op_server::{Config, RateLimits, State, app, serve};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running server. Dropping it stops it; its data goes with the last owner of the folder.
pub struct TestServer {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// What creates accounts here.
    pub setup_token: String,
    /// The data folder.
    pub dir: PathBuf,
    state: State,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl TestServer {
    /// Starts a server without limits over a new folder.
    pub async fn start() -> Self {
        Self::start_with(|config| config.limits = RateLimits::unlimited()).await
    }

    /// Starts a server over a new folder; `configure` changes the defaults.
    pub async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self::start_in(folder, configure).await
    }

    /// Stops the server and starts another one over the same data, as a restart does; its port is a new one.
    pub async fn restart(mut self, configure: impl FnOnce(&mut Config)) -> Self {
        self.stop().await;
        let folder = std::mem::replace(&mut self.folder, TempDir::new().expect("a temporary folder can be made"));
        Self::start_in(folder, configure).await
    }

    async fn start_in(folder: TempDir, configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(data_dir(folder.path()));
        configure(&mut config);
        let dir = config.data_dir.clone();
        let state = State::open(config).await.expect("the server's folder opens");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let router = app(state.clone());
        let task = tokio::spawn(async move {
            // Also done when the sender is dropped.
            let shutdown = async { drop(stopped.await) };
            serve(listener, router, None, shutdown).await.expect("the server runs until it is stopped");
        });
        Self {
            url: format!("http://{address}"),
            setup_token: state.setup_token().to_owned(),
            dir,
            state,
            folder,
            stop: Some(stop),
            task,
        }
    }

    async fn stop(&mut self) {
        drop(self.stop.take());
        self.state.close().await;
        self.task.abort();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.task.abort();
    }
}

fn data_dir(folder: &Path) -> PathBuf {
    folder.join("data")
}
