//! Copies of the durable tables in one SQLite file, whichever database they are in.
//!
//! Both schemas have the same tables with the same columns, so that rows of one can be inserted into the other.

use std::path::Path;

use futures_util::TryStreamExt;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row, any::AnyRow};

use super::{Result, StoreError, database};
use crate::PostgresUrl;
use crate::folder::DURABLE_FILE;

/// A table with its columns, in the order in which they were created, and their types.
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
}

#[derive(Clone, Copy)]
enum Kind {
    Number,
    Text,
    Bytes,
}

/// Writes the tables of a server, as they are at one moment, into a new file. The server may be running.
pub(crate) async fn save(folder: &Path, postgres: Option<&PostgresUrl>, file: &Path) -> Result<u64> {
    let mut from = match postgres {
        None => database::connect_to_file(&folder.join(DURABLE_FILE), true).await?,
        Some(url) => database::connect_to_postgres(url).await?,
    };
    database::check_version(&mut from, postgres.is_some()).await?;
    database::create_file(file).await?;
    let mut to = database::connect_to_file(file, false).await?;
    // All its reads see the moment of the first one.
    let statement = if postgres.is_some() { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" };
    let mut snapshot = from.begin_with(statement).await?;
    let tables = tables(&mut to).await?;
    let rows = copy(&mut snapshot, &mut to, &tables).await?;
    snapshot.rollback().await?;
    check_whole(&mut to).await?;
    to.close().await?;
    Ok(rows)
}

/// Migrates a file that [`save`] wrote, in place. Fails if it is damaged.
pub(crate) async fn upgrade(file: &Path) -> Result<()> {
    database::create_file(file).await?;
    let mut connection = database::connect_to_file(file, false).await?;
    check_whole(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Fills a PostgreSQL database that holds no account with the tables in a file, all or nothing.
pub(crate) async fn load_into_postgres(file: &Path, url: &PostgresUrl) -> Result<()> {
    database::create_postgres(url).await?;
    let mut from = database::connect_to_file(file, true).await?;
    let tables = tables(&mut from).await?;
    let mut to = database::connect_to_postgres(url).await?;
    let mut tx = to.begin().await?;
    for table in &tables {
        // An empty server may have secrets, which those of the backup replace.
        sqlx::query(AssertSqlSafe(format!("DELETE FROM {}", table.name))).execute(&mut *tx).await?;
    }
    copy(&mut from, &mut tx, &tables).await?;
    // Sessions from before the restore must not stay valid.
    sqlx::query("DELETE FROM sessions").execute(&mut *tx).await?;
    tx.commit().await?;
    to.close().await?;
    Ok(from.close().await?)
}

/// Whether a PostgreSQL database has an account.
pub(crate) async fn has_accounts(url: &PostgresUrl) -> Result<bool> {
    let mut connection = database::connect_to_postgres(url).await?;
    let exists: bool =
        sqlx::query_scalar("SELECT to_regclass('accounts') IS NOT NULL").fetch_one(&mut connection).await?;
    let has_accounts =
        exists && sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM accounts").fetch_one(&mut connection).await? > 0;
    connection.close().await?;
    Ok(has_accounts)
}

/// The ids and sizes of all files of items and shares, from a file that [`save`] wrote.
pub(crate) async fn files_of_items(file: &Path) -> Result<Vec<(String, i64)>> {
    let mut connection = database::connect_to_file(file, true).await?;
    let files = list_files(&mut connection).await?;
    connection.close().await?;
    Ok(files)
}

/// The ids and sizes of all files of items and shares that a running server has now.
pub(crate) async fn files_by_now(folder: &Path, postgres: Option<&PostgresUrl>) -> Result<Vec<(String, i64)>> {
    let mut connection = match postgres {
        None => database::connect_to_file(&folder.join(DURABLE_FILE), true).await?,
        Some(url) => database::connect_to_postgres(url).await?,
    };
    let files = list_files(&mut connection).await?;
    connection.close().await?;
    Ok(files)
}

async fn list_files(connection: &mut AnyConnection) -> Result<Vec<(String, i64)>> {
    Ok(sqlx::query_as(
        "SELECT uuid, size FROM files WHERE size IS NOT NULL AND (expires_at IS NULL OR EXISTS (
             SELECT 1 FROM share_files s WHERE s.file_uuid = files.uuid)) ORDER BY uuid",
    )
    .fetch_all(connection)
    .await?)
}

/// Removes the secret of this name from a file that [`save`] wrote, and returns it.
pub(crate) async fn take_secret(file: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    let mut connection = database::connect_to_file(file, false).await?;
    let secret = sqlx::query_scalar("DELETE FROM server_secrets WHERE name = $1 RETURNING value")
        .bind(name)
        .fetch_optional(&mut connection)
        .await?;
    connection.close().await?;
    Ok(secret)
}

/// The tables of an SQLite database in the order in which they were created. Filling them in this order satisfies the
/// foreign keys.
async fn tables(connection: &mut AnyConnection) -> Result<Vec<Table>> {
    let names: Vec<String> = sqlx::query_scalar(
        r"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\_sqlx%' ESCAPE '\' ORDER BY rowid",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut tables = Vec::new();
    for name in names {
        let columns: Vec<(String, String)> =
            sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(&mut *connection)
                .await?;
        let kind = |declared: &str| match declared {
            "INTEGER" => Kind::Number,
            "BLOB" => Kind::Bytes,
            _ => Kind::Text,
        };
        let columns = columns.into_iter().map(|(name, declared)| (name, kind(&declared))).collect();
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

/// Copies all rows of the tables, and returns how many.
async fn copy(from: &mut AnyConnection, to: &mut AnyConnection, tables: &[Table]) -> Result<u64> {
    let mut copied = 0;
    let mut tx = to.begin().await?;
    for Table { name, columns } in tables {
        let names = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let places = (1..=columns.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let insert = format!("INSERT INTO {name} ({names}) VALUES ({places})");
        let select = format!("SELECT {names} FROM {name}");
        let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(&mut *from);
        while let Some(row) = rows.try_next().await? {
            insert_row(&mut tx, insert.clone(), &row, columns).await?;
            copied += 1;
        }
    }
    tx.commit().await?;
    Ok(copied)
}

async fn insert_row(to: &mut AnyConnection, insert: String, row: &AnyRow, columns: &[(String, Kind)]) -> Result<()> {
    let mut query = sqlx::query(AssertSqlSafe(insert));
    for (at, (_, kind)) in columns.iter().enumerate() {
        query = match kind {
            Kind::Number => query.bind(row.try_get::<Option<i64>, _>(at)?),
            Kind::Text => query.bind(row.try_get::<Option<String>, _>(at)?),
            Kind::Bytes => query.bind(row.try_get::<Option<Vec<u8>>, _>(at)?),
        };
    }
    query.execute(to).await?;
    Ok(())
}

async fn check_whole(connection: &mut AnyConnection) -> Result<()> {
    let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(connection).await?;
    if found == "ok" { Ok(()) } else { Err(StoreError::DamagedFile(found)) }
}
