//! Tests `opwire server backup` on a running server, and `opwire server restore` to SQLite and to PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use op_protocol::rest::{ItemResponse, OverviewsResponse, UploadResponse};
use op_testkit::postgres::{Durability, Postgres};
use tempfile::TempDir;

use crate::links::{NewShare, new_share};
use crate::server::{Data, Server};
use crate::support::{Client, new_item, with_files};

const FILE: &[u8] = b"the ciphertext of a file";

const SHARED_FILE: &[u8] = b"a file that only a share holds";

/// An account with an item that has a file, and a share of a deleted item with another one.
struct Account {
    owner: Client,
    vault: String,
    item: String,
    file: UploadResponse,
    share: NewShare,
    shared_file: UploadResponse,
}

impl Account {
    async fn make(server: &Server) -> Self {
        let owner = server.owner().await;
        let vault = owner.make_vault().await;
        let file = owner.uploaded(FILE).await;
        let item = with_files(new_item("with a file"), &[&file]);
        owner.change(&vault, &item).await;

        let other_vault = owner.make_vault().await;
        let shared_file = owner.uploaded(SHARED_FILE).await;
        let shared = with_files(new_item("shared"), &[&shared_file]);
        owner.change(&other_vault, &shared).await;
        let share = new_share(&other_vault, &shared, 1).files(&[&shared_file]).create(&owner).await;
        owner.delete(&format!("/api/v4/vault/{other_vault}")).await.succeeded();
        Self { owner, vault, item: item.uuid, file, share, shared_file }
    }

    /// Signs in at a restored server and checks the account. Each change of the vault created one item, so the number
    /// of items shows whether the backup contains all changes up to one moment, and none after it.
    async fn check_complete_at(&self, server: &Server) {
        let owner = Client::sign_in(&server.url, &self.owner.person).await;
        let vault = owner.vault(&self.vault).await;
        let items: OverviewsResponse = owner.read(&format!("/api/v1/vault/{}/items/overviews", self.vault)).await;
        let items = items.items.unwrap_or_default().len();
        assert_eq!(vault.content_version as usize, 1 + items);
        assert_eq!(vault.active_item_count as usize, items);
        assert!(items > 1, "writes before the backup are in it");
        let item: ItemResponse = owner.read(&format!("/api/v1/vault/{}/item/{}", self.vault, self.item)).await;
        assert_eq!(item.item.uuid, self.item);
        let content = owner.download(&self.vault, &self.item, &self.file.file_id).await;
        assert_eq!((content.status.as_u16(), content.body.as_slice()), (200, FILE));
        owner.change(&self.vault, &new_item("after the restore")).await;
        let tab = self.share.tab(&server.url);
        tab.opened().await;
        assert_eq!(tab.file(&self.shared_file.file_id, &[]).await.body, SHARED_FILE);
    }
}

/// Returns the command from docs/operate.md, with the test's folders instead of the system's.
fn command(action: &str, data: Data<'_>, backup: &Path) -> Command {
    let page = include_str!("../../../../docs/operate.md");
    let prefix = format!("runuser -u opwire -- opwire server {action} ");
    let line = page.lines().find_map(|line| line.strip_prefix(&prefix)).expect("the page has the command");
    let mut command = Command::new(env!("CARGO_BIN_EXE_opwire"));
    command.args(["server", action]).env_remove("OPWIRE_DATABASE");
    command.args(line.split(' ').map(|word| match word {
        "/var/lib/opwire" => data.folder.as_os_str(),
        "/var/backups/opwire/today" => backup.as_os_str(),
        word => word.as_ref(),
    }));
    if let Some(url) = data.database {
        command.env("OPWIRE_DATABASE", url);
    }
    command
}

/// Returns the standard output of the command or, if it fails, its standard error.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// Runs the command while a client writes to the server as fast as possible.
async fn run_during_writes(account: &Account, mut command: Command) -> Result<String, String> {
    let done = Arc::new(AtomicBool::new(false));
    let ended = done.clone();
    let backup = tokio::task::spawn_blocking(move || {
        let output = run(&mut command);
        ended.store(true, Ordering::SeqCst);
        output
    });
    while !done.load(Ordering::SeqCst) {
        account.owner.change(&account.vault, &new_item("written during the backup")).await;
    }
    backup.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_consistent_and_restores_to_either_database() {
    let postgres = Postgres::start(Durability::None).await;
    let own_database = postgres.new_database().await;
    for database in [None, Some(own_database.as_str())] {
        let place = TempDir::new().unwrap();
        let data = Data { folder: &place.path().join("data"), database };
        let server = Server::start(data, &[]);
        let account = Account::make(&server).await;
        account.owner.change(&account.vault, &new_item("before the backup")).await;
        let backup = place.path().join("backup");
        let output = run_during_writes(&account, command("backup", data, &backup)).await.unwrap();
        assert!(output.contains(&format!("files: 2 ({} bytes)", FILE.len() + SHARED_FILE.len())), "{output}");
        assert!(run(&mut command("backup", data, &backup)).is_err_and(|error| error.contains("exists")));
        assert!(run(&mut command("restore", data, &backup)).is_err_and(|error| error.contains("nothing was changed")));

        let new_database = postgres.new_database().await;
        for (name, database) in [("sqlite", None), ("postgres", Some(new_database.as_str()))] {
            let data = Data { folder: &place.path().join(name), database };
            run(&mut command("restore", data, &backup)).unwrap();
            let restored = Server::start(data, &[]);
            assert_eq!(restored.setup_token, server.setup_token);
            account.check_complete_at(&restored).await;
        }
    }
}

/// Returns the path of a stored file in a data folder.
fn stored_file(data: &Path, file: &str) -> PathBuf {
    data.join("files").join(&file[..2]).join(file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_with_a_missing_file_is_refused_and_removed() {
    let place = TempDir::new().unwrap();
    let data = Data { folder: &place.path().join("data"), database: None };
    let server = Server::start(data, &[]);
    let account = Account::make(&server).await;
    let backup = place.path().join("backup");
    run(&mut command("backup", data, &backup)).unwrap();

    std::fs::write(stored_file(&backup, &account.file.file_id), b"short").unwrap();
    let other = Data { folder: &place.path().join("other"), database: None };
    let refused = run(&mut command("restore", other, &backup)).unwrap_err();
    assert!(refused.contains(&account.file.file_id), "{refused}");
    assert!(!other.folder.join("opwire.db").exists());

    std::fs::remove_file(stored_file(data.folder, &account.file.file_id)).unwrap();
    let refused = run(&mut command("backup", data, &place.path().join("second"))).unwrap_err();
    assert!(refused.contains(&account.file.file_id), "{refused}");
    let mut left: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["backup", "data", "other"]);

    let none = run(&mut command("restore", other, place.path())).unwrap_err();
    assert!(none.contains("is not a backup"), "{none}");
}
