//! Fuzzes the frames that a host such as wazero passes to the module.

use std::collections::HashSet;

use op_core::{
    Bytes, Message,
    host::{HttpResponse, TransportErrorKind},
};
use op_wasm_host::{
    frame,
    host::Imports,
    module::{CallKind, Module},
    ops::{Event, Request},
    step::Step,
};
use serde_json::{Value, json};

use crate::{
    account::{ACCOUNT, honest_number, honest_start},
    client,
    input::{Input, json_bytes, seed},
};

/// Starts a call and reports results. The input has the kind of call, its message, and then the reports, each with an
/// operation, the length of a frame, and the frame.
pub(crate) fn frame(data: &[u8]) {
    check_decoding(data);
    let mut input = Input(data);
    let mut module = Module::new(NoImports);
    let mut calls = Calls::default();
    let kind = CallKind::from_number((input.byte() % 6).into());
    let text = match input.byte() % 2 {
        0 => client::config(&ACCOUNT.token.encode()).to_string().into_bytes(),
        _ => input.part().to_vec(),
    };
    let message = match input.byte() % 2 {
        0 => Ok(Message { text: String::from_utf8_lossy(&text).into_owned().into(), attachments: vec![text.into()] }),
        _ => frame::decode_message(text.into()),
    };
    calls.record(&module.start(kind, message));
    while !input.0.is_empty() {
        let (op, length) = (input.byte(), usize::from(input.byte()) << 8 | usize::from(input.byte()));
        let (report, rest) = input.0.split_at(length.min(input.0.len()));
        input.0 = rest;
        match op {
            0xff => calls.record(&module.cancel(1)),
            op => calls.record(&module.resume(op.into(), frame::decode_event(report.to_vec().into()))),
        }
    }
    let recipe = json!({"recipe": {"type": "Pin", "parameters": {"length": 6}}});
    let call = json!({"invocation": {"parameters": {"name": "GeneratePassword", "parameters": recipe}}});
    let step = module.start(Some(CallKind::InvokeSync), Ok(call.to_string().into()));
    assert!(step.finished.iter().any(|(id, outcome)| Some(*id) == step.started && outcome.is_ok()));
    calls.record(&step);
}

/// The calls that the host has seen start and end.
#[derive(Default)]
struct Calls {
    started: u64,
    finished: HashSet<u64>,
}

impl Calls {
    fn record(&mut self, step: &Step) {
        self.started += u64::from(step.started.is_some());
        for (call, outcome) in &step.finished {
            assert!(
                *call <= self.started && self.finished.insert(*call),
                "call {call} ended twice, or before it started"
            );
            let Err(error) = outcome else { continue };
            let error: Value = serde_json::from_str(error).expect("errors are JSON");
            assert!(error["name"].is_string() && !error["message"].as_str().unwrap().is_empty(), "{error}");
        }
        let frame = step.encode();
        let (header, attachments) = frame::split(&frame).expect("a step is a frame");
        let header: Value = serde_json::from_slice(header).expect("a header is JSON");
        let entries = |list: &str| header[list].as_array().cloned().unwrap_or_default();
        let bodies: u64 = entries("http").iter().map(|entry| entry["bodyLen"].as_u64().unwrap()).sum();
        let results = entries("finished").into_iter().flat_map(|entry| entry["lengths"].as_array().cloned().unwrap());
        let results: u64 = results.map(|length| length.as_u64().unwrap()).sum();
        assert_eq!(attachments.len() as u64, bodies + results);
        let requests = step.requests.iter().filter(|(_, request)| matches!(request, Request::Http(_))).count();
        assert_eq!(requests, header["http"].as_array().map_or(0, Vec::len));
    }
}

