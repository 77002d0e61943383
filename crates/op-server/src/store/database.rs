//! Opening the databases: where SQLite and PostgreSQL differ.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::error::{Result, StoreError};
use super::sqlite_file::{connect, has_tables, sqlite_url};
use crate::PostgresUrl;
use crate::folder::{self, DURABLE_FILE, FILE_SUFFIXES, VOLATILE_FILE};

static SQLITE_DURABLE: Migrator = sqlx::migrate!("migrations/sqlite/durable");
static SQLITE_VOLATILE: Migrator = sqlx::migrate!("migrations/sqlite/volatile");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

const SQLITE_READERS: u32 = 4;
const SQLITE_DURABLE_SETTINGS: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000";
/// In WAL mode, NORMAL syncs only at checkpoints: the last commits may be lost, but the file is never damaged.
const SQLITE_VOLATILE_SETTINGS: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000";

const POSTGRES_READERS: u32 = 8;
/// Writers hold a connection while they wait for each other's locks, so readers, sessions and counters have connections
/// of their own. The audit log's line of a sign-in uses one of the writers'.
const POSTGRES_WRITERS: u32 = 8;
const POSTGRES_VOLATILE: u32 = 4;
/// A connection that was idle for longer is tested before it is used again.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// How long it may take until PostgreSQL's machine accepts a connection, and until PostgreSQL answers on it.
const REACHED_WITHIN: Duration = Duration::from_millis(1500);
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);

/// The connections to a database, or to a part of one.
pub(super) struct Database {
    pub(super) writer: AnyPool,
    pub(super) reader: AnyPool,
}

impl Database {
    pub(super) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// The durable and the volatile database as two SQLite files in `folder`.
pub(super) async fn open_sqlite(folder: &Path) -> Result<(Database, Database)> {
    install_default_drivers();
    let durable = open_sqlite_file(&folder.join(DURABLE_FILE), SQLITE_DURABLE_SETTINGS, &SQLITE_DURABLE).await?;
    let volatile = folder.join(VOLATILE_FILE);
    match has_tables(&volatile).await {
        Ok(_) => {}
        Err(error @ StoreError::Broken { .. }) => {
            tracing::warn!(%error, "making a new one: clients sign in again, and limits begin anew");
            start_anew(&volatile).map_err(|cause| StoreError::Database(sqlx::Error::Io(cause)))?;
        }
        Err(error) => return Err(error),
    }
    let volatile = open_sqlite_file(&volatile, SQLITE_VOLATILE_SETTINGS, &SQLITE_VOLATILE).await?;
    Ok((durable, volatile))
}

/// Puts an empty private file in the place of a database.
fn start_anew(file: &Path) -> std::io::Result<()> {
    remove_file(file)?;
    folder::private().open(file).map(drop)
}

/// Removes a database with the files that SQLite has beside it while it is open.
pub(crate) fn remove_file(file: &Path) -> std::io::Result<()> {
    for suffix in FILE_SUFFIXES {
        let mut part = file.as_os_str().to_owned();
        part.push(suffix);
        match std::fs::remove_file(&part) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    Ok(())
}

/// One writing connection, as SQLite allows only one, and several reading ones, which do not wait for it in WAL mode.
async fn open_sqlite_file(file: &Path, settings: &'static str, migrations: &Migrator) -> Result<Database> {
    let options: AnyConnectOptions = sqlite_url(file)?.parse()?;
    let pool = |connections: u32, read_only: bool| {
        AnyPoolOptions::new()
            .max_connections(connections)
            .min_connections(1)
            // A local file does not lose its connections; asking before each query would double its cost.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection.execute(settings).await?;
                    if read_only {
                        connection.execute("PRAGMA query_only = ON").await?;
                    }
                    Ok(())
                })
            })
            .connect_with(options.clone())
    };
    let writer = pool(1, false).await?;
    migrations.run(&writer).await?;
    Ok(Database { writer, reader: pool(SQLITE_READERS, true).await? })
}

