//! An account server in the test's process, on a loopback port that the system chooses.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use op_server::{Config, PostgresUrl, RateLimits, State, app, serve};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, Row};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::postgres::{POSTGRES_VARIABLE, new_database};

/// The SQLite databases of a server.
const DURABLE: &str = "opwire.db";
const VOLATILE: &str = "volatile.db";
const VOLATILE_TABLES: [&str; 3] = ["sessions", "counters", "share_codes"];

/// Where a server stores its data.
#[derive(Clone)]
pub enum Database {
    /// In its data folder.
    Sqlite,
    /// In the PostgreSQL database of this URL.
    Postgres(String),
}

/// A running server. Dropping it stops the server and deletes its folder.
pub struct TestServer {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The setup token, which allows creating accounts.
    pub setup_token: String,
    /// The data folder.
    pub dir: PathBuf,
    database: Database,
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

    /// Starts a server over a new folder. `configure` changes the defaults.
    pub async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let database = match std::env::var(POSTGRES_VARIABLE) {
            Ok(server) => Database::Postgres(new_database(&server).await),
            Err(_) => Database::Sqlite,
        };
        Self::start_on(database, configure).await
    }

    /// Starts a server over this database and a new folder. `configure` changes the defaults.
    pub async fn start_on(database: Database, configure: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be created");
        Self::start_in(folder, database, configure).await
    }

    /// Stops the server and starts another one over the same data, as a restart does. The port changes.
    pub async fn restart(mut self, configure: impl FnOnce(&mut Config)) -> Self {
        self.stop().await;
        let folder = std::mem::replace(&mut self.folder, TempDir::new().expect("a temporary folder can be created"));
        Self::start_in(folder, self.database.clone(), configure).await
    }

    /// Runs a statement on the database, without the server.
    pub async fn execute(&self, statement: &str) {
        let mut connection = self.connect(DURABLE).await;
        connection.execute(AssertSqlSafe(statement.to_owned())).await.expect("the statement is right");
    }

    /// Runs a statement on the tables of sessions, counters and codes.
    pub async fn execute_volatile(&self, statement: &str) {
        let mut connection = self.connect(VOLATILE).await;
        connection.execute(AssertSqlSafe(statement.to_owned())).await.expect("the statement is right");
    }

    /// Returns the rows of a table as texts, sorted.
    pub async fn rows(&self, table: &str) -> Vec<String> {
        let file = if VOLATILE_TABLES.contains(&table) { VOLATILE } else { DURABLE };
        let mut connection = self.connect(file).await;
        let rows = connection.fetch_all(AssertSqlSafe(format!("SELECT * FROM {table}"))).await;
        let mut texts: Vec<String> = rows.expect("the table exists").iter().map(row_text).collect();
        texts.sort_unstable();
        texts
    }

    /// Makes every statement of this kind (`INSERT`, `UPDATE`, `DELETE`) on a table fail until [`mend`](Self::mend).
    pub async fn break_table(&self, table: &str, kind: &str) {
        let statement = match self.database {
            Database::Sqlite => {
                format!("CREATE TRIGGER broken BEFORE {kind} ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END")
            }
            Database::Postgres(_) => format!(
                "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END';
                 CREATE TRIGGER broken BEFORE {kind} ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
            ),
        };
        self.execute(&statement).await;
    }

    /// Undoes [`break_table`](Self::break_table).
    pub async fn mend(&self, table: &str) {
        match self.database {
            Database::Sqlite => self.execute("DROP TRIGGER broken").await,
            Database::Postgres(_) => self.execute(&format!("DROP TRIGGER broken ON {table}")).await,
        }
    }

    async fn connect(&self, file: &str) -> AnyConnection {
        let url = match &self.database {
            Database::Sqlite => format!("sqlite:{}", self.dir.join(file).display()),
            Database::Postgres(url) => url.clone(),
        };
        AnyConnection::connect(&url).await.expect("the database opens")
    }

    async fn start_in(folder: TempDir, database: Database, configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(data_dir(folder.path()));
        if let Database::Postgres(url) = &database {
            config.postgres = Some(url.parse::<PostgresUrl>().expect("the URL is PostgreSQL's"));
        }
        configure(&mut config);
        let dir = config.data_dir.clone();
        let state = State::open(config).await.expect("the server's folder opens");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let router = app(state.clone());
        let task = tokio::spawn(async move {
            // Also ends when the sender is dropped.
            let shutdown = async { drop(stopped.await) };
            serve(listener, router, None, shutdown).await.expect("the server runs until it is stopped");
        });
        Self {
            url: format!("http://{address}"),
            setup_token: state.setup_token().to_owned(),
            dir,
            database,
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

fn row_text(row: &AnyRow) -> String {
    let columns = (0..row.len()).map(|index| {
        let number = row.try_get::<Option<i64>, _>(index).map(|value| format!("{value:?}"));
        let text = number.or_else(|_| row.try_get::<Option<String>, _>(index).map(|value| format!("{value:?}")));
        text.or_else(|_| row.try_get::<Option<Vec<u8>>, _>(index).map(|value| format!("{value:?}")))
            .expect("a column is a number, a text or bytes")
    });
    columns.collect::<Vec<_>>().join(" | ")
}
