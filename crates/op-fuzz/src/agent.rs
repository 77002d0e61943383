//! Fuzzes what a program sends to the agent, and what an agent sends to a program.

use op_agent::wire::{self, AnswerHeader, Header, Kind, RequestHeader};
use op_core::{Bytes, DesktopConfig, Message};
use serde_json::{Value, json};

use crate::client;

/// Reads the bytes as frames of both directions. A frame that is read can be written, and read again.
pub(crate) fn frame(data: &[u8]) {
    run(async {
        again::<RequestHeader>(data).await;
        again::<AnswerHeader>(data).await;
    });
}

async fn again<H: Header + PartialEq + std::fmt::Debug>(data: &[u8]) {
    let mut stream = data;
    while let Ok(Some((header, message))) = wire::read::<H>(&mut stream).await {
        let size = message.text.len() + message.attachments.iter().map(|part| part.len()).sum::<usize>();
        assert!(size <= data.len(), "a frame has no more than was sent");
        let mut written = Vec::new();
        wire::write(&mut written, &header, &message).await.expect("what was read can be written");
        let read = wire::read::<H>(&mut &written[..]).await.unwrap().unwrap();
        assert_eq!(read, (header, message));
    }
}

/// Reads the bytes as the configuration of a program.
pub(crate) fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match DesktopConfig::parse(text) {
        Ok(config) => {
            assert!(!config.account_name.trim().is_empty() && config.vaults.is_none_or(|all| !all.is_empty()))
        }
        Err(error) => {
            let json: Value = serde_json::from_str(&error.to_json()).expect("errors are JSON");
            assert!(!json["message"].as_str().unwrap().is_empty());
            assert_eq!(op_core::Error::from_json(&error.to_json()).unwrap().to_json(), error.to_json());
        }
    }
}

pub(crate) fn frame_seeds() -> Vec<Vec<u8>> {
    let text = r#"{"invocation":{"clientId":0,"parameters":{"name":"VaultsList","parameters":{}}}}"#;
    let message =
        Message { text: text.to_owned().into(), attachments: vec![Bytes::default(), b"attached".to_vec().into()] };
    let lengths = wire::lengths(&message);
    let mut seeds = vec![Vec::new(), Vec::new(), Vec::new()];
    run(async {
        let request = RequestHeader { call: 1, kind: Kind::Invoke, lengths: lengths.clone() };
        wire::write(&mut seeds[0], &request, &message).await.unwrap();
        let cancel = RequestHeader { call: 1, kind: Kind::Cancel, lengths: Vec::new() };
        wire::write(&mut seeds[1], &cancel, &Message::default()).await.unwrap();
        wire::write(&mut seeds[1], &request, &message).await.unwrap();
        wire::write(&mut seeds[2], &AnswerHeader { call: 1, ok: true, lengths }, &message).await.unwrap();
    });
    seeds
}

pub(crate) fn config_seeds() -> Vec<Vec<u8>> {
    let mut config = client::config("");
    let members = config.as_object_mut().unwrap();
    members.remove("serviceAccountToken");
    members.insert("accountName".to_owned(), json!("Acme"));
    members.insert("vaults".to_owned(), json!(["Development"]));
    members.insert("readOnly".to_owned(), json!(true));
    members.insert("timeoutMs".to_owned(), json!(1000));
    vec![config.to_string().into_bytes()]
}

/// Runs a future that never waits.
fn run(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future);
}