/// Migrates the schema of a PostgreSQL database.
pub(super) async fn create_postgres(url: &PostgresUrl) -> Result<()> {
    let mut connection = connect_to_postgres(url).await?;
    POSTGRES.run(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Migrates the schema of a durable SQLite database, and creates the file if it is missing.
pub(super) async fn create_file(file: &Path) -> Result<()> {
    let mut connection = connect_to_file(file, false).await?;
    SQLITE_DURABLE.run(&mut connection).await?;
    Ok(connection.close().await?)
}

/// One connection without a pool, which would wait for a server that refuses connections.
pub(super) async fn connect_to_postgres(url: &PostgresUrl) -> Result<AnyConnection> {
    install_default_drivers();
    let options: AnyConnectOptions = url.as_str().parse()?;
    let place: PgConnectOptions = url.as_str().parse()?;
    let port = place.get_port();
    let unreachable = |cause| {
        let place = match place.get_socket() {
            Some(folder) => folder.join(format!(".s.PGSQL.{port}")).display().to_string(),
            None => format!("{}:{port}", place.get_host()),
        };
        StoreError::Unreachable { place, cause }
    };
    if place.get_socket().is_none() && !place.get_host().starts_with('/') {
        // The system would try for minutes. How long PostgreSQL then takes to answer is another matter.
        let reached = timeout(REACHED_WITHIN, TcpStream::connect((place.get_host(), port))).await;
        reached.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into())).map_err(unreachable)?;
    }
    match timeout(ANSWERED_WITHIN, AnyConnection::connect_with(&options)).await {
        Ok(Err(sqlx::Error::Io(cause))) => Err(unreachable(cause)),
        Ok(connected) => Ok(connected?),
        Err(_) => Err(unreachable(ErrorKind::TimedOut.into())),
    }
}

/// One connection to a durable SQLite database, which a server may have open.
pub(super) async fn connect_to_file(file: &Path, read_only: bool) -> Result<AnyConnection> {
    if read_only && !file.is_file() {
        return Err(StoreError::NoFile(file.display().to_string()));
    }
    let mut connection = connect(file).await?;
    connection.execute(SQLITE_DURABLE_SETTINGS).await?;
    if read_only {
        connection.execute("PRAGMA query_only = ON").await?;
    }
    Ok(connection)
}

/// Fails unless the schema is that of this version.
pub(super) async fn check_version(connection: &mut AnyConnection, is_postgres: bool) -> Result<()> {
    let migrations = if is_postgres { &POSTGRES } else { &SQLITE_DURABLE };
    let expected: Vec<i64> = migrations.iter().map(|migration| migration.version).collect();
    let found: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(connection).await?;
    if found == expected {
        return Ok(());
    }
    let name = |versions: &[i64]| versions.last().copied().unwrap_or_default();
    Err(StoreError::OtherVersion(format!("its schema is {}, this version's {}", name(&found), name(&expected))))
}

/// The durable and the volatile tables of one PostgreSQL database.
pub(super) async fn open_postgres(url: &PostgresUrl) -> Result<(Database, Database)> {
    install_default_drivers();
    create_postgres(url).await?;
    let options: AnyConnectOptions = url.as_str().parse()?;

    let pool = |connections: u32| {
        AnyPoolOptions::new()
            .max_connections(connections)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    // With false the pool tries another connection.
                    Ok(meta.idle_for < TRUSTED_IDLE || connection.ping().await.is_ok())
                })
            })
            .after_connect(|connection, _| {
                Box::pin(async move {
                    // A server process that hangs must not keep its locks from the others.
                    connection
                        .execute("SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'")
                        .await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options.clone())
    };
    let reader = pool(POSTGRES_READERS);
    let durable = Database { writer: pool(POSTGRES_WRITERS), reader: reader.clone() };
    Ok((durable, Database { writer: pool(POSTGRES_VOLATILE), reader }))
}
