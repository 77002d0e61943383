//! Tests RSA-OAEP with the published test vectors and with a generated key, and PBKDF2.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests, which may panic")]

use op_core::host::{Crypto, CryptoError};
use op_host::{NativeCrypto, generate_rsa_key};
use op_protocol::{b64, jwk::RsaPrivateKey, kdf};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    let text = include_str!("../../../packages/contract/vectors/crypto.json");
    let file: Value = serde_json::from_str(text).unwrap();
    file["rsa_oaep"].as_array().unwrap().clone()
}

#[tokio::test]
async fn decrypts_the_recorded_ciphertexts() {
    // The account protocol uses SHA-1 only.
    let cases: Vec<_> = vectors().into_iter().filter(|case| case["hash"] == "SHA-1").collect();
    assert!(!cases.is_empty());
    for case in cases {
        let key: RsaPrivateKey = serde_json::from_value(case["privateKey"].clone()).unwrap();
        let ciphertext = b64::decode(case["data"].as_str().unwrap()).unwrap();
        let plaintext = NativeCrypto.rsa_oaep_decrypt(&key, &ciphertext).await.unwrap();
        assert_eq!(std::str::from_utf8(&plaintext).unwrap(), case["plaintext"].as_str().unwrap());
    }
}

#[tokio::test]
async fn a_new_key_decrypts_what_its_public_half_encrypts() {
    let key = generate_rsa_key("szerdhg2ww2ahjo4ilz57x7cce").unwrap();
    assert_eq!(key.kid, "szerdhg2ww2ahjo4ilz57x7cce");
    assert_eq!(b64::decode(&key.n).unwrap().len(), 256);
    let ciphertext = NativeCrypto.rsa_oaep_encrypt(&key.public(), b"a symmetric key").await.unwrap();
    assert_eq!(ciphertext.len(), 256);
    assert_eq!(&**NativeCrypto.rsa_oaep_decrypt(&key, &ciphertext).await.unwrap(), b"a symmetric key");
}

#[tokio::test]
async fn refuses_foreign_ciphertexts_and_broken_keys() {
    let key = generate_rsa_key("szerdhg2ww2ahjo4ilz57x7cce").unwrap();
    let ciphertext = NativeCrypto.rsa_oaep_encrypt(&key.public(), b"a symmetric key").await.unwrap();

    let mut tampered = ciphertext.clone();
    tampered[100] ^= 1;
    assert_eq!(NativeCrypto.rsa_oaep_decrypt(&key, &tampered).await.unwrap_err(), CryptoError);
    assert_eq!(NativeCrypto.rsa_oaep_decrypt(&key, &ciphertext[1..]).await.unwrap_err(), CryptoError);
    assert_eq!(NativeCrypto.rsa_oaep_encrypt(&key.public(), &[0; 300]).await.unwrap_err(), CryptoError);

    let mut broken = key.clone();
    broken.p = "not base64url!".into();
    assert_eq!(NativeCrypto.rsa_oaep_decrypt(&broken, &ciphertext).await.unwrap_err(), CryptoError);
    let mut empty = key;
    empty.n = String::new();
    assert_eq!(NativeCrypto.rsa_oaep_encrypt(&empty.public(), b"x").await.unwrap_err(), CryptoError);
}

#[tokio::test]
async fn passwords_are_stretched_like_the_portable_code_does() {
    for (password, salt, iterations) in [("", "", 1), ("a password", "a salt of some length", 1000)] {
        let native = NativeCrypto.pbkdf2_sha256(password.as_bytes(), salt.as_bytes(), iterations).await.unwrap();
        let portable = kdf::pbes2("PBES2-HS256", password.as_bytes(), salt.as_bytes(), iterations).unwrap();
        assert_eq!(native, portable);
    }
}
