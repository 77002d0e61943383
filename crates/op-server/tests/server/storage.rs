use std::path::Path;

use op_protocol::permissions::ALL;
use op_protocol::rest::{ItemResponse, VaultRecord};
use op_testkit::{Database, TestServer};
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use crate::support::{Client, Person, http, new_id, new_item, owner, sealed, send};
use crate::team::{BUILT_IN, new_group};

#[tokio::test]
async fn a_data_folder_may_have_any_name() {
    let folder = tempfile::tempdir().unwrap();
    let name = "50% of?it #1 ü\n&mode=ro";
    let server = TestServer::start_with(|config| config.data_dir = folder.path().join(name)).await;
    let person = owner(&server).await.person;
    let entries: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(entries, [name]);
    Client::sign_in(&server.url, &person).await;
}

/// PostgreSQL stores no such text.
#[tokio::test]
async fn the_character_nul_breaks_nothing() {
    let server = TestServer::start().await;
    let mut person = Person::new("owner");
    person.user.name = "Nul \0".to_owned();
    let body = json!({"account": {"uuid": new_id(), "name": "Acme"}, "user": person.user});
    let request = http().post(format!("{}/api/opwire/v1/accounts", server.url));
    send(request.header("x-opwire-setup-token", &server.setup_token).body(body.to_string())).await.refused(400);
}

/// A server, somebody else's connection to its database, and whether that is PostgreSQL's.
async fn server_with_neighbour() -> (TestServer, AnyConnection, bool) {
    sqlx::any::install_default_drivers();
    match std::env::var(op_testkit::postgres::POSTGRES_VARIABLE) {
        Ok(postgres) => {
            let url = op_testkit::postgres::new_database(&postgres).await;
            let server = TestServer::start_on(Database::Postgres(url.clone()), |_| {}).await;
            (server, AnyConnection::connect(&url).await.unwrap(), true)
        }
        Err(_) => {
            let server = TestServer::start_on(Database::Sqlite, |_| {}).await;
            let url = format!("sqlite:{}", server.dir.join("opwire.db").display());
            let neighbour = AnyConnection::connect(&url).await.unwrap();
            (server, neighbour, false)
        }
    }
}

#[tokio::test]
async fn whoever_waits_for_a_lock_too_long_is_told_to_retry() {
    let (server, mut neighbour, is_postgres) = server_with_neighbour().await;
    let client = owner(&server).await;
    let lock = if is_postgres { "BEGIN; LOCK TABLE vaults IN EXCLUSIVE MODE" } else { "BEGIN IMMEDIATE" };
    neighbour.execute(lock).await.unwrap();
    let vault = new_id();
    let body = json!({
        "uuid": vault, "type": "U", "encAttrs": sealed("vault-key", "attributes"),
        "access": [client.person.access(&vault, ALL)],
    });
    let answer = client.post("/api/v2/vault", &body).await;
    answer.refused(503);
    assert_eq!(answer.headers["retry-after"], "1");
    neighbour.execute("ROLLBACK").await.unwrap();
    client.post("/api/v2/vault", &body).await.succeeded();
}

#[tokio::test]
async fn a_sign_in_does_not_wait_for_changes_of_its_account() {
    let (server, mut neighbour, is_postgres) = server_with_neighbour().await;
    // SQLite has one lock for all writers.
    if !is_postgres {
        return;
    }
    let person = owner(&server).await.person;
    let lock = "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended(uuid, 0)) FROM accounts";
    neighbour.execute(lock).await.unwrap();
    Client::sign_in(&server.url, &person).await;
}

/// Makes the tables of the first version.
async fn make_first_version(connection: &mut AnyConnection, migrations: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = "0001_accounts.sql";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(migrations).join(file);
    std::fs::copy(path, folder.path().join(file)).unwrap();
    let migrator = Migrator::new(folder.path()).await.unwrap();
    migrator.run(&mut *connection).await.unwrap();
}

