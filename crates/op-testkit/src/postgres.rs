//! Starts a PostgreSQL server for a test: Debian's package, a temporary folder, and a Unix socket in it.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

/// The variable with the URL of the server on which [`TestServer`](crate::TestServer) creates its databases. Without
/// it, they use SQLite.
pub const POSTGRES_VARIABLE: &str = "OPWIRE_TEST_POSTGRES";

const MISSING: &str =
    "PostgreSQL is not installed: tests need its `initdb` and `postgres` (Debian: apt-get install postgresql)";
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running PostgreSQL server. Dropping it stops the server and deletes its data.
pub struct Postgres {
    process: Child,
    binaries: PathBuf,
    account: Option<Account>,
    durability: Durability,
    folder: TempDir,
}

/// Whether commits wait for the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// They do, as in production. For measurements.
    Full,
    /// They do not. The data survives a crash of a process, but not of the machine.
    None,
}

/// The user that runs PostgreSQL if the test runs as root, which PostgreSQL refuses.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Postgres {
    /// Starts a server in a new folder.
    ///
    /// # Panics
    /// PostgreSQL is not installed, or does not start.
    pub async fn start(durability: Durability) -> Self {
        let binaries = binaries().expect(MISSING);
        let folder = TempDir::new().expect("a temporary folder can be created");
        let account = (folder.path().metadata().expect("the folder exists").uid() == 0).then(Account::postgres);
        if let Some(account) = account {
            chown(folder.path(), Some(account.user), Some(account.group))
                .expect("root can change the owner of its folder");
        }
        let mut initdb = command(&binaries.join("initdb"), account, folder.path());
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--username=opwire", "-D"]);
        let made = initdb.arg(folder.path().join("data")).output().expect("initdb starts");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let process = spawn(&binaries, account, folder.path(), durability);
        let mut server = Self { process, binaries, account, durability, folder };
        server.wait_until_ready().await;
        server
    }

    /// Stops the server at once, as a crash would, and starts it again over the same data.
    pub async fn crash_and_restart(&mut self) {
        self.stop();
        self.process = spawn(&self.binaries, self.account, self.folder.path(), self.durability);
        self.wait_until_ready().await;
    }

    /// Returns the URL of the default database.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Creates a database, and returns its URL.
    pub async fn new_database(&self) -> String {
        new_database(&self.url()).await
    }

    /// Returns the path of the socket that the server listens on.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    /// Returns the id of the main process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    fn url_of(&self, database: &str) -> String {
        let socket = self.folder.path().to_str().expect("temporary folders have plain names").replace('/', "%2F");
        format!("postgres://opwire@{socket}/{database}")
    }

    async fn wait_until_ready(&mut self) {
        let began = Instant::now();
        while let Err(error) = PgConnection::connect(&self.url()).await {
            let ended = self.process.try_wait().expect("the process can be polled");
            let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(ended.is_none(), "postgres stopped: {}", log());
            assert!(began.elapsed() < START_TIMEOUT, "postgres is not ready: {error}: {}", log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn stop(&mut self) {
        // An immediate shutdown. If the postmaster were killed, its children would end only later.
        let _ = Command::new("kill").args(["-QUIT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Account {
    fn postgres() -> Self {
        let id = |option: &str| {
            let output = Command::new("id").args([option, "postgres"]).output().expect("`id` is installed");
            String::from_utf8_lossy(&output.stdout).trim().parse().expect(MISSING)
        };
        Self { user: id("-u"), group: id("-g") }
    }
}

/// Creates a database on the server that `url` names, and returns its URL.
///
/// # Panics
/// The server refuses.
pub async fn new_database(url: &str) -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the system provides random numbers");
    let name = format!("test_{}", op_protocol::id::new_id(random));
    let mut connection = PgConnection::connect(url).await.expect("the server accepts connections");
    let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    connection.execute(statement).await.expect("the database is created");
    let (server, _) = url.rsplit_once('/').expect("a URL with a database has a slash");
    format!("{server}/{name}")
}

fn spawn(binaries: &Path, account: Option<Account>, folder: &Path, durability: Durability) -> Child {
    let log = || File::options().create(true).append(true).open(folder.join("log")).expect("the log can be written");
    let mut postgres = command(&binaries.join("postgres"), account, folder);
    postgres.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    postgres.args(["-c", "listen_addresses=", "-c", "port=5432", "-c", "max_connections=500"]);
    if durability == Durability::None {
        postgres.args(["-c", "fsync=off"]);
    }
    postgres.stdout(log()).stderr(log()).spawn().expect("postgres starts")
}

fn command(program: &Path, account: Option<Account>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    command
}

/// Returns the folder of PostgreSQL's programs: the newest version of Debian's package, or a folder on the PATH.
fn binaries() -> Option<PathBuf> {
    let mut debian: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    debian.sort();
    let on_path = std::env::var_os("PATH");
    let on_path = on_path.iter().flat_map(std::env::split_paths);
    debian.into_iter().rev().map(|(_, folder)| folder).chain(on_path).find(|folder| folder.join("initdb").is_file())
}
