//! `opwire server`.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use op_protocol::file::MAX_CIPHERTEXT;
use op_server::{
    Config, FileStorage, Mail, MailAddress, Origin, Origins, RateLimits, SETUP_TOKEN_FILE, ShareUrl, State, TlsPaths,
    TrustedProxy, app, serve,
};
use tokio::net::TcpSocket;

use crate::{dev, log, out};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:8451")]
    listen: SocketAddr,
    #[command(flatten)]
    storage: Storage,
    /// Certificate chain in PEM; required, with --tls-key, unless the server listens on a loopback address
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate in PEM
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Web origin that may call the server from a browser, such as https://app.example.com; repeat the option for more.
    /// If not given, any origin may: requests are authenticated by their signature, never by cookies
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<Origin>,
    /// Address or network of a proxy that is believed about its clients (X-Forwarded-For), such as 10.0.0.0/8; repeat the
    /// option for more. If not given, all clients of a proxy have the proxy's address, and share its limits
    #[arg(long, value_name = "ADDRESS")]
    trusted_proxy: Vec<TrustedProxy>,
    #[command(flatten)]
    shares: Shares,
    #[command(flatten)]
    limits: Limits,
}

/// How shared items are opened.
#[derive(Args)]
#[command(next_help_heading = "Sharing")]
struct Shares {
    /// Address of a host of its own on which shared items are opened, such as https://share.example.com; only they are
    /// answered there. If not given, they are opened on the server's own host
    #[arg(long, value_name = "URL")]
    share_url: Option<ShareUrl>,
    /// Mail server that sends codes to the recipients of shared items, such as smtps://user:password@mail.example.com.
    /// Put a URL with a password into OPWIRE_SMTP_URL: other users can see arguments. If not given, items are shared
    /// only with anyone who has the link
    #[arg(long, env = "OPWIRE_SMTP_URL", hide_env_values = true, value_name = "URL", requires = "mail_from")]
    smtp_url: Option<String>,
    /// Address that these mails come from, such as "Acme <share@example.com>"
    #[arg(long, env = "OPWIRE_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<MailAddress>,
}

impl Shares {
    fn configure(self, config: &mut Config) -> Result<()> {
        config.share_url = self.share_url;
        // Parsed here, as a refused argument is repeated in its error.
        let server = self.smtp_url.map(|url| url.parse()).transpose()?;
        config.mail = server.zip(self.mail_from).map(|(server, from)| Mail::Smtp { server, from });
        Ok(())
    }
}

/// Where a server stores its data.
#[derive(Args)]
struct Storage {
    /// Folder for the databases and the setup token; created if it does not exist
    #[arg(long, env = "OPWIRE_DATA_DIR", default_value = "opwire-data")]
    data_dir: PathBuf,
    /// PostgreSQL database to use instead of SQLite in the data folder, such as postgres://user@host/database. Put a
    /// URL with a password into OPWIRE_DATABASE, or the password into a PostgreSQL password file: other users can see
    /// arguments
    #[arg(long, env = "OPWIRE_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// Bucket to store files in instead of the data folder, such as s3://bucket/prefix; credentials, region and
    /// endpoint are taken from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT
    #[arg(long, env = "OPWIRE_FILES", value_name = "URL")]
    files: Option<FileStorage>,
}

impl Storage {
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
    /// Maximum reads per hour by one service account
    #[arg(long, value_name = "N", default_value_t = RateLimits::default().reads_per_hour)]
    reads_per_hour: u32,
    /// Maximum writes per hour by one service account
    #[arg(long, value_name = "N", default_value_t = RateLimits::default().writes_per_hour)]
    writes_per_hour: u32,
    /// Maximum requests per day by all service accounts of one account; one of them can make half as many
    #[arg(long, value_name = "N", default_value_t = RateLimits::default().account_requests_per_day)]
    account_requests_per_day: u32,
    /// Maximum encrypted size of a file, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = MAX_CIPHERTEXT,
          value_parser = clap::value_parser!(u32).range(..=i64::from(MAX_CIPHERTEXT)))]
    max_file_size: u32,
    /// Days for which lines of the audit log are kept; if not given, they are kept for ever
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    audit_days: Option<u32>,
}

#[derive(Subcommand)]
enum Command {
    /// Run a server with a throw-away account, for development and tests
    ///
    /// The account has a vault and an Environment named `Development`, and a service account that may read, write and
    /// share items in the vault, read the Environment, and create vaults. Everything is deleted when the server stops.
    ///
    /// Example: opwire server dev --env-file .env.dev
    Dev(DevArguments),
    /// Back up all data of a server, which may be running, into a new folder
    ///
    /// The backup is a consistent snapshot, files included. It has the same form for SQLite and PostgreSQL, and for a
    /// folder and a bucket, and can be restored to any of them. Keep it private: it contains ciphertext, e-mail
    /// addresses and the setup token.
    ///
    /// Example: opwire server backup --data-dir /var/lib/opwire /var/backups/opwire/2026-11-29
    Backup(BackupArguments),
    /// Restore a backup to an empty data folder or database
    ///
    /// Restore before you start the server on them. A backup of an older version is updated.
    ///
    /// Example: opwire server restore --data-dir /var/lib/opwire /var/backups/opwire/2026-11-29
    Restore(BackupArguments),
}

