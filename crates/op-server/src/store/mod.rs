//! Storage: SQLite through two databases in the data folder.
//!
//! `opwire.db` holds what a client was told is stored; its commits reach the disk before the answer
//! (`synchronous=FULL`). `volatile.db` holds sessions and counters, which may be lost in a power failure and
//! therefore never wait for the disk. Each has one writing connection, as SQLite allows no more, and several
//! reading ones, which WAL keeps from waiting for the writer.

pub(crate) mod accounts;
pub(crate) mod counters;
pub(crate) mod items;
pub(crate) mod sessions;
pub(crate) mod vaults;

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool};

static DURABLE: Migrator = sqlx::migrate!("migrations/durable");
static VOLATILE: Migrator = sqlx::migrate!("migrations/volatile");

const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row with this id, or this e-mail address, exists already.
    #[error("already exists")]
    Duplicate,
    /// SQLite failed.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migrating the database: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value is not what this server writes.
    #[error("stored value is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) if cause.is_unique_violation() => Self::Duplicate,
            _ => Self::Database(error),
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// One SQLite file.
struct Database {
    writer: SqlitePool,
    reader: SqlitePool,
}

impl Database {
    async fn open(file: &Path, synchronous: SqliteSynchronous, migrations: &Migrator) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = |connections: u32| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .min_connections(1)
                // A local file does not lose its connections; asking before each query would double its cost.
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        migrations.run(&writer).await?;
        let reader = pool(READERS).connect_with(options.pragma("query_only", "on")).await?;
        Ok(Self { writer, reader })
    }

    async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Everything the server remembers.
pub(crate) struct Store {
    durable: Database,
    volatile: Database,
}

impl Store {
    /// Opens or creates both databases in `folder` and brings their schemas up to date.
    pub(crate) async fn open(folder: &Path) -> Result<Self> {
        Ok(Self {
            durable: Database::open(&folder.join("opwire.db"), SqliteSynchronous::Full, &DURABLE).await?,
            // In WAL mode NORMAL syncs at checkpoints only: the last commits may be lost, the file is never damaged.
            volatile: Database::open(&folder.join("volatile.db"), SqliteSynchronous::Normal, &VOLATILE).await?,
        })
    }

    /// A transaction that holds the write lock from its start, so that what it reads stays true until it commits.
    async fn write(&self) -> Result<sqlx::Transaction<'_, Sqlite>> {
        Ok(self.durable.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// The secret of this name, made of `fresh` the first time it is asked for.
    pub(crate) async fn secret(&self, name: &str, fresh: [u8; 32]) -> Result<Vec<u8>> {
        sqlx::query("INSERT INTO server_secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(fresh.as_slice())
            .execute(&self.durable.writer)
            .await?;
        Ok(sqlx::query_scalar("SELECT value FROM server_secrets WHERE name = ?")
            .bind(name)
            .fetch_one(&self.durable.reader)
            .await?)
    }

    /// Fails if a database cannot be read.
    pub(crate) async fn check(&self) -> Result<()> {
        sqlx::query("SELECT 1 FROM server_secrets").fetch_optional(&self.durable.reader).await?;
        sqlx::query("SELECT 1 FROM counters").fetch_optional(&self.volatile.reader).await?;
        Ok(())
    }

    /// Closes both databases; waits for the queries that are under way.
    pub(crate) async fn close(&self) {
        self.durable.close().await;
        self.volatile.close().await;
    }
}
