//! The vectors of shares, which the page that opens shares is tested against too. `OPWIRE_WRITE_VECTORS=1` writes them.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::{env, fs};

use op_bulk::aead::Cipher;
use op_protocol::{
    b64, envelope::Envelope, file::FileKey, item::FileAttributes, jwk::SymmetricKey, rest::UploadResponse,
    share::LinkSecret,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const FILE: &str = "../../packages/contract/vectors/share.json";
const OVERVIEW: &str = "{\"tags\":[\"work\"],\"title\":\"Example \u{202e}exe\"}";
const DETAILS: &str = "{\"fields\":[{\"designation\":\"username\",\"id\":\"username\",\"name\":\"username\",\
    \"type\":\"T\",\"value\":\"wendy\"}],\"notesPlain\":\"line\\nline\"}";
const PASSWORDS: [&str; 3] = ["correct horse battery staple", "pässwörd \u{1f511}", ""];

#[test]
fn the_vectors_are_what_is_derived_and_sealed() {
    let expected = vectors();
    if env::var_os("OPWIRE_WRITE_VECTORS").is_some() {
        fs::write(FILE, serde_json::to_string_pretty(&expected).unwrap() + "\n").unwrap();
    }
    // The order of members depends on the features that serde_json is built with.
    let found: Option<Value> = fs::read_to_string(FILE).ok().and_then(|text| serde_json::from_str(&text).ok());
    assert_eq!(
        found,
        Some(expected),
        "{FILE} is stale: run this test with OPWIRE_WRITE_VECTORS=1 and commit the result"
    );
}

fn vectors() -> Value {
    json!({
        "about": "What is derived from the secret of a link, and what is sealed with it. `links` are forms in which a \
            link arrives; `refusedLinks` have no secret. `content` of an item is opened with the key of the link, or of \
            its password if it has one; `tampered` with neither. The ciphertext of a file is opened with its attributes.",
        "secrets": (0..3).map(derived).collect::<Vec<_>>(),
        "passwords": PASSWORDS.iter().map(|password| with_password(password)).collect::<Vec<_>>(),
        "refusedLinks": ["", "#", "https://share.example.com/s", "https://share.example.com/s#short",
            "https://share.example.com/s#utm_source=mail", format!("https://share.example.com/s#{}A", *secret(0).fragment())],
        "items": [item(None), item(Some("correct horse battery staple"))],
        "file": file(),
    })
}

fn secret(number: u8) -> LinkSecret {
    let mut bytes = Zeroizing::new([0; 32]);
    bytes.copy_from_slice(&Sha256::digest([number]));
    LinkSecret::new(bytes)
}

fn derived(number: u8) -> Value {
    let secret = secret(number);
    let fragment = secret.fragment();
    let links = ["/s#", "/s%23", "/s/#", "/#", "/s?utm_source=mail#"]
        .map(|before| format!("https://share.example.com{before}{}", *fragment))
        .into_iter()
        .chain(
            ["&utm_source=mail", "?x=1", "%20"]
                .map(|after| format!("https://share.example.com/s#{}{after}", *fragment)),
        )
        .collect::<Vec<_>>();
    for link in &links {
        assert_eq!(LinkSecret::from_link(link).unwrap().uuid(), secret.uuid(), "{link}");
    }
    json!({
        "fragment": *fragment,
        "links": links,
        "uuid": secret.uuid(),
        "token": *secret.token(),
        "key": b64::encode(secret.key().bytes()),
        "passwordSalt": b64::encode(secret.password_salt().as_slice()),
    })
}

fn with_password(password: &str) -> Value {
    let derived = secret(0).with_password(password);
    json!({
        "fragment": *secret(0).fragment(),
        "password": password,
        "key": b64::encode(derived.key.bytes()),
        "proof": *derived.proof,
    })
}

fn item(password: Option<&str>) -> Value {
    let key = password.map_or_else(|| secret(0).key(), |password| secret(0).with_password(password).key);
    let seal = |nonce, plaintext: &str| Envelope::seal(&key, [nonce; 12], plaintext.as_bytes());
    let other = SymmetricKey::new(key.kid().to_owned(), [9; 32]);
    let tampered = Envelope::seal(&other, [3; 12], DETAILS.as_bytes());
    assert!(tampered.open(&key).is_err());
    json!({
        "fragment": *secret(0).fragment(),
        "password": password,
        "content": { "encOverview": seal(1, OVERVIEW), "encDetails": seal(2, DETAILS) },
        "tampered": tampered,
        "overview": serde_json::from_str::<Value>(OVERVIEW).unwrap(),
        "details": serde_json::from_str::<Value>(DETAILS).unwrap(),
    })
}

fn file() -> Value {
    let content = b"The content of a file.\n";
    let mut key = FileKey { key: Zeroizing::new([5; 32]), nonce: [6; 12], integrity_hash: [0; 32] };
    let mut ciphertext = content.to_vec();
    Cipher::new(&key.key).seal(&key.nonce, &mut ciphertext);
    key.integrity_hash = Sha256::digest(&ciphertext).into();
    let upload: UploadResponse =
        serde_json::from_value(json!({ "fileId": "fileid", "signingKey": { "k": "", "kid": "" } })).unwrap();
    let attributes = FileAttributes::new("a.txt", content.len() as u64, upload, "kid", &key);
    json!({
        "attributes": attributes.to_value(),
        "ciphertext": b64::encode(&ciphertext),
        "content": String::from_utf8_lossy(content),
    })
}
