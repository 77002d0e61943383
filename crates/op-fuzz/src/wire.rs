//! Fuzzes the decoders of op-protocol: envelopes, keys, keysets, request signatures, plaintexts.

use std::collections::HashSet;

use op_core::Crypto;
use op_host::NativeCrypto;
use op_protocol::{
    b64,
    envelope::Envelope,
    item::{Details, FileAttributes, Overview},
    jwk::{RsaPrivateKey, SymmetricKey},
    keyset::{self, KeyGraphError, Keyset, KeysetsResponse},
    request_mac::RequestMac,
};
use serde_json::Value;

use crate::{
    account::{ACCOUNT, SECRET, Scene},
    client::finish,
    input::{Input, json_bytes, seed, text},
};

const KEY: [u8; 32] = [7; 32];

/// Decrypts an envelope in JSON with keys that have the id in it.
pub(crate) fn envelope(data: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(data) else { return };
    assert_eq!(serde_json::from_slice::<Envelope>(&json_bytes(&envelope)).unwrap(), envelope);

    match envelope.open(&SymmetricKey::new(&*envelope.kid, KEY)) {
        // Only the owner of the key can have created it, so sealing the plaintext gives the same envelope.
        Ok(plaintext) => {
            let nonce = b64::decode(envelope.iv.as_deref().unwrap()).unwrap().try_into().unwrap();
            let again = Envelope::seal(&SymmetricKey::new(&*envelope.kid, KEY), nonce, &plaintext);
            assert_eq!((again.iv, again.data), (envelope.iv.clone(), envelope.data.clone()));
        }
        Err(error) => assert!(!error.to_string().contains(SECRET)),
    }
    let other = SymmetricKey::new(format!("{}x", envelope.kid), KEY);
    assert!(envelope.open(&other).is_err(), "a key with another id opens it");

    if let Ok(ciphertext) = envelope.rsa_ciphertext(&envelope.kid) {
        assert_eq!(Envelope::rsa(&envelope.kid, &ciphertext).data, envelope.data);
        // A ciphertext for another key fails or returns some bytes. Neither may panic.
        let _ = finish(NativeCrypto.rsa_oaep_decrypt(ACCOUNT.keys(), &ciphertext));
    }
}

pub(crate) fn envelope_seeds() -> Vec<Vec<u8>> {
    let key = SymmetricKey::new("key", KEY);
    let scene = Scene::default();
    let (vault, record) = (scene.vault(), scene.record());
    let mut sealed: Vec<_> =
        [b"".as_slice(), b"{}", SECRET.as_bytes()].map(|text| Envelope::seal(&key, [1; 12], text)).into();
    sealed.extend([vault.enc_attrs, vault.combined_access.unwrap().enc_vault_key, record.enc_overview]);
    sealed.push(Envelope::rsa("key", SECRET.as_bytes()));
    sealed.extend(scene.keysets().keysets.into_iter().map(|keyset| keyset.enc_sym_key));
    sealed.iter().map(json_bytes).collect()
}

/// Uses a private JWK.
pub(crate) fn rsa_key(data: &[u8]) {
    let _ = SymmetricKey::from_jwk_json(data).map(|key| {
        assert_eq!(SymmetricKey::from_jwk_json(key.to_jwk_json().as_bytes()), Ok(key));
    });
    let Ok(key) = RsaPrivateKey::from_jwk_json(data) else { return };
    assert_eq!(RsaPrivateKey::from_jwk_json(key.to_jwk_json().as_bytes()).as_ref(), Ok(&key));
    assert!(!format!("{key:?}").contains(&*key.d) || key.d.len() < 20);
    let sealed = finish(NativeCrypto.rsa_oaep_encrypt(&key.public(), SECRET.as_bytes()));
    let opened = finish(NativeCrypto.rsa_oaep_decrypt(&key, sealed.as_deref().unwrap_or(&[1; 256])));
    if let Ok(opened) = opened {
        assert_eq!(*opened, SECRET.as_bytes(), "the private key opens what its public key sealed");
    }
}

pub(crate) fn rsa_key_seeds() -> Vec<Vec<u8>> {
    let symmetric = SymmetricKey::new("key", KEY).to_jwk_json();
    vec![ACCOUNT.keys().to_jwk_json().as_bytes().into(), symmetric.as_bytes().into()]
}

/// Decodes the answer with the keysets.
pub(crate) fn keysets(data: &[u8]) {
    let Ok(response) = serde_json::from_slice::<KeysetsResponse>(data) else { return };
    assert_eq!(serde_json::from_slice::<KeysetsResponse>(&json_bytes(&response)).unwrap(), response);
    check_order(&response.keysets);
}

pub(crate) fn keysets_seeds() -> Vec<Vec<u8>> {
    let mut response = Scene::default().keysets();
    let one = json_bytes(&response);
    response.keysets.extend(graph(b"badbcc"));
    vec![one, json_bytes(&response)]
}

/// Checks a graph of keysets. The input has two letters for each: its id, and the id of the keyset that encrypts it.
pub(crate) fn key_graph(data: &[u8]) {
    check_order(&graph(data));
}

