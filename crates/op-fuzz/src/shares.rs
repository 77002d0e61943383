//! Fuzzes what a person with a link gets: the answers of the server, which has no session with them, and the item, which
//! any sender may have made.

use op_core::{
    host::HttpResponse,
    shares::{ReceivedShare, ShareError},
};
use op_protocol::{envelope::Envelope, share::LinkSecret};
use serde_json::json;

use crate::{
    account::{SECRET, Scene, Server, Tamper},
    client::{assert_no_secret, check_error, finish},
    input::{Input, json_bytes, seed},
};

const STATUS: u8 = 0;
const OPEN: u8 = 1;
const DETAILS: u8 = 2;
const PLACES: u8 = 3;
const STATUSES: [u16; 6] = [200, 200, 400, 403, 410, 500];
const LINK: &str = "https://account.example/s#";

fn secret() -> LinkSecret {
    LinkSecret::new([0x5a; 32].into())
}

/// Asks about a share, or opens it. The input is the answer, or the plaintext of the details in it.
pub(crate) fn share(data: &[u8]) {
    let mut input = Input(data);
    let place = input.byte() % PLACES;
    let status = input.choice(&STATUSES);
    let body = if place == DETAILS { json_bytes(&content(input.0)) } else { input.0.to_vec() };
    let answer = Tamper::Response(HttpResponse { status, headers: Vec::new(), body });
    let server = Server::new(Scene { tampered: Some((0, answer)), ..Scene::default() });
    let share = ReceivedShare::new(server, &format!("{LINK}{}", *secret().fragment())).unwrap();
    let failure = if place == STATUS {
        finish(share.status()).err()
    } else {
        match finish(share.open(None)) {
            Ok(opened) => {
                assert_eq!(opened.item.id, secret().uuid());
                None
            }
            Err(error) => Some(error),
        }
    };
    if let Some(ShareError::Other(error)) = failure {
        check_error(&error);
        // The server may quote what it likes; the item must not be quoted.
        if place == DETAILS {
            assert_no_secret(&error);
        }
    }
}

fn content(details: &[u8]) -> serde_json::Value {
    let key = secret().key();
    json!({
        "encOverview": Envelope::seal(&key, [1; 12], br#"{"title":"Example"}"#),
        "encDetails": Envelope::seal(&key, [2; 12], details),
        "templateUuid": "001",
        "expiresAt": "2026-11-22T23:08:33Z",
        "now": "2026-11-22T23:08:33.000Z",
    })
}

pub(crate) fn share_seeds() -> Vec<Vec<u8>> {
    let details = json!({"fields": [
        {"id": "password", "name": "password", "type": "P", "designation": "password", "value": SECRET},
    ]});
    let status = json!({
        "state": "active", "sender": "Wendy", "account": "Example", "expiresAt": "2026-11-22T23:08:33Z",
        "now": "2026-11-22T23:08:33.000Z", "needsEmail": false, "needsPassword": false, "isOpen": false, "files": 0,
    });
    vec![
        seed(&[STATUS, 0], json_bytes(&status)),
        seed(&[STATUS, 4], r#"{"errorCode":41001,"errorMessage":"over"}"#),
        seed(&[OPEN, 0], json_bytes(&content(&json_bytes(&details)))),
        seed(&[OPEN, 3], r#"{"errorCode":40313,"errorMessage":"wrong"}"#),
        seed(&[DETAILS, 0], json_bytes(&details)),
    ]
}
