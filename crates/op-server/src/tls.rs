//! The server's certificate, which may be renewed while the server runs.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use tokio::time::sleep;
use zeroize::Zeroizing;

use crate::TlsPaths;

/// How often the files are looked at. SIGHUP makes the server look at once.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A certificate with its key, and where they are.
pub(crate) struct Certificate {
    paths: TlsPaths,
    config: RustlsConfig,
    /// What was read last.
    seen: Result<Pem, String>,
}

#[derive(PartialEq)]
struct Pem {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Certificate {
    pub(crate) async fn load(paths: TlsPaths) -> io::Result<Self> {
        let pem = Pem::read(&paths).await?;
        let config = RustlsConfig::from_pem(pem.chain.clone(), pem.key.to_vec()).await?;
        Ok(Self { paths, config, seen: Ok(pem) })
    }

    /// What connections use. It changes with the files.
    pub(crate) fn config(&self) -> RustlsConfig {
        self.config.clone()
    }

    /// Takes up the files whenever they change. If they cannot be used, the server keeps what it has, and logs why.
    pub(crate) async fn keep_current(mut self) -> Infallible {
        let mut hangups = Hangups::new();
        loop {
            let is_asked = tokio::select! {
                () = hangups.next() => true,
                () = sleep(LOOK_EVERY) => false,
            };
            let found = Pem::read(&self.paths).await.map_err(|cause| cause.to_string());
            if is_asked || found != self.seen {
                self.take_up(found.as_ref()).await;
                self.seen = found;
            }
        }
    }

    async fn take_up(&self, found: Result<&Pem, &String>) {
        let taken = match found {
            Ok(pem) => {
                let reloaded = self.config.reload_from_pem(pem.chain.clone(), pem.key.to_vec()).await;
                reloaded.map_err(|cause| cause.to_string())
            }
            Err(error) => Err(error.clone()),
        };
        let (certificate, key) = (self.paths.certificate.display(), self.paths.key.display());
        match taken {
            Ok(()) => tracing::info!(%certificate, %key, "took up the certificate"),
            Err(error) => {
                tracing::error!(%certificate, %key, error, "the new certificate cannot be used: the old one stays");
            }
        }
    }
}

impl Pem {
    async fn read(paths: &TlsPaths) -> io::Result<Self> {
        Ok(Self { chain: read(&paths.certificate).await?, key: read(&paths.key).await?.into() })
    }
}

/// Reads a file. An error says which one it is about.
async fn read(file: &Path) -> io::Result<Vec<u8>> {
    let content = tokio::fs::read(file).await;
    content.map_err(|cause| io::Error::new(cause.kind(), format!("reading {}: {cause}", file.display())))
}

/// The SIGHUPs that this process gets.
struct Hangups {
    #[cfg(unix)]
    signals: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    fn new() -> Self {
        Self {
            // Without it, renewed files are still noticed.
            #[cfg(unix)]
            signals: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signals) = &mut self.signals
            && signals.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}