pub(crate) fn key_graph_seeds() -> Vec<Vec<u8>> {
    ["a*", "cbbaa*", "a*bcxyyxzz", "a*aa*a", "abba", "a*a*", "*a", "a*bacadbdc"].map(|edges| edges.into()).into()
}

/// Returns a graph of keysets. `*` stands for the master key.
fn graph(edges: &[u8]) -> Vec<Keyset> {
    let template = Scene::default().keysets().keysets.remove(0);
    let name = |letter: u8| if letter == b'*' { keyset::MASTER_KEY_ID.to_owned() } else { letter.to_string() };
    let edge = |pair: &[u8]| Keyset { uuid: name(pair[0]), encrypted_by: name(pair[1]), ..template.clone() };
    edges.chunks_exact(2).take(64).map(edge).collect()
}

/// Checks that the order contains every keyset that can be decrypted, each once, and none before the one that encrypts
/// it.
fn check_order(keysets: &[Keyset]) {
    let order = match keyset::unlock_order(keysets, keyset::MASTER_KEY_ID) {
        Ok(order) => order,
        Err(KeyGraphError::Empty) => return assert!(keysets.is_empty()),
        Err(KeyGraphError::NoRoot) => Vec::new(),
    };
    let mut open = HashSet::from([keyset::MASTER_KEY_ID]);
    for keyset in order.iter().map(|index| &keysets[*index]) {
        assert!(open.contains(&*keyset.encrypted_by), "{} comes before the keyset that encrypts it", keyset.uuid);
        assert!(open.insert(&keyset.uuid), "{} is opened twice", keyset.uuid);
    }
    let left_out = |keyset: &&Keyset| open.contains(&*keyset.encrypted_by) && !open.contains(&*keyset.uuid);
    assert!(!keysets.iter().any(|keyset| left_out(&keyset)), "a keyset that could be opened is left out");
}

/// Signs and verifies a request. The input has the session id, method, host, path, and a header.
pub(crate) fn request_mac(data: &[u8]) {
    let mut input = Input(data);
    let request_id = input.number() as u32;
    let [session, method, host, path, header] = [(); 5].map(|()| text(input.part()));
    let mac = RequestMac::new(&session, &KEY);
    let made = mac.header(&method, &format!("https://{host}{path}"), request_id);
    let is_unambiguous = !host.contains(['/', '?', '#']) && (path.is_empty() || path.starts_with(['/', '?', '#']));
    if is_unambiguous {
        assert!(mac.verify(&method, &host, &path, &made), "a client's own signature is refused");
        if mac.verify(&method, &host, &path, &header) {
            let id = header.split('|').nth(1).unwrap().parse().unwrap();
            assert_eq!(header, mac.header(&method, &format!("https://{host}{path}"), id));
        }
    }
    let flipped = made.replacen("v1|", "v1|1", 1);
    assert!(!mac.verify(&method, &host, &path, &flipped), "a signature is valid for another request");
    assert!(!RequestMac::new(&session, &[8; 32]).verify(&method, &host, &path, &made));
}

pub(crate) fn request_mac_seeds() -> Vec<Vec<u8>> {
    let mac = RequestMac::new("PBXONDZUWVCJFAV25C7XR7IYDQ", &KEY);
    [
        ("GET", "example.com", "/api/v1/vaults?attrs=combined-access"),
        ("PATCH", "127.0.0.1:8451", "/api/v3/vault/x/1/items"),
        ("POST", "user:word@[::1]:80", "?a=b|c#d"),
        ("", "", ""),
    ]
    .map(|(method, host, path)| {
        let header = mac.header(method, &format!("https://{host}{path}"), 7);
        seed(&7_u64.to_be_bytes(), ["PBXONDZUWVCJFAV25C7XR7IYDQ", method, host, path, &header].join("\0"))
    })
    .into()
}

/// Decodes and encodes a plaintext, without any loss.
pub(crate) fn plaintext(data: &[u8]) {
    let mut input = Input(data);
    input.byte();
    for part in [input.part(), input.part()] {
        let value = serde_json::from_slice::<Value>(part).ok().filter(Value::is_object);
        let overview = Overview::from_json(part);
        let details = Details::from_json(part);
        assert_eq!((overview.is_ok(), details.is_ok()), (value.is_some(), value.is_some()));
        let (Some(value), Ok(overview), Ok(details)) = (value, overview, details) else { continue };
        assert_eq!(serde_json::from_slice::<Value>(&overview.to_json()).unwrap(), value);
        assert_eq!(serde_json::from_slice::<Value>(&details.to_json()).unwrap(), value);
        assert!(!format!("{overview:?}{details:?}").contains(SECRET) || value_names_hold_secret(&value));
        for field in details.sections.elements().flat_map(|section| section.fields.elements()) {
            let _ = field.value.as_ref().and_then(FileAttributes::of_value);
        }
    }
}

/// Returns whether a name of a member contains the secret. Names are not secret.
fn value_names_hold_secret(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains(SECRET) || value_names_hold_secret(value))
        }
        Value::Array(values) => values.iter().any(value_names_hold_secret),
        _ => false,
    }
}