#[tokio::test]
async fn accounts_of_the_first_version_go_on() {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let (database, url, migrations) = match std::env::var(op_testkit::postgres::POSTGRES_VARIABLE) {
        Ok(server) => {
            let url = op_testkit::postgres::new_database(&server).await;
            (Database::Postgres(url.clone()), url, "postgres")
        }
        Err(_) => {
            let file = folder.path().join("opwire.db");
            (Database::Sqlite, format!("sqlite:{}?mode=rwc", file.display()), "sqlite/durable")
        }
    };
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    make_first_version(&mut connection, migrations).await;
    let (account, vault, item) = (new_id(), new_id(), new_item("kept"));
    let (boss, program) = (Person::new("boss"), Person::new("program"));
    let mut statements = vec![
        format!("INSERT INTO accounts (uuid, name, created_at) VALUES ('{account}', 'Acme', 1)"),
        format!(
            "INSERT INTO vaults (uuid, account_uuid, type, enc_attrs, created_at, updated_at) VALUES ('{vault}', '{account}', 'U', '{}', 1, 1)",
            json!(sealed("vault-key", "attributes"))
        ),
    ];
    for (person, role, acl) in [(&boss, "owner", ALL), (&program, "service", 48)] {
        let user = &person.user;
        let (id, keys) = (&user.uuid, &user.keyset.uuid);
        let bytes = op_protocol::b64::decode(&user.salt).unwrap();
        let salt: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let salt = if migrations == "postgres" { format!("'\\x{salt}'") } else { format!("x'{salt}'") };
        let access = person.access(&vault, acl);
        statements.extend([
            format!(
                "INSERT INTO users (uuid, account_uuid, role, can_create_vaults, email, name, method, alg, iterations, salt,
                                    secret_key_id, verifier, created_at)
                 VALUES ('{id}', '{account}', '{role}', {}, '{}', 'name', '{}', '{}', {}, {salt}, 'ABCDEF', '{}', 1)",
                i32::from(role == "owner"), user.email, user.method, user.alg, user.iterations, user.verifier
            ),
            format!("INSERT INTO keysets (uuid, user_uuid, sn, body, created_at) VALUES ('{keys}', '{id}', 1, '{}', 1)", json!(user.keyset)),
            format!("INSERT INTO vault_access VALUES ('{vault}', 'user', '{id}', {acl}, 0, 1, '{keys}', '{}')", json!(access.enc_vault_key)),
        ]);
    }
    statements.push(format!(
        "INSERT INTO items VALUES ('{vault}', '{}', '001', 1, 'N', 1, 1, '{}', 'vault-key', '{}', '{}')",
        item.uuid,
        boss.user.uuid,
        json!(item.enc_overview),
        json!(item.enc_details)
    ));
    for statement in statements {
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    connection.close().await.unwrap();

    let server = TestServer::start_on(database, |config| config.data_dir = folder.path().to_owned()).await;
    let (boss, program) = (Client::sign_in(&server.url, &boss).await, Client::sign_in(&server.url, &program).await);
    for client in [&boss, &program] {
        let vaults: Vec<VaultRecord> = client.read("/api/v1/vaults?attrs=combined-access").await;
        assert_eq!(vaults.iter().map(|vault| vault.uuid.as_str()).collect::<Vec<_>>(), [vault.as_str()]);
        let stored: ItemResponse = client.read(&format!("/api/v1/vault/{vault}/item/{}", item.uuid)).await;
        assert_eq!(stored.item.enc_details, Some(item.enc_details.clone()));
    }
    boss.make_vault().await;
    program.get("/api/opwire/v1/users").await.refused(403);
    let groups = BUILT_IN.map(|kind| new_group(kind, &[&boss.person]));
    boss.post("/api/opwire/v1/account/groups", &json!(groups)).await.succeeded();
    assert_eq!(boss.read::<Vec<Value>>("/api/opwire/v1/users").await.len(), 1);
}
