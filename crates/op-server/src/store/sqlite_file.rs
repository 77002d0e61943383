//! One SQLite file: a connection to it, and a look into it before it is opened for good, because a pool of connections
//! would try for half a minute, and then not say why.

use std::path::Path;

use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, Connection, Executor};

use super::error::{Result, StoreError};

/// How long others may keep a file locked.
const PATIENCE: &str = "PRAGMA busy_timeout = 1500";
/// Larger files are not read throughout, so that a start does not take long.
const READ_THROUGHOUT: u64 = 64 << 20;

/// Whether a database has tables. Fails if it cannot be read and written, or is not a database of opwire.
pub(crate) async fn has_tables(file: &Path) -> Result<bool> {
    let broken = |cause: &str| StoreError::Broken { path: file.display().to_string(), cause: cause.to_owned() };
    let found = look(file).await.map_err(|error| match code(&error) {
        Some(11 | 26) => broken(&error.to_string()),
        Some(5 | 6) => unusable(file, "is locked by another program: stop it (`fuser` names it)"),
        Some(8) => unusable(file, "cannot be written: let it belong to the user that runs the server (chown)"),
        _ => unusable(file, &format!("cannot be opened: {error}")),
    })?;
    if found.check != "ok" {
        return Err(broken(&found.check));
    }
    if !found.tables.is_empty() && !found.tables.iter().any(|table| table == "_sqlx_migrations") {
        return Err(broken("its tables are not opwire's"));
    }
    Ok(!found.tables.is_empty())
}

struct Found {
    tables: Vec<String>,
    /// What SQLite's check says.
    check: String,
}

async fn look(file: &Path) -> sqlx::Result<Found> {
    let mut connection = connect(file).await?;
    connection.execute(PATIENCE).await?;
    let tables = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'");
    let tables = tables.fetch_all(&mut connection).await?;
    connection.execute("BEGIN IMMEDIATE; ROLLBACK").await?;
    let is_small = std::fs::metadata(file)?.len() <= READ_THROUGHOUT;
    let check = match is_small {
        true => sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await?,
        false => "ok".to_owned(),
    };
    connection.close().await?;
    Ok(Found { tables, check })
}

/// SQLite's result code, without what an extended one adds.
fn code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    Some(code.parse::<u32>().ok()? & 0xff)
}

fn unusable(file: &Path, problem: &str) -> StoreError {
    StoreError::Unusable { path: file.display().to_string(), problem: problem.to_owned() }
}

/// One connection to an SQLite file, which is created if it is missing.
pub(super) async fn connect(file: &Path) -> sqlx::Result<AnyConnection> {
    install_default_drivers();
    let url = sqlite_url(file).map_err(|error| sqlx::Error::Configuration(error.into()))?;
    AnyConnection::connect_with(&url.parse()?).await
}

/// sqlx accepts the path of a file only as part of a URL.
pub(super) fn sqlite_url(file: &Path) -> Result<String> {
    let path = std::path::absolute(file).ok();
    let path = path.as_deref().and_then(Path::to_str).ok_or(StoreError::Path)?;
    let mut url = String::from("sqlite:");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/\\:-_.".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(url + "?mode=rwc")
}
