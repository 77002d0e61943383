//! `opwire server`.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use op_protocol::file::MAX_CIPHERTEXT;
use op_server::{Config, FileStorage, Origin, Origins, RateLimits, SETUP_TOKEN_FILE, State, TlsPaths, app, serve};
use tokio::net::TcpSocket;
use tracing_subscriber::EnvFilter;

use crate::{dev, out};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Address and port to listen on; port 0 chooses one
    #[arg(long, default_value = "127.0.0.1:8451")]
    listen: SocketAddr,
    #[command(flatten)]
    place: Place,
    /// Certificate chain in PEM. Needed, with its key, off loopback
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Web origin that may call the server from a browser, such as https://app.example.com; repeat for several. Any
    /// origin may when none is named: requests stand on their signature, never on cookies
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,
    #[command(flatten)]
    limits: Limits,
}

/// Where a server keeps its data.
#[derive(Args)]
struct Place {
    /// Folder of the databases and the setup token; made if missing
    #[arg(long, env = "OPWIRE_DATA_DIR", default_value = "opwire-data")]
    data_dir: PathBuf,
    /// PostgreSQL database to use instead of SQLite in the folder, as postgres://user@host/database. A password is
    /// better given in OPWIRE_DATABASE, or in a password file of PostgreSQL, than in an argument that all can see
    #[arg(long, env = "OPWIRE_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// Bucket to keep files in instead of the folder, as s3://bucket/prefix; credentials, region and endpoint are taken
    /// from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT
    #[arg(long, env = "OPWIRE_FILES", value_name = "URL")]
    files: Option<FileStorage>,
}

impl Place {
    fn config(self) -> Result<Config> {
        let mut config = Config::new(self.data_dir);
        config.files = self.files.unwrap_or(config.files);
        config.postgres = self.database.map(|url| url.parse()).transpose()?;
        Ok(config)
    }
}

#[derive(Args)]
#[command(next_help_heading = "Limits")]
struct Limits {
    /// Reads of one service account in an hour
    #[arg(long, value_name = "N", default_value_t = RateLimits::default().reads_per_hour)]
    reads_per_hour: u32,
    /// Writes of one service account in an hour
    #[arg(long, value_name = "N", default_value_t = RateLimits::default().writes_per_hour)]
    writes_per_hour: u32,
    /// Requests of all service accounts of one account in a day
    #[arg(long, value_name = "N", default_value_t = RateLimits::default().account_requests_per_day)]
    account_requests_per_day: u32,
    /// Size of a file, encrypted, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = MAX_CIPHERTEXT,
          value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_CIPHERTEXT)))]
    max_file_size: u32,
}

#[derive(Subcommand)]
enum Command {
    /// Run a server with a throw-away account, for development and tests
    ///
    /// It has a demo account with the vault and the Environment `Development`, and a service account that may read, write
    /// and share in the vault, read the Environment, and make vaults. Everything is gone when the server stops.
    Dev(DevArguments),
    /// Back up everything that a server keeps into a new folder, while it runs
    ///
    /// The backup is of one moment, files included, and the same for SQLite and PostgreSQL, for a folder of files and a
    /// bucket: it can be restored to any of them. It holds ciphertext, e-mail addresses and the setup token; keep it private.
    ///
    /// Example: opwire server backup --data-dir /var/lib/opwire /var/backups/opwire/2026-11-29
    Backup(Copy),
    /// Restore a backup to an empty data folder, or an empty database
    ///
    /// Run it before the server is started there. A backup of an older version is brought up to date.
    ///
    /// Example: opwire server restore --data-dir /var/lib/opwire /var/backups/opwire/2026-11-29
    Restore(Copy),
}

#[derive(Args)]
struct Copy {
    /// Folder of the backup
    backup: PathBuf,
    #[command(flatten)]
    place: Place,
}

