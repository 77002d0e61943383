//! Storage, in SQLite or in PostgreSQL.
//!
//! SQLite is embedded, and has two databases in the data folder. `opwire.db` is durable: a change is on the disk before
//! its success is answered (`synchronous=FULL`). `volatile.db` holds sessions and counters, which may be lost in a
//! power failure and therefore never wait for the disk; a sign-in waits for it once, for its line in the audit log. In
//! PostgreSQL, which several servers may share, both are tables of one database; those of sessions and counters are
//! unlogged.
//!
//! # Writing queries
//!
//! One text of SQL serves both, through sqlx's `Any` driver:
//! - Parameters are `$1`, `$2`, ..., and may be repeated.
//! - Numbers are bound as `i64` and texts, bytes and options of them as they are. [`FromRow`](sqlx::FromRow) reads
//!   a `u32` with `#[sqlx(try_from = "i64")]`, and [`to_u32`] converts a single value. A truth value is a number too:
//!   bind `i64::from(flag)`, read `i64`, compare in SQL with `<> 0`.
//! - Permission bits, states, roles, types and kinds are bound from their constants, never written in the text.
//! - Queries list their columns; `SELECT *` would read what a later migration adds.
//! - A list of texts is bound as a JSON array: `uuid IN (SELECT value FROM json_each($1))`.
//! - In `ON CONFLICT ... DO UPDATE`, name the table: `SET count = counters.count + excluded.count`.
//! - Reads are one query each, on `durable.reader` or `volatile.reader`, and so see one consistent state.
//! - Writes of more than one query are a transaction of [`Store::write`], which has the account to itself, or of
//!   [`Store::write_items`], which has one vault's items to itself, or one share. What such a transaction reads stays true until
//!   it commits; no `FOR UPDATE` is needed. So what a change needs is checked in its transaction. The line of a sign-in
//!   in the audit log depends on nothing and has no lock.
//! - A transaction of a signed-in user begins with a look at their session, which may have ended since the request was
//!   let in: bodies arrive slowly, and locks are waited for.
//!
//! # Ids
//!
//! An id has its type, such as [`VaultId`](op_protocol::id::VaultId), where a function takes it or where it is compared
//! with one that has; it is text where it is only bound or answered. Accounts, keysets, keys and files have ids without
//! a type, and an accessor's, which may be a user's or a group's, is text beside its kind. Columns are read as
//! [`IdText`](crate::ids::IdText), without a check. `from_server` takes texts of requests that nothing has checked:
//! the database has nothing under what is no id.
//!
//! # Migrations
//!
//! A change of the schema is a new file in `migrations/sqlite/durable` (or `volatile`) and one of the same number and
//! meaning in `migrations/postgres`, where numbers are `BIGINT` and bytes `BYTEA`. A file that was released is never
//! changed.

pub(crate) mod access;
pub(crate) mod accounts;
pub(crate) mod audit;
pub(crate) mod copies;
pub(crate) mod counters;
pub(crate) mod database;
mod error;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod invites;
pub(crate) mod items;
mod new_keys;
pub(crate) mod recovery;
pub(crate) mod rotation;
pub(crate) mod rows;
pub(crate) mod service_accounts;
pub(crate) mod sessions;
pub(crate) mod share_codes;
mod share_policies;
pub(crate) mod share_views;
pub(crate) mod shares;
pub(crate) mod sqlite_file;
pub(crate) mod users;
pub(crate) mod vaults;

use std::path::Path;

use audit::Actor;
use database::Database;
pub(crate) use error::Result;
pub use error::StoreError;
use error::to_u32;

use crate::PostgresUrl;

/// A write of several queries. Dropped without `commit`, it leaves nothing.
pub(crate) type Transaction<'a> = sqlx::Transaction<'a, sqlx::Any>;

/// Everything the server remembers.
pub(crate) struct Store {
    durable: Database,
    volatile: Database,
    is_shared: bool,
}

impl Store {
    /// Opens the databases in a folder, and brings their schemas up to date.
    pub(crate) async fn open_sqlite(folder: &Path) -> Result<Self> {
        let (durable, volatile) = database::open_sqlite(folder).await?;
        Ok(Self { durable, volatile, is_shared: false })
    }

    /// Opens a PostgreSQL database, and brings its schema up to date.
    pub(crate) async fn open_postgres(url: &PostgresUrl) -> Result<Self> {
        let (durable, volatile) = database::open_postgres(url).await?;
        Ok(Self { durable, volatile, is_shared: true })
    }

    /// Whether it is PostgreSQL, which other servers with data folders of their own may be using as well.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// A transaction of `actor` that has the account to itself from its start.
    async fn write(&self, actor: &Actor) -> Result<Transaction<'_>> {
        let tx = self.lock(&actor.account).await?;
        self.check_session(actor).await?;
        Ok(tx)
    }

    /// A transaction that has an account, or a share, to itself from its start.
    async fn lock(&self, account_or_share: &str) -> Result<Transaction<'_>> {
        let mut tx = self.begin(&self.durable).await?;
        if self.is_shared() {
            sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(account_or_share)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx)
    }

    /// A transaction of `actor` that has the items of a vault, or a share, to itself from its start, while nothing else
    /// in the account changes.
    async fn write_items(&self, actor: &Actor, vault_or_share: &str) -> Result<Transaction<'_>> {
        let mut tx = self.begin(&self.durable).await?;
        if self.is_shared() {
            sqlx::query(
                "SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0)), pg_advisory_xact_lock(hashtextextended($2, 0))",
            )
            .bind(&actor.account)
            .bind(vault_or_share)
            .execute(&mut *tx)
            .await?;
        }
        self.check_session(actor).await?;
        Ok(tx)
    }

    /// SQLite's one lock for all writers is taken here. In PostgreSQL the callers lock a hash of what they write to; if
    /// two hashes are equal by chance, their writers wait for each other needlessly.
    async fn begin<'a>(&self, database: &'a Database) -> Result<Transaction<'a>> {
        let statement = if self.is_shared() { "BEGIN" } else { "BEGIN IMMEDIATE" };
        match database.writer.begin_with(statement).await {
            // When the disk fails or is full, SQLite ends a transaction without sqlx, which takes it for open from then
            // on.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                database.writer.acquire().await?.close().await?;
                Ok(database.writer.begin_with(statement).await?)
            }
            begun => Ok(begun?),
        }
    }

    /// The secret of this name. The first request for it stores `fresh`.
    pub(crate) async fn secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>> {
        sqlx::query("INSERT INTO server_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(fresh)
            .execute(&self.durable.writer)
            .await?;
        Ok(sqlx::query_scalar("SELECT value FROM server_secrets WHERE name = $1")
            .bind(name)
            .fetch_one(&self.durable.reader)
            .await?)
    }

    /// Whether the content of any file was stored.
    pub(crate) async fn has_files(&self) -> Result<bool> {
        let found = sqlx::query("SELECT uuid FROM files WHERE size IS NOT NULL LIMIT 1");
        Ok(found.fetch_optional(&self.durable.reader).await?.is_some())
    }

    /// Fails if a database cannot be read.
    pub(crate) async fn check(&self) -> Result<()> {
        sqlx::query("SELECT name FROM server_secrets LIMIT 1").fetch_optional(&self.durable.reader).await?;
        sqlx::query("SELECT name FROM counters LIMIT 1").fetch_optional(&self.volatile.reader).await?;
        Ok(())
    }

    /// Closes the databases; waits for the queries that are under way.
    pub(crate) async fn close(&self) {
        self.durable.close().await;
        self.volatile.close().await;
    }
}
