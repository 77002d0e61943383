//! Tests the module as its host uses it: with the real core, steps and events, but no network.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::time::{SystemTime, UNIX_EPOCH};

use op_core::{
    Bytes, Message,
    host::{TransportError, TransportErrorKind},
};
use op_wasm_host::{
    frame,
    host::Imports,
    module::{CallKind, Module},
    ops::{Event, Request},
    step::Step,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

struct TestImports;

impl Imports for TestImports {
    fn random_fill(&self, buffer: &mut [u8]) {
        // Any bytes will do, because the tests have no secrets.
        for (position, byte) in buffer.iter_mut().enumerate() {
            *byte = position as u8 ^ 0x5a;
        }
    }

    fn now_millis(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
    }

    fn rsa_oaep_decrypt(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }

    fn rsa_oaep_encrypt(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }

    fn aes_gcm_seal(&self, _: &[u8; 32], _: &[u8; 12], _: &mut [u8]) {}

    fn aes_gcm_open(&self, _: &[u8; 32], _: &[u8; 12], _: &mut [u8]) -> bool {
        false
    }

    fn pbkdf2_sha256(&self, _: &[u8], _: &[u8], _: u32, _: &mut [u8; 32]) {}

    fn sha256(&self, _: &[u8], _: &mut [u8; 32]) {}
}

fn start(module: &mut Module, kind: CallKind, input: &Value) -> Step {
    module.start(Some(kind), Ok(input.to_string().into()))
}

fn offline(name: &str, parameters: Value) -> Value {
    json!({ "invocation": { "parameters": { "name": name, "parameters": parameters } } })
}

/// Returns a configuration with a token from the test vectors.
fn config() -> Value {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packages/contract/vectors/tokens.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(vectors).unwrap()).unwrap();
    let payload = cases[0]["input"]["payload"].to_string();
    let token = format!("ops_{}", op_protocol::b64::encode(payload.as_bytes()));
    json!({
        "serviceAccountToken": token, "programmingLanguage": "Go", "sdkVersion": "0000100",
        "integrationName": "Test", "integrationVersion": "v1", "requestLibraryName": "test",
        "requestLibraryVersion": "1", "os": "linux", "osVersion": "0.0.0", "architecture": "amd64",
    })
}

fn header(step: &Step) -> (Value, Vec<u8>) {
    let encoded = step.encode();
    let (header, attachments) = frame::split(&encoded).unwrap();
    (serde_json::from_slice(header).unwrap(), attachments.to_vec())
}

#[test]
fn offline_calls_end_in_the_step_that_starts_them() {
    let mut module = Module::new(TestImports);
    let input = offline("ValidateSecretReference", json!({ "secret_reference": "op://vault/item/field" }));
    let step = start(&mut module, CallKind::InvokeSync, &input);
    assert!(step.requests.is_empty());
    let (header, _) = header(&step);
    assert_eq!((&header["started"], &header["finished"][0]["call"]), (&json!(1), &json!(1)));
    assert_eq!(header["finished"][0]["ok"], true);
}

#[test]
fn failures_are_attached_as_the_json_of_the_error() {
    let mut module = Module::new(TestImports);
    let input = offline("ValidateSecretReference", json!({ "secret_reference": "nonsense" }));
    let (header, attachments) = header(&start(&mut module, CallKind::InvokeSync, &input));
    assert_eq!(header["finished"][0]["ok"], false);
    assert_eq!(header["finished"][0]["lengths"], json!([attachments.len()]));
    let error: Value = serde_json::from_slice(&attachments).unwrap();
    assert_eq!(error["name"], "ParsingSecretReference");
}

#[test]
fn sign_in_sends_a_request_whose_body_is_attached_as_bytes() {
    let mut module = Module::new(TestImports);
    let step = start(&mut module, CallKind::InitClient, &config());
    let (header, attachments) = header(&step);
    let http = &header["http"][0];
    assert!(http["url"].as_str().unwrap().starts_with("http://127.0.0.1:8452/"), "{http}");
    assert!(http["timeoutMs"].as_u64().unwrap() > 0);
    assert_eq!(http["bodyLen"], attachments.len());
    assert!(header.get("finished").is_none());
}