/// Checks that a decoded frame, encoded again, decodes to the same value.
fn check_decoding(data: &[u8]) {
    if let Ok(message) = frame::decode_message(data.to_vec().into()) {
        let lengths: Vec<usize> = frame::message_parts(&message).map(<[u8]>::len).collect();
        let again = frame::encode(&lengths, frame::message_parts(&message));
        assert_eq!(frame::decode_message(again).expect("it was encoded from a message"), message);
    }
    let event = frame::decode_event(data.to_vec().into());
    let again = match &event {
        Event::Http(Ok(HttpResponse { status, headers, body })) => {
            let header = json!({"response": {"status": status, "headers": headers}});
            frame::encode(&header, std::iter::once(body.as_slice()))
        }
        Event::Http(Err(error)) => {
            let header = json!({"failure": {"kind": error.kind.name(), "message": error.message}});
            frame::encode(&header, std::iter::empty())
        }
        Event::Slept => frame::encode(&"slept", std::iter::empty()),
    };
    let again = frame::decode_event(again);
    match (event, again) {
        (Event::Http(Ok(one)), Event::Http(Ok(other))) => {
            assert_eq!((one.status, one.headers, one.body), (other.status, other.headers, other.body));
        }
        (Event::Http(Err(one)), Event::Http(Err(other))) => assert_eq!(one, other),
        (Event::Slept, Event::Slept) => {}
        (one, other) => panic!("{one:?} became {other:?}"),
    }
}

pub(crate) fn frame_seeds() -> Vec<Vec<u8>> {
    let ok = |body: Vec<u8>| {
        let header = json!({"response": {"status": 200, "headers": [["content-type", "application/json"]]}});
        frame::encode(&header, std::iter::once(body.as_slice())).to_vec()
    };
    let started = ok(json_bytes(&honest_start()));
    let exchanged = ok(json_bytes(&json!({"userB": honest_number()})));
    let failure = json!({"failure": {"kind": TransportErrorKind::Interrupted.name(), "message": "reset"}});
    let failed = frame::encode(&failure, std::iter::empty()).to_vec();
    let slept = frame::encode(&"slept", std::iter::empty()).to_vec();
    let reports = |reports: &[(u8, &Vec<u8>)]| -> Vec<u8> {
        let report = |(op, frame): &(u8, &Vec<u8>)| [&[*op], &(frame.len() as u16).to_be_bytes()[..], frame].concat();
        reports.iter().flat_map(report).collect()
    };
    let invocation = r#"{"invocation":{"clientId":0,"parameters":{"name":"VaultsList","parameters":{}}}}"#;
    let message = Message {
        text: invocation.to_owned().into(),
        attachments: vec![Bytes::default(), b"attached".to_vec().into()],
    };
    let lengths: Vec<usize> = frame::message_parts(&message).map(<[u8]>::len).collect();
    vec![
        frame::encode(&lengths, frame::message_parts(&message)).to_vec(),
        seed(&[1, 0, 0], reports(&[(1, &started), (2, &exchanged), (3, &failed)])),
        seed(&[1, 0, 0], reports(&[(1, &failed)])),
        seed(&[1, 0, 0], reports(&[(1, &slept), (0xff, &slept), (1, &started)])),
        seed(&[2, 1], [invocation, "\0"].concat()),
        seed(&[4, 1], "0\0"),
        started,
        failed,
        slept,
    ]
}

/// A host without secure randomness, whose cryptography always fails.
struct NoImports;

impl Imports for NoImports {
    fn random_fill(&self, buffer: &mut [u8]) {
        for (number, byte) in buffer.iter_mut().enumerate() {
            *byte = number as u8;
        }
    }

    fn now_millis(&self) -> u64 {
        0
    }

    fn rsa_oaep_decrypt(&self, _key: &[u8], _ciphertext: &[u8], _out: &mut [u8]) -> Option<usize> {
        None
    }

    fn rsa_oaep_encrypt(&self, _key: &[u8], _plaintext: &[u8], _out: &mut [u8]) -> Option<usize> {
        None
    }

    fn aes_gcm_seal(&self, _key: &[u8; 32], _nonce: &[u8; 12], _buffer: &mut [u8]) {}

    fn aes_gcm_open(&self, _key: &[u8; 32], _nonce: &[u8; 12], _buffer: &mut [u8]) -> bool {
        false
    }

    fn pbkdf2_sha256(&self, _password: &[u8], _salt: &[u8], _iterations: u32, _out: &mut [u8; 32]) {}

    fn sha256(&self, _data: &[u8], _out: &mut [u8; 32]) {}
}
