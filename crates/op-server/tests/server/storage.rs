use op_testkit::TestServer;
use serde_json::json;

use crate::support::{Client, Person, http, new_id, owner, send};

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