#[derive(Args)]
struct DevArguments {
    /// Port on 127.0.0.1; 0 chooses one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// File that receives OP_SERVICE_ACCOUNT_TOKEN=..., OP_VAULT_ID=... and OP_ENVIRONMENT_ID=... once the server is ready
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        Some(Command::Dev(dev)) => run_dev(dev).await,
        Some(Command::Backup(copy)) => {
            let copied = op_server::backup(&copy.place.config()?, &copy.backup).await?;
            out::line(&format!("Backed up to {}: {}.", copy.backup.display(), told(copied)))
        }
        Some(Command::Restore(copy)) => {
            let copied = op_server::restore(&copy.backup, &copy.place.config()?).await?;
            out::line(&format!("Restored from {}: {}.", copy.backup.display(), told(copied)))
        }
        None => run_server(arguments).await,
    }
}

async fn run_server(arguments: Arguments) -> Result<()> {
    log("info");
    let mut config = arguments.place.config()?;
    let token_file = config.data_dir.join(SETUP_TOKEN_FILE);
    config.limits = RateLimits {
        reads_per_hour: arguments.limits.reads_per_hour,
        writes_per_hour: arguments.limits.writes_per_hour,
        account_requests_per_day: arguments.limits.account_requests_per_day,
        ..RateLimits::default()
    };
    if !arguments.allow_origin.is_empty() {
        config.origins = Origins::List(arguments.allow_origin);
    }
    config.max_file_size = arguments.limits.max_file_size;
    let tls = arguments.tls_cert.zip(arguments.tls_key).map(|(certificate, key)| TlsPaths { certificate, key });
    let state = State::open(config).await?;
    let listener = listen(arguments.listen)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    out::note(&format!("Account server on {scheme}://{}", listener.local_addr()?));
    out::note(&format!("Create an account with the setup token in {}", token_file.display()));
    let result = serve(listener, app(state.clone()), tls, stop_signal()).await;
    state.close().await;
    Ok(result?)
}

fn told(copied: op_server::Copied) -> String {
    format!("the tables, and {} files of {} bytes", copied.files, copied.bytes)
}

async fn run_dev(arguments: DevArguments) -> Result<()> {
    log("warn");
    let folder = tempfile::tempdir().context("the throw-away data folder")?;
    let mut config = Config::new(folder.path().join("data"));
    config.limits = RateLimits::unlimited();
    let state = State::open(config).await?;
    let listener = listen(SocketAddr::from(([127, 0, 0, 1], arguments.port)))?;
    let address = format!("http://{}", listener.local_addr()?);
    let serving = tokio::spawn(serve(listener, app(state.clone()), None, stop_signal()));

    let demo = dev::create(&address, state.setup_token()).await.context("the demo account")?;
    if let Some(file) = &arguments.env_file {
        write_env_file(file, &demo).with_context(|| file.display().to_string())?;
    }
    out::page(&dev::welcome(&address, &demo, arguments.env_file.as_deref()))?;

    let result = serving.await.context("the server task")?;
    state.close().await;
    Ok(result?)
}

/// Connections that wait to be accepted. Beyond it the system drops them, and their clients try again a second later.
const BACKLOG: u32 = 1024;

fn listen(address: SocketAddr) -> Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Otherwise a server that is restarted has to wait for the connections of the last one to be forgotten.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket
        .bind(address)
        .and_then(|()| socket.listen(BACKLOG)?.into_std())
        .with_context(|| format!("cannot listen on {address}; choose another port, or 0 to have one chosen"))
}

/// Written beside and renamed: whoever waits for the file never reads half of it.
fn write_env_file(file: &std::path::Path, demo: &dev::Demo) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut whole = tempfile::NamedTempFile::new_in(folder.unwrap_or(std::path::Path::new(".")))?;
    write!(whole, "{}", demo.environment().as_str())?;
    whole.persist(file)?;
    Ok(())
}

fn log(default: &str) {
    let filter = EnvFilter::try_from_env("OPWIRE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler the server stops the hard way, which its store survives.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
