//! Programs with the public SDKs, by the library that they load.

use base64ct::{Base64, Encoding as _};
use op_desktop_ipc::exchange::exchange_at;
use op_testkit::account::TestAccount;
use serde_json::{Value, json};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::support::{TestAgent, config, lines, save, with};

/// The result of a request, or the name of its error and the message.
type Answer = Result<String, (String, String)>;

/// Returns a request as the public SDKs send it.
fn request(kind: &str, account: &str, payload: &str) -> String {
    let payload = Base64::encode_string(payload.as_bytes());
    json!({ "kind": kind, "account_name": account, "payload": payload }).to_string()
}

/// Sends a request by the library, as a program of the test's own process.
fn sending(agent: &TestAgent, kind: &str, account: &str, payload: &str) -> JoinHandle<Answer> {
    let (socket, request) = (agent.socket.clone(), request(kind, account, payload));
    spawn_blocking(move || read(&exchange_at(Some(&socket), request.as_bytes())))
}

async fn send(agent: &TestAgent, kind: &str, account: &str, payload: &str) -> Answer {
    sending(agent, kind, account, payload).await.unwrap()
}

/// Reads an answer as the public SDKs do.
fn read(answer: &[u8]) -> Answer {
    let answer: Value = serde_json::from_slice(answer).unwrap();
    let bytes = answer["payload"].as_array().unwrap().iter().map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap());
    let text = String::from_utf8(bytes.collect()).unwrap();
    if answer["success"].as_bool().unwrap() {
        return Ok(text);
    }
    assert!(text.is_ascii() && text.len() < 2000, "JavaScript makes a character of each byte: {text}");
    let error: Value = serde_json::from_str(&text).unwrap();
    Err((error["name"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned()))
}

/// Returns the configuration that Python's SDK sends, which does not name the account.
fn python() -> Value {
    let mut config = config();
    config.as_object_mut().unwrap().remove("accountName");
    config
}

/// Returns the configuration that Go's SDK sends.
fn go(account: &str) -> Value {
    let mut config = python();
    config["serviceAccountToken"] = json!("");
    config["account_name"] = json!(account);
    config
}

/// Returns the configuration that JavaScript's SDK sends.
fn javascript(account: &str) -> Value {
    with(json!({ "serviceAccountToken": "", "accountName": account }))
}

/// Signs in, and approves it. Returns the client's id.
async fn approved(agent: &TestAgent, account: &str, config: &Value) -> String {
    let signing_in = sending(agent, "init_client", account, &config.to_string());
    agent.allow(0).await;
    let id = signing_in.await.unwrap().unwrap();
    assert!(id.parse::<u64>().unwrap() < 1 << 53, "JavaScript reads it exactly: {id}");
    id
}

/// Calls a method by the client with this id.
async fn call(agent: &TestAgent, id: &str, name: &str, parameters: Value) -> Answer {
    let id: u64 = id.parse().unwrap();
    let invocation =
        json!({ "invocation": { "clientId": id, "parameters": { "name": name, "parameters": parameters } } });
    send(agent, "invoke", "Acme", &invocation.to_string()).await
}

async fn vaults(agent: &TestAgent, id: &str) -> Answer {
    call(agent, id, "VaultsList", json!({})).await
}

