//! `opwire-faults`: a proxy that injects faults, for the tests and measurements of all languages.

use std::{collections::HashMap, error::Error, fs, io, path::PathBuf, sync::Arc, time::Duration};

use clap::Parser;
use op_protocol::token::ServiceAccountToken;
use op_testkit::faults::{FaultProxy, control};
use tokio::net::TcpListener;

/// Run a proxy in front of a server started by `opwire server dev`, and inject faults and latency
///
/// The proxy writes its own environment file: OP_SERVICE_ACCOUNT_TOKEN signs in through the proxy, and OPWIRE_FAULTS is
/// the URL of its control: PUT /faults, PUT /delay, GET and DELETE /requests, GET /connections.
///
/// Example: opwire-faults --server-env .env.dev --env-file .env.faults --delay-ms 50
#[derive(Parser)]
struct Options {
    /// Environment file of the server, from `opwire server dev --env-file`
    #[arg(long)]
    server_env: PathBuf,
    /// Environment file to write once the proxy is ready
    #[arg(long)]
    env_file: PathBuf,
    /// Milliseconds to add to each exchange
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let options = Options::parse();
    let text = fs::read_to_string(&options.server_env)?;
    let mut environment: HashMap<_, _> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let token = *environment
        .get("OP_SERVICE_ACCOUNT_TOKEN")
        .ok_or_else(|| invalid("the environment file has no OP_SERVICE_ACCOUNT_TOKEN"))?;
    let server = ServiceAccountToken::parse(token).map_err(invalid)?.base_url();
    let proxy = Arc::new(FaultProxy::start(&server).await?);
    proxy.set_delay(Duration::from_millis(options.delay_ms));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (token, address) = (proxy.token(token), format!("http://{}", listener.local_addr()?));
    environment.insert("OP_SERVICE_ACCOUNT_TOKEN", &token);
    environment.insert("OPWIRE_FAULTS", &address);
    let lines: String = environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    // Renamed, because readers expect the file to be complete as soon as it exists.
    let partial = options.env_file.with_extension("partial");
    fs::write(&partial, lines)?;
    fs::rename(&partial, &options.env_file)?;
    axum::serve(listener, control(proxy)).await
}

fn invalid(reason: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
