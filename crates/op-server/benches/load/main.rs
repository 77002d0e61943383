//! The server under load: requests per second and latency, and the processor time that they cost it.
//!
//! usage: `cargo bench -p op-server --bench load -- --opwire FILE [--postgres] [--seconds N] [--clients N,N]`
//!
//! Starts FILE as a server over a throw-away folder, with `--postgres` over a throw-away PostgreSQL whose commits wait
//! for the disk. Prints one JSON object a line and measurement.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "a measurement that meets something unexpected ends; it shares the helpers of the tests"
)]

mod load;
mod process;
#[path = "../../tests/server/support.rs"]
mod support;

use std::time::Duration;

use load::{Load, Operation};
use process::Server;
use serde_json::json;

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let server = Server::start(&arguments.opwire, arguments.postgres).await;
    let most = arguments.clients.iter().copied().max().unwrap();
    let load = Load::prepare(&server, most).await;
    for operation in Operation::ALL {
        for clients in &arguments.clients {
            let before = server.processor_time();
            let measured = load.run(operation, *clients, arguments.duration).await;
            let used = server.processor_time() - before;
            println!(
                "{}",
                json!({
                    "database": if arguments.postgres { "PostgreSQL" } else { "SQLite" },
                    "operation": operation.name(),
                    "clients": clients,
                    "per_second": measured.per_second(),
                    "p50_ms": measured.percentile(50),
                    "p99_ms": measured.percentile(99),
                    "server_ms_per_request": used.server.as_secs_f64() * 1e3 / measured.count() as f64,
                    "postgres_ms_per_request": used.postgres.as_secs_f64() * 1e3 / measured.count() as f64,
                })
            );
        }
    }
}

struct Arguments {
    opwire: String,
    postgres: bool,
    duration: Duration,
    clients: Vec<usize>,
}

impl Arguments {
    fn parse() -> Self {
        let mut parsed =
            Self { opwire: String::new(), postgres: false, duration: Duration::from_secs(5), clients: vec![1, 8, 64] };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} needs a value"));
            match argument.as_str() {
                "--opwire" => parsed.opwire = value(),
                "--postgres" => parsed.postgres = true,
                "--seconds" => parsed.duration = Duration::from_secs(value().parse().expect("whole seconds")),
                "--clients" => parsed.clients = value().split(',').map(|n| n.parse().expect("a number")).collect(),
                // cargo adds it.
                "--bench" => {}
                other => panic!("unknown argument {other}"),
            }
        }
        assert!(!parsed.opwire.is_empty(), "--opwire FILE names the command to measure");
        parsed
    }
}