/// Returns the name of the error.
fn name(answer: Answer) -> String {
    answer.unwrap_err().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_a_public_sdk_lives_from_approval_to_release() {
    let agent = TestAgent::start().await;
    let id = approved(&agent, "Acme", &python()).await;
    assert!(vaults(&agent, &id).await.unwrap().contains("Development"));
    // The approval covers another client of the process.
    let second = send(&agent, "init_client", "Acme", &javascript("Acme").to_string()).await.unwrap();
    assert_ne!(id, second);
    for _ in 0..2 {
        // The second time it is unknown, as after a sign-in that Python's SDK has repeated.
        assert_eq!(send(&agent, "release_client", "Acme", &id).await, Ok(String::new()));
    }
    assert_eq!(name(vaults(&agent, &id).await), "DesktopSessionExpired");
    assert!(vaults(&agent, &second).await.is_ok());
    assert_eq!(agent.grants().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_two_accounts_in_one_process_do_not_mix() {
    let agent = TestAgent::start().await;
    let other = TestAccount::create().await;
    save(agent.folder.path(), &[("Acme", &agent.account), ("Other", &other)]);
    other.login("Theirs", "x").await;
    let acme = approved(&agent, "Acme", &go("Acme")).await;
    // Go's requests name the account of the first client.
    let theirs = approved(&agent, "Acme", &go("Other")).await;
    let list = json!({"vault_id": other.vault_id, "filters": []});
    assert!(call(&agent, &theirs, "ItemsList", list.clone()).await.unwrap().contains("Theirs"));
    assert_eq!(name(call(&agent, &acme, "ItemsList", list).await), "NotFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_a_public_sdk_is_of_one_process() {
    let agent = TestAgent::start().await;
    let id = approved(&agent, "Acme", &python()).await;
    let invocation =
        format!(r#"{{"invocation":{{"clientId":{id},"parameters":{{"name":"VaultsList","parameters":{{}}}}}}}}"#);
    let mut other = std::process::Command::new("python3");
    other.arg(crate::support::program_file()).arg(&agent.socket);
    other.arg(request("invoke", "Acme", &invocation)).arg("desktop");
    let output = spawn_blocking(move || other.output().unwrap()).await.unwrap();
    let lines = lines(&output.stdout);
    assert!(!lines[0].0 && lines[0].1.contains("DesktopSessionExpired"), "{lines:?}");
    assert!(vaults(&agent, &id).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_sdk_signs_in_again_after_the_approval_has_ended() {
    let agent = TestAgent::start().await;
    let id = approved(&agent, "Acme", &javascript("Acme")).await;
    agent.lock(true).await;
    assert_eq!(name(vaults(&agent, &id).await), "DesktopSessionExpired");
    let again = approved(&agent, "Acme", &javascript("Acme")).await;
    assert!(vaults(&agent, &again).await.is_ok());
    // The first one stays ended.
    assert_eq!(name(vaults(&agent, &id).await), "DesktopSessionExpired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_sdk_gets_refusals_that_it_can_show() {
    let agent = TestAgent::start().await;
    let denied = sending(&agent, "init_client", "Acme", &python().to_string());
    agent.deny().await;
    let (name, message) = denied.await.unwrap().unwrap_err();
    assert_eq!(name, "AuthorizationDenied");
    assert!(message.contains("the person denied it"), "{message}");
    let (name, message) = send(&agent, "init_client", "Zoë", &python().to_string()).await.unwrap_err();
    assert!(name == "InvalidConfiguration" && message.contains("no account named Zoë"), "{message}");
    for (kind, payload) in [("invoke", "{}"), ("invoke", "no JSON"), ("init_client", "[]"), ("dance", "{}")] {
        let (name, message) = send(&agent, kind, "Acme", payload).await.unwrap_err();
        assert!(name == "InvalidInvocation" && message.contains("not what a public SDK sends"), "{message}");
    }
    let nobody = agent.folder.path().join("nobody.sock");
    let (name, message) = read(&exchange_at(Some(&nobody), b"{}")).unwrap_err();
    assert!(name == "AgentUnavailable" && message.contains("start one with `opwire agent`"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_sdk_gets_the_bytes_of_files_as_numbers() {
    let agent = TestAgent::start().await;
    let id = approved(&agent, "Acme", &python()).await;
    let content: Vec<u8> = (0..=255).collect();
    let vault = &agent.account.vault_id;
    let file = json!({ "name": "all", "content": content, "sectionId": "", "fieldId": "file" });
    let item = json!({ "category": "Login", "vaultId": vault, "title": "With a file", "files": [file],
        "sections": [{ "id": "", "title": "" }] });
    let created = call(&agent, &id, "ItemsCreate", json!({ "params": item })).await.unwrap();
    let created: Value = serde_json::from_str(&created).unwrap();
    let read = json!({ "vault_id": vault, "item_id": created["id"], "attr": created["files"][0]["attributes"] });
    let read = call(&agent, &id, "ItemsFilesRead", read).await.unwrap();
    assert_eq!(serde_json::from_str::<Vec<u8>>(&read).unwrap(), content);
}
