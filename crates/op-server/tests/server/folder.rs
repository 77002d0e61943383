//! What a server makes of its data folder.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use op_server::{Config, State};
use sqlx::{AnyConnection, Connection, Executor};
use tempfile::TempDir;

/// The data folder of a server that has stopped.
async fn used() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await.close().await;
    folder
}

async fn open(folder: &Path) -> State {
    State::open(Config::new(folder)).await.unwrap()
}

/// Why a server does not start.
async fn refusal(folder: &Path) -> String {
    let started = Instant::now();
    let Err(error) = State::open(Config::new(folder)).await else { panic!("the server starts") };
    // It takes 2 s at most, if the machine has nothing else to do.
    assert!(started.elapsed() < Duration::from_secs(15), "{error}");
    error.to_string()
}

async fn connect(database: &Path) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&format!("sqlite:{}?mode=rwc", database.display())).await.unwrap()
}

#[tokio::test]
async fn a_damaged_database_is_named() {
    let folder = used().await;
    let database = folder.path().join("opwire.db");
    let whole = fs::read(&database).unwrap();
    let mut damaged = whole.clone();
    damaged[8192..].fill(0xff);
    for content in [b"this is no database ".repeat(1000), whole[..whole.len() / 2].to_vec(), damaged] {
        fs::write(&database, &content).unwrap();
        let why = refusal(folder.path()).await;
        let expected = format!("{} is damaged, or is not a database of opwire: ", database.display());
        assert!(why.starts_with(&expected) && why.ends_with("; restore a backup to another folder"), "{why}");
        assert_eq!(fs::read(&database).unwrap(), content);
    }
    fs::write(&database, whole).unwrap();
    open(folder.path()).await;
}

#[tokio::test]
async fn what_is_not_the_servers_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("opwire.db");
    let mut other = connect(&database).await;
    other.execute("CREATE TABLE songs (title TEXT)").await.unwrap();
    other.close().await.unwrap();
    assert!(refusal(folder.path()).await.contains("opwire.db is damaged, or is not a database of opwire: its tables"));

    let folder = tempfile::tempdir().unwrap();
    for name in ["opwire.db", "volatile.db", "setup-token"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        let why = refusal(folder.path()).await;
        assert!(why.ends_with(&format!("{name} is not a file: move it away")), "{why}");
        fs::remove_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("files"), "").unwrap();
    assert!(refusal(folder.path()).await.ends_with("files is not a folder: move it away"));
    let why = refusal(&folder.path().join("files")).await;
    assert!(why.ends_with("files is not a folder: name another one as the data folder"), "{why}");
}

#[tokio::test]
async fn accounts_that_are_gone_are_not_begun_anew() {
    let folder = used().await;
    let database = folder.path().join("opwire.db");
    fs::write(&database, "").unwrap();
    let why = refusal(folder.path()).await;
    assert!(why.contains("opwire.db is empty, although a server has left `setup-token` beside it: restore"), "{why}");
    fs::remove_file(&database).unwrap();
    let why = refusal(folder.path()).await;
    assert!(why.contains("opwire.db is missing, although a server has left `files` beside it: restore"), "{why}");
}

#[tokio::test]
async fn a_new_folder_may_have_a_token_and_what_a_killed_server_leaves() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("opwire.db"), "").unwrap();
    fs::write(folder.path().join("volatile.db"), "").unwrap();
    open(folder.path()).await.close().await;

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("setup-token"), "a token of the operator").unwrap();
    assert_eq!(open(folder.path()).await.setup_token(), "a token of the operator");
}

#[tokio::test]
async fn a_locked_database_is_named() {
    let folder = used().await;
    for (name, lock) in [("opwire.db", "BEGIN IMMEDIATE"), ("volatile.db", "BEGIN IMMEDIATE")] {
        let mut other = connect(&folder.path().join(name)).await;
        other.execute(lock).await.unwrap();
        let why = refusal(folder.path()).await;
        assert!(why.ends_with(&format!("{name} is locked by another program: stop it (`fuser` names it)")), "{why}");
        other.close().await.unwrap();
    }
    open(folder.path()).await;
}

#[tokio::test]
async fn missing_files_of_items_are_named() {
    let folder = used().await;
    let mut database = connect(&folder.path().join("opwire.db")).await;
    let file = "PRAGMA foreign_keys = OFF; INSERT INTO files VALUES ('f', 'a', 'u', 1, 'v', 'i', 1, NULL)";
    database.execute(file).await.unwrap();
    database.close().await.unwrap();
    fs::remove_dir_all(folder.path().join("files")).unwrap();
    for _ in 0..2 {
        let why = refusal(folder.path()).await;
        assert!(why.contains("files is missing, although items have files: restore it from a backup"), "{why}");
    }
    fs::create_dir(folder.path().join("files")).unwrap();
    open(folder.path()).await;
}

#[tokio::test]
async fn broken_sessions_and_counters_are_made_anew() {
    let folder = used().await;
    let volatile = folder.path().join("volatile.db");
    let whole = fs::read(&volatile).unwrap();
    for content in [b"this is no database ".repeat(1000), whole[..whole.len() / 2].to_vec(), Vec::new()] {
        fs::write(&volatile, content).unwrap();
        open(folder.path()).await.close().await;
        let mut database = connect(&volatile).await;
        database.execute("SELECT name FROM counters").await.unwrap();
        database.close().await.unwrap();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_can_read_becomes_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = used().await;
    let path = |name: &str| folder.path().join(name);
    let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    let open_to_all = || {
        for (name, mode) in
            [("", 0o755), ("files", 0o755), ("opwire.db", 0o644), ("volatile.db", 0o644), ("setup-token", 0o644)]
        {
            fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    open_to_all();
    let state = open(folder.path()).await;
    for name in ["", "files"] {
        assert_eq!(mode(name), 0o700, "{name}");
    }
    for name in ["opwire.db", "opwire.db-wal", "volatile.db", "volatile.db-wal", "setup-token"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    state.close().await;

    // The folder is also for something else, which others may have to read.
    fs::write(path("README"), "").unwrap();
    open_to_all();
    open(folder.path()).await.close().await;
    assert_eq!((mode(""), mode("opwire.db"), mode("files")), (0o755, 0o600, 0o700));
}