#[derive(Args)]
struct BackupArguments {
    /// Folder of the backup
    backup: PathBuf,
    #[command(flatten)]
    storage: Storage,
}

#[derive(Args)]
struct DevArguments {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// File to write OP_SERVICE_ACCOUNT_TOKEN=..., OP_VAULT_ID=... and OP_ENVIRONMENT_ID=... to once the server is
    /// ready
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    // All files that a server writes are for its user only.
    #[cfg(unix)]
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    match arguments.command {
        Some(Command::Dev(dev)) => run_dev(dev).await,
        Some(Command::Backup(copy)) => {
            let copied = op_server::backup(&copy.storage.config()?, &copy.backup).await?;
            out::line(&format!("Backed up to {}: {}.", copy.backup.display(), summary(copied)))
        }
        Some(Command::Restore(copy)) => {
            let copied = op_server::restore(&copy.backup, &copy.storage.config()?).await?;
            out::line(&format!("Restored from {}: {}.", copy.backup.display(), summary(copied)))
        }
        None => run_server(arguments).await,
    }
}

async fn run_server(arguments: Arguments) -> Result<()> {
    let _log = log::start("info");
    survive_signals()?;
    let mut config = arguments.storage.config()?;
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
    config.trusted_proxies = arguments.trusted_proxy;
    config.max_file_size = arguments.limits.max_file_size;
    config.audit_days = arguments.limits.audit_days;
    arguments.shares.configure(&mut config)?;
    let tls = arguments.tls_cert.zip(arguments.tls_key).map(|(certificate, key)| TlsPaths { certificate, key });
    // What can fail does so before the data is touched: another version may be serving it.
    op_server::check(arguments.listen, tls.as_ref()).await?;
    let socket = bind(arguments.listen)?;
    let state = State::open(config).await?;
    let listener = listen(socket, arguments.listen)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    out::note(&format!("Account server on {scheme}://{}", listener.local_addr()?));
    out::note(&format!("Create an account with the setup token in {}", token_file.display()));
    let result = serve(listener, app(state.clone()), tls, stop_signal()).await;
    state.close().await;
    Ok(result?)
}

fn summary(copied: op_server::Copied) -> String {
    format!("all tables, and files: {} ({} bytes)", copied.files, copied.bytes)
}

async fn run_dev(arguments: DevArguments) -> Result<()> {
    // Mail is written into files, whose names are logged.
    let _log = log::start("warn,op_server::mail=info");
    let folder = tempfile::tempdir().context("cannot create the temporary data folder")?;
    let mut config = Config::new(folder.path().join("data"));
    config.limits = RateLimits::unlimited();
    config.mail = Some(Mail::Folder(folder.path().join("mail")));
    let address = SocketAddr::from(([127, 0, 0, 1], arguments.port));
    let socket = bind(address)?;
    let state = State::open(config).await?;
    let listener = listen(socket, address)?;
    let address = format!("http://{}", listener.local_addr()?);
    let serving = tokio::spawn(serve(listener, app(state.clone()), None, stop_signal()));

    let demo = dev::create(&address, state.setup_token()).await.context("cannot create the demo account")?;
    if let Some(file) = &arguments.env_file {
        write_env_file(file, &demo).with_context(|| file.display().to_string())?;
    }
    out::page(&dev::welcome(&address, &demo, arguments.env_file.as_deref()))?;

    let result = serving.await.context("the server task failed")?;
    state.close().await;
    Ok(result?)
}

/// The number of connections that may wait to be accepted. The system drops more, and their clients retry a second
/// later.
const BACKLOG: u32 = 1024;

fn bind(address: SocketAddr) -> Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Otherwise a restarted server cannot listen while connections of the previous one are in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| cannot_listen(address))?;
    Ok(socket)
}

fn listen(socket: TcpSocket, address: SocketAddr) -> Result<TcpListener> {
    socket.listen(BACKLOG).and_then(tokio::net::TcpListener::into_std).with_context(|| cannot_listen(address))
}

fn cannot_listen(address: SocketAddr) -> String {
    format!("cannot listen on {address}: choose another port, or 0 for a free one")
}

/// Writes a temporary file and renames it, so that a program waiting for the file never reads a partial one.
fn write_env_file(file: &std::path::Path, demo: &dev::Demo) -> Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut temporary = tempfile::NamedTempFile::new_in(folder.unwrap_or(std::path::Path::new(".")))?;
    write!(temporary, "{}", demo.environment().as_str())?;
    temporary.persist(file)?;
    Ok(())
}

/// Keeps signals that some programs send to all daemons from ending this one. On SIGHUP it takes up its certificate.
fn survive_signals() -> Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        for kind in [SignalKind::hangup(), SignalKind::user_defined1(), SignalKind::user_defined2()] {
            // The handler stays when its receiver is dropped.
            drop(signal(kind).context("cannot handle signals")?);
        }
    }
    Ok(())
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
    // Without a handler the signal kills the server, which its store survives.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
