//! Envelopes, keys and keysets as they travel.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests, which may panic")]

use op_protocol::{
    b64,
    envelope::{Envelope, EnvelopeError},
    jwk::{JwkError, SymmetricKey},
    keyset::{self, KeyGraphError, Keyset, KeysetsResponse},
    rest::ItemRecord,
    session::SessionKeys,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn key() -> SymmetricKey {
    SymmetricKey::new("key", [7; 32])
}

#[test]
fn recorded_items_open() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../packages/contract/vectors/recorded/vault-a.json")).unwrap();
    let vault_key = &recorded["vaultKey"];
    let vault_key = SymmetricKey::new(
        vault_key["kid"].as_str().unwrap(),
        b64::decode(vault_key["k"].as_str().unwrap()).unwrap().try_into().unwrap(),
    );
    let items: Vec<ItemRecord> = serde_json::from_value(recorded["items"].clone()).unwrap();
    for (item, expected) in items.iter().zip(recorded["titles"].as_array().unwrap()) {
        let overview: Value = serde_json::from_slice(&item.enc_overview.open(&vault_key).unwrap()).unwrap();
        assert_eq!(overview["title"], expected["title"]);
        let details = item.enc_details.as_ref().unwrap().open(&vault_key).unwrap();
        assert!(serde_json::from_slice::<Value>(&details).unwrap().is_object());
    }
}

#[test]
fn an_envelope_has_the_wire_form() {
    let envelope = Envelope::seal(&key(), [1; 12], b"text");
    let data = b64::decode(&envelope.data).unwrap();
    assert_eq!(data.len(), 4 + 16);
    assert_eq!(
        serde_json::to_value(&envelope).unwrap(),
        json!({"cty": "b5+jwk+json", "kid": "key", "enc": "A256GCM", "iv": "AQEBAQEBAQEBAQEB", "data": b64::encode(&data)}),
    );
    assert_eq!(
        serde_json::to_value(Envelope::rsa("key", b"text")).unwrap(),
        json!({"cty": "b5+jwk+json", "kid": "key", "enc": "RSA-OAEP", "data": "dGV4dA"}),
    );
}

#[test]
fn whatever_was_changed_is_named() {
    let sealed = Envelope::seal(&key(), [1; 12], b"text");
    assert_eq!(sealed.open(&key()).unwrap().as_slice(), b"text");

    let with = |change: fn(&mut Envelope)| {
        let mut envelope = sealed.clone();
        change(&mut envelope);
        envelope.open(&key()).unwrap_err()
    };
    assert_eq!(with(|e| e.cty = "b5+jwk+JSON".to_owned()), EnvelopeError::ContentType);
    assert_eq!(with(|e| e.kid = "KEY".to_owned()), EnvelopeError::KeyId);
    assert_eq!(with(|e| e.enc = "RSA-OAEP".to_owned()), EnvelopeError::Encryption);
    assert_eq!(with(|e| e.iv = None), EnvelopeError::Nonce);
    assert_eq!(with(|e| e.iv = Some("AQEBAQEBAQEBAQE".to_owned())), EnvelopeError::Nonce);
    assert_eq!(with(|e| e.iv = Some("AQEBAQEBAQEBAQEB=".to_owned())), EnvelopeError::Nonce);
    assert_eq!(with(|e| e.data.push('=')), EnvelopeError::Encoding);
    assert_eq!(with(|e| e.iv = Some("AQEBAQEBAQEBAQEC".to_owned())), EnvelopeError::Tampered);
    assert_eq!(with(|e| e.data.truncate(4)), EnvelopeError::Tampered);
    assert_eq!(with(|e| e.data.clear()), EnvelopeError::Tampered);
    assert_eq!(sealed.open(&SymmetricKey::new("key", [8; 32])), Err(EnvelopeError::Tampered));
}

#[test]
fn rsa_envelopes_are_checked() {
    let sealed = Envelope::rsa("key", b"ciphertext");
    assert_eq!(sealed.rsa_ciphertext("key").unwrap(), b"ciphertext");
    assert_eq!(sealed.rsa_ciphertext("other"), Err(EnvelopeError::KeyId));
    assert_eq!(sealed.open(&key()), Err(EnvelopeError::Encryption));
    assert_eq!(Envelope::seal(&key(), [1; 12], b"").rsa_ciphertext("key"), Err(EnvelopeError::Encryption));
    let garbled = Envelope { data: "*".to_owned(), ..sealed };
    assert_eq!(garbled.rsa_ciphertext("key"), Err(EnvelopeError::Encoding));
}

#[test]
fn session_bodies_name_the_session() {
    let session = SessionKeys::new("PBXONDZUWVCJFAV25C7XR7IYDQ", &Zeroizing::new([9; 32]));
    let body = Envelope::seal(&session.key, [1; 12], b"{}");
    assert_eq!(body.kid, "PBXONDZUWVCJFAV25C7XR7IYDQ");
    assert_eq!(body.open(&session.key).unwrap().as_slice(), b"{}");
}

