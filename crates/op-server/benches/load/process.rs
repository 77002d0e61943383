//! The server as a process of its own, and what it uses of the processors.

use std::io::{BufRead, BufReader};
use std::ops::Sub;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use op_testkit::postgres::{Durability, Postgres};
use tempfile::TempDir;

/// Linux counts processor time in hundredths of a second, `sysconf(_SC_CLK_TCK)`, on all machines that we know of.
const TICK: Duration = Duration::from_millis(10);

/// A running server. Dropping it stops it.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) setup_token: String,
    process: Child,
    postgres: Option<Postgres>,
    _folder: TempDir,
}

/// Time that processes ran.
pub(crate) struct ProcessorTime {
    pub(crate) server: Duration,
    /// PostgreSQL with all its processes.
    pub(crate) postgres: Duration,
}

impl Sub for ProcessorTime {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { server: self.server - other.server, postgres: self.postgres - other.postgres }
    }
}

impl Server {
    pub(crate) async fn start(opwire: &str, postgres: bool) -> Self {
        let folder = TempDir::new().unwrap();
        let postgres = if postgres { Some(Postgres::start(Durability::Full).await) } else { None };
        let mut command = Command::new(opwire);
        command.args(["server", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path().join("data"));
        command.env("OPWIRE_LOG", "warn").stderr(Stdio::piped());
        if let Some(postgres) = &postgres {
            command.env("OPWIRE_DATABASE", postgres.url());
        }
        let mut process = command.spawn().expect("the server starts");
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("the server says where it listens").unwrap();
            if let Some((_, url)) = line.split_once("Account server on ") {
                break url.to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        let setup_token = std::fs::read_to_string(folder.path().join("data/setup-token")).unwrap();
        Self { url, setup_token, process, postgres, _folder: folder }
    }

    pub(crate) fn processor_time(&self) -> ProcessorTime {
        let postgres = self.postgres.as_ref().map(|postgres| {
            let main = postgres.process_id();
            // Of a connection that ended, the time is its parent's; so nothing is lost.
            children(main).into_iter().chain([main]).map(|process| time(process, true)).sum()
        });
        ProcessorTime { server: time(self.process.id(), false), postgres: postgres.unwrap_or_default() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The numbers of `/proc/PID/stat` after the command's name; see proc(5).
fn stat(process: u32) -> Option<Vec<u64>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, numbers) = text.rsplit_once(") ")?;
    Some(numbers.split(' ').map(|number| number.parse().unwrap_or(0)).collect())
}

fn time(process: u32, with_ended_children: bool) -> Duration {
    let numbers = stat(process).unwrap_or_else(|| vec![0; 20]);
    let last = if with_ended_children { 14 } else { 12 };
    let ticks: u64 = numbers[11..=last].iter().sum();
    TICK * u32::try_from(ticks).unwrap()
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id| stat(*id).is_some_and(|numbers| numbers[1] == u64::from(parent))).collect()
}