#[test]
fn a_sign_in_that_cannot_reach_the_server_fails_with_a_network_error() {
    let mut module = Module::new(TestImports);
    let mut step = start(&mut module, CallKind::InitClient, &config());
    let mut asked = std::mem::take(&mut step.requests);
    // The core may retry after a pause; every attempt fails.
    while step.finished.is_empty() {
        let (op, request) = asked.pop().expect("an unfinished call has an open request");
        let event = match request {
            Request::Http(_) => Event::Http(Err(TransportError {
                proxy: Some(String::new()),
                cause: Some(op),
                ..TransportError::new(TransportErrorKind::Refused, "connection refused")
            })),
            Request::Sleep(_) => Event::Slept,
        };
        step = module.resume(op, event);
        asked.append(&mut step.requests);
    }
    let (_, outcome) = step.finished.pop().unwrap();
    let error: Value = serde_json::from_str(&outcome.unwrap_err()).unwrap();
    assert_eq!((error["name"].as_str(), error["retryable"].as_bool()), (Some("Network"), Some(true)));
}

#[test]
fn a_cancelled_sign_in_cancels_its_requests_and_never_ends() {
    let mut module = Module::new(TestImports);
    let started = start(&mut module, CallKind::InitClient, &config());
    let asked: Vec<_> = started.requests.iter().map(|(op, _)| *op).collect();
    let step = module.cancel(started.started.unwrap());
    assert_eq!(header(&step).0, json!({ "unwanted": asked }));
    for op in asked {
        assert_eq!(header(&module.resume(op, Event::Slept)).0, json!({}));
    }
}

#[test]
fn invalid_inputs_are_failures_not_traps() {
    let mut module = Module::new(TestImports);
    for (kind, text) in [(Some(CallKind::Invoke), ""), (None, "{}")] {
        assert!(module.start(kind, Ok(text.to_owned().into())).finished[0].1.is_err());
    }
    for broken in [&b""[..], b"\x02\0\0\0[]", b"\x03\0\0\0[1]\xff", b"\x03\0\0\0[1]ab", b"\x05\0\0\0[1,1]a"] {
        let input = frame::decode_message(Zeroizing::new(broken.to_vec()));
        let step = module.start(Some(CallKind::Invoke), input);
        let error: Value = serde_json::from_str(step.finished[0].1.as_ref().unwrap_err()).unwrap();
        assert_eq!(error["name"], "InvalidInvocation");
    }
}

#[test]
fn messages_are_read_from_frames() {
    let all: Vec<u8> = (0..=255).collect();
    for attached in [vec![], vec![all.clone()], vec![Vec::new(), all.clone(), b"x".to_vec()]] {
        let message = Message {
            text: "{\"é\":1}".to_owned().into(),
            attachments: attached.into_iter().map(Bytes::from).collect(),
        };
        let lengths: Vec<usize> = frame::message_parts(&message).map(<[u8]>::len).collect();
        let framed = frame::encode(&lengths, frame::message_parts(&message));
        assert_eq!(frame::decode_message(framed).unwrap(), message);
    }
}

#[test]
fn events_are_read_from_frames() {
    let response = frame::encode(
        &json!({ "response": { "status": 200, "headers": [["a", "b"]] } }),
        [&b"\x00\xff"[..]].into_iter(),
    );
    match frame::decode_event(response) {
        Event::Http(Ok(response)) => {
            assert_eq!((response.status, response.header("a")), (200, Some("b")));
            assert_eq!(response.body, b"\x00\xff");
        }
        other => panic!("{other:?}"),
    }
    let failure = frame::encode(&json!({ "failure": { "kind": "tls", "message": "expired" } }), [].into_iter());
    match frame::decode_event(failure) {
        Event::Http(Err(error)) => assert_eq!((error.kind, &*error.message), (TransportErrorKind::Tls, "expired")),
        other => panic!("{other:?}"),
    }
    assert!(matches!(frame::decode_event(frame::encode(&"slept", [].into_iter())), Event::Slept));
}

#[test]
fn a_report_that_is_not_a_frame_is_a_failed_request() {
    for broken in [&b""[..], b"\x01", b"\xff\xff\xff\xff{}", b"\x02\0\0\0{}", b"\x02\0\0\0[]"] {
        assert!(matches!(frame::decode_event(Zeroizing::new(broken.to_vec())), Event::Http(Err(_))), "{broken:?}");
    }
}