#[test]
fn a_key_is_written_as_jwk() {
    let key = key();
    assert_eq!(
        *key.to_jwk_json(),
        r#"{"alg":"A256GCM","ext":true,"k":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","key_ops":["encrypt","decrypt"],"kty":"oct","kid":"key"}"#,
    );
    assert_eq!(format!("{key:?}"), r#"SymmetricKey { kid: "key", .. }"#);
}

#[test]
fn only_whole_keys_are_read() {
    let k = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    let read = |jwk: Value| SymmetricKey::from_jwk_json(jwk.to_string().as_bytes());
    assert_eq!(read(json!({"alg": "A256GCM", "k": k, "kid": "key", "kty": "RSA", "key_ops": [], "x": 1})), Ok(key()));
    for jwk in [
        json!({"k": k, "kid": "key"}),
        json!({"alg": "A128GCM", "k": k, "kid": "key"}),
        json!({"alg": "A256GCM", "k": "AQEBAQEBAQEBAQEBAQEBAQ", "kid": "key"}),
        json!({"alg": "A256GCM", "k": format!("{k}="), "kid": "key"}),
        json!({"alg": "A256GCM", "k": k}),
        json!({"alg": "A256GCM", "k": 5, "kid": "key"}),
        json!(null),
    ] {
        assert_eq!(read(jwk), Err(JwkError));
    }
}

fn keyset(uuid: &str, encrypted_by: &str) -> Keyset {
    serde_json::from_value(json!({
        "uuid": uuid, "encryptedBy": encrypted_by, "sn": 1,
        "encSymKey": {"cty": "b5+jwk+json", "enc": "A256GCM", "kid": encrypted_by, "iv": "AQEBAQEBAQEBAQEB", "data": "",
            "alg": "PBES2g-HS256", "p2c": 650_000, "p2s": "c2FsdA"},
        "encPriKey": {"cty": "b5+jwk+json", "enc": "A256GCM", "kid": uuid, "iv": "AQEBAQEBAQEBAQEB", "data": ""},
        "encSPriKey": null, "spubKey": null,
        "pubKey": {"kty": "RSA", "alg": "RSA-OAEP", "e": "AQAB", "n": "AQ", "kid": uuid},
    }))
    .unwrap()
}

#[test]
fn keysets_unlock_from_the_root_down() {
    let order = |edges: &[(&str, &str)]| {
        let keysets: Vec<_> = edges.iter().map(|(uuid, encrypted_by)| keyset(uuid, encrypted_by)).collect();
        keyset::unlock_order(&keysets, "mp")
    };
    assert_eq!(order(&[("a", "mp")]), Ok(vec![0]));
    assert_eq!(order(&[("c", "b"), ("b", "a"), ("a", "mp")]), Ok(vec![2, 1, 0]));
    assert_eq!(order(&[("a", "mp"), ("lost", "unknown"), ("x", "y"), ("y", "x"), ("z", "z")]), Ok(vec![0]));
    assert_eq!(order(&[("a", "mp"), ("a", "a"), ("mp", "a")]), Ok(vec![0]));
    assert_eq!(order(&[]), Err(KeyGraphError::Empty));
    assert_eq!(order(&[("a", "b"), ("b", "a")]), Err(KeyGraphError::NoRoot));
}

#[test]
fn keysets_survive_the_wire() {
    let response = KeysetsResponse { version: 1, keysets: vec![keyset("a", "mp")] };
    let json = serde_json::to_value(&response).unwrap();
    assert_eq!(json["keysets"][0]["encSymKey"]["p2c"], 650_000);
    assert_eq!(json["keysets"][0].get("spubKey"), None);
    assert_eq!(serde_json::from_value::<KeysetsResponse>(json).unwrap(), response);
}

proptest! {
    #[test]
    fn what_is_sealed_opens(bytes: [u8; 32], nonce: [u8; 12], plaintext: Vec<u8>, kid in "[a-z2-7]{0,26}") {
        let key = SymmetricKey::new(kid, bytes);
        let json = serde_json::to_string(&Envelope::seal(&key, nonce, &plaintext)).unwrap();
        let envelope: Envelope = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(envelope.open(&key).unwrap().to_vec(), plaintext);
    }

    #[test]
    fn a_flipped_bit_is_noticed(plaintext: Vec<u8>, position: prop::sample::Index, bit in 0..8_u32) {
        let mut envelope = Envelope::seal(&key(), [1; 12], &plaintext);
        let mut data = b64::decode(&envelope.data).unwrap();
        let index = position.index(data.len());
        data[index] ^= 1 << bit;
        envelope.data = b64::encode(&data);
        prop_assert_eq!(envelope.open(&key()), Err(EnvelopeError::Tampered));
    }

    #[test]
    fn keys_survive_the_jwk(bytes: [u8; 32], kid: String) {
        let key = SymmetricKey::new(kid, bytes);
        prop_assert_eq!(SymmetricKey::from_jwk_json(key.to_jwk_json().as_bytes()), Ok(key));
    }
}
