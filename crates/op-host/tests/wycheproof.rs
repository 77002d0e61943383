//! Test vectors of Project Wycheproof, through the functions that the core calls: AES-GCM of the native host and of the
//! modules, RSA-OAEP of the native host, HKDF and PBKDF2. HMAC has no function of its own outside of these two and the
//! signature of requests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail the test")]

use op_bulk::aead::Cipher;
use op_core::host::Crypto as _;
use op_host::NativeCrypto;
use op_protocol::{jwk::RsaPrivateKey, kdf};
use serde_json::Value;

/// The cases of a file of vectors, each with its group. There must be so many.
fn cases(name: &str, expected: usize) -> Vec<(Value, Value)> {
    let path = format!("{}/../../packages/contract/vectors/wycheproof/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let groups: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let of = |group: &Value| group["tests"].as_array().unwrap().clone();
    let cases: Vec<_> =
        groups.iter().flat_map(|group| of(group).into_iter().map(|case| (group.clone(), case))).collect();
    assert_eq!(cases.len(), expected);
    cases
}

fn bytes(case: &Value, member: &str) -> Vec<u8> {
    let text = case[member].as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn is_valid(case: &Value) -> bool {
    case["result"] != "invalid"
}

#[tokio::test]
async fn aes_gcm() {
    for (_, case) in cases("aes-gcm", 48) {
        let key = bytes(&case, "key").try_into().unwrap();
        let nonce = bytes(&case, "iv").try_into().unwrap();
        let plaintext = bytes(&case, "msg");
        let sealed = [bytes(&case, "ct"), bytes(&case, "tag")].concat();
        let mut opened = sealed.clone();
        let portable = Cipher::new(&key).open(&nonce, &mut opened).map(|()| opened);
        let native = NativeCrypto.aes_gcm_open(&key, &nonce, sealed.clone()).await;
        assert_eq!((portable.is_ok(), native.is_ok()), (is_valid(&case), is_valid(&case)), "{case}");
        if is_valid(&case) {
            assert_eq!((&portable.unwrap(), &*native.unwrap()), (&plaintext, &plaintext), "{case}");
            let mut buffer = plaintext.clone();
            Cipher::new(&key).seal(&nonce, &mut buffer);
            let native = NativeCrypto.aes_gcm_seal(&key, &nonce, &plaintext).await.unwrap();
            assert_eq!((&buffer, &native), (&sealed, &sealed), "{case}");
        }
    }
}

#[tokio::test]
async fn rsa_oaep() {
    for (group, case) in cases("rsa-oaep-2048-sha1", 36) {
        let key = RsaPrivateKey::from_jwk_json(group["privateKeyJwk"].to_string().as_bytes()).unwrap();
        let opened = NativeCrypto.rsa_oaep_decrypt(&key, &bytes(&case, "ct")).await;
        // The protocol has no labels.
        let is_ours = is_valid(&case) && case["label"] == "";
        assert_eq!(opened.is_ok(), is_ours, "{case}");
        if is_ours {
            assert_eq!(*opened.unwrap(), bytes(&case, "msg"), "{case}");
        }
    }
}

#[test]
fn hkdf() {
    for (_, case) in cases("hkdf-sha256", 86) {
        let length = usize::try_from(case["size"].as_u64().unwrap()).unwrap();
        let derived = kdf::hkdf_sha256(&bytes(&case, "ikm"), &bytes(&case, "salt"), &bytes(&case, "info"), length);
        assert_eq!(derived.is_ok(), is_valid(&case), "{case}");
        if let Ok(derived) = derived {
            assert_eq!(*derived, bytes(&case, "okm"), "{case}");
        }
    }
}

#[tokio::test]
async fn pbkdf2() {
    for (_, case) in cases("pbkdf2-sha256", 60) {
        let (password, salt, expected) = (bytes(&case, "password"), bytes(&case, "salt"), bytes(&case, "dk"));
        let iterations = u32::try_from(case["iterationCount"].as_u64().unwrap()).unwrap();
        let portable = kdf::pbes2("PBES2-HS256", &password, &salt, iterations).unwrap();
        let native = NativeCrypto.pbkdf2_sha256(&password, &salt, iterations).await.unwrap();
        // Keys of all lengths begin alike.
        let length = expected.len().min(32);
        assert_eq!((&portable[..length], &native[..length]), (&expected[..length], &expected[..length]), "{case}");
    }
}
