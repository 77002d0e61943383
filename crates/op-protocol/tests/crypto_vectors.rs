//! Every case of the crypto vectors, whose values existing clients agree on.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

use op_protocol::{
    b64,
    jwk::RsaPrivateKey,
    kdf::{self, KdfError, TwoSecretInput},
    request_mac::RequestMac,
    secret_key::SecretKey,
    srp::{self, Client, Params, Server},
};
use serde::Deserialize;
use zeroize::Zeroizing;

#[derive(Deserialize)]
struct Vectors {
    hkdf_sha256: Vec<Hkdf>,
    pbes2: Vec<Pbes2>,
    secret_key: SecretKeys,
    two_secret_key_derivation: TwoSecretCases,
    request_mac: Vec<Mac>,
    srp_v2: Vec<Srp>,
    rsa_oaep: Vec<Rsa>,
}

#[derive(Deserialize)]
struct Hkdf {
    ikm: String,
    salt: String,
    info: String,
    length: usize,
    out: String,
}

#[derive(Deserialize)]
struct Pbes2 {
    alg: String,
    password: String,
    salt: String,
    iterations: u32,
    out: String,
}

#[derive(Deserialize)]
struct SecretKeys {
    valid: Vec<ValidKey>,
    invalid: Vec<String>,
    combine: Vec<Combine>,
}

#[derive(Deserialize)]
struct ValidKey {
    text: String,
    format: String,
    id: String,
    key: String,
    hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Combine {
    secret_key: String,
    #[serde(rename = "bytes_utf8")]
    bytes: String,
    out: String,
}

#[derive(Deserialize)]
struct TwoSecretCases {
    cases: Vec<TwoSecret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TwoSecret {
    what: String,
    info: String,
    alg: String,
    email: String,
    password: String,
    secret_key: String,
    salt: String,
    iterations: u32,
    out: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mac {
    session_id: String,
    session_key: String,
    method: String,
    url: String,
    request_id: u32,
    header: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Srp {
    comment: String,
    email: String,
    secret_key_id: String,
    salt: String,
    x: String,
    a: String,
    b: String,
    v: String,
    #[serde(rename = "A")]
    public_a: String,
    #[serde(rename = "B")]
    public_b: String,
    #[serde(rename = "K")]
    session_key: String,
    #[serde(rename = "M1")]
    m1: String,
    #[serde(rename = "M2")]
    m2: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rsa {
    private_key: RsaPrivateKey,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../packages/contract/vectors/crypto.json")).unwrap()
}

fn hex(text: &str) -> [u8; 32] {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap().try_into().unwrap()
}

#[test]
fn hkdf() {
    for case in vectors().hkdf_sha256 {
        let out = kdf::hkdf_sha256(case.ikm.as_bytes(), case.salt.as_bytes(), case.info.as_bytes(), case.length);
        assert_eq!(b64::encode(&out.unwrap()), case.out);
    }
    assert_eq!(kdf::hkdf_sha256(b"", b"", b"", 8161).unwrap_err(), KdfError::Length);
}

#[test]
fn pbes2() {
    for case in vectors().pbes2 {
        let out = kdf::pbes2(&case.alg, case.password.as_bytes(), case.salt.as_bytes(), case.iterations);
        assert_eq!(b64::encode(&*out.unwrap()), case.out);
    }
    assert_eq!(kdf::pbes2("PBES2g-HS1", b"", b"", 100).unwrap_err(), KdfError::Algorithm);
    for iterations in [0, kdf::ITERATIONS.end() + 1, u32::MAX] {
        assert_eq!(kdf::pbes2(kdf::ALG, b"", b"", iterations).unwrap_err(), KdfError::Iterations(iterations));
    }
}

#[test]
fn secret_keys() {
    let vectors = vectors().secret_key;
    for case in vectors.valid {
        let key = SecretKey::parse(&case.text).unwrap();
        assert_eq!((key.format(), key.id()), (case.format.as_str(), case.id.as_str()));
        let without_hyphens = format!("{}{}{}", case.format, case.id, case.key);
        assert_eq!(key.to_string().replace('-', ""), without_hyphens);
        assert_eq!(SecretKey::parse(&without_hyphens.to_lowercase()), Ok(key.clone()));
        if let Some(hash) = case.hash {
            assert_eq!(b64::encode(&*key.hash()), hash);
        }
    }
    for text in vectors.invalid {
        assert!(SecretKey::parse(&text).is_err(), "{text}");
    }
    for case in vectors.combine {
        let out = SecretKey::parse(&case.secret_key).unwrap().combine(case.bytes.as_bytes().try_into().unwrap());
        assert_eq!(b64::encode(&*out), case.out);
    }
}

#[test]
fn two_secret_key_derivation() {
    for case in vectors().two_secret_key_derivation.cases {
        let out = kdf::two_secret(&TwoSecretInput {
            info: &case.info,
            alg: &case.alg,
            email: &case.email,
            password: &case.password,
            secret_key: &SecretKey::parse(&case.secret_key).unwrap(),
            salt: &b64::decode(&case.salt).unwrap(),
            iterations: case.iterations,
        });
        assert_eq!(*out.unwrap(), hex(&case.out), "{}", case.what);
    }
}

#[test]
fn request_macs() {
    for case in vectors().request_mac {
        let session_key = b64::decode(&case.session_key).unwrap().try_into().unwrap();
        let mac = RequestMac::new(case.session_id, &session_key);
        assert_eq!(mac.header(&case.method, &case.url, case.request_id), case.header);

        let (_, address) = case.url.split_once("://").unwrap();
        let (host, path_and_query) = address.split_at(address.find('/').unwrap());
        assert!(mac.verify(&case.method, host, path_and_query, &case.header));
        assert!(!mac.verify("PUT", host, path_and_query, &case.header));
        assert!(!mac.verify(&case.method, host, "/api/v1/other", &case.header));
    }
}

#[test]
fn srp_by_both_sides() {
    for case in vectors().srp_v2 {
        let salt = b64::decode(&case.salt).unwrap();
        let params = Params { email: &case.email, secret_key_id: &case.secret_key_id, salt: &salt };
        let x = Zeroizing::new(hex(&case.x));
        assert_eq!(srp::verifier(&x), case.v, "{}", case.comment);

        let client = Client::new(&x, hex(&case.a));
        assert_eq!(client.public_key_hex(), case.public_a, "{}", case.comment);
        let server = Server::new(&case.v, hex(&case.b)).unwrap();
        let public_b = server.public_key_hex();
        assert_eq!(public_b.len(), 1024);
        assert_eq!(public_b.trim_start_matches('0'), case.public_b.trim_start_matches('0'), "{}", case.comment);

        let of_server = server.finish(&case.public_a, &params).unwrap();
        let of_client = client.finish(&case.public_b, &params).unwrap();
        assert_eq!(*of_client.session_key, hex(&case.session_key), "{}", case.comment);
        assert_eq!(*of_server.session_key, hex(&case.session_key), "{}", case.comment);
        assert_eq!(b64::encode(&of_client.m1), case.m1, "{}", case.comment);
        assert_eq!(b64::encode(&of_server.m2), case.m2, "{}", case.comment);
        assert_eq!(of_server.verify_client(&of_client.m1), Ok(()));
        assert_eq!(of_client.verify_server(&of_server.m2), Ok(()));
    }
}

#[test]
fn rsa_keys_keep_their_numbers() {
    for case in vectors().rsa_oaep {
        let key = RsaPrivateKey::from_jwk_json(case.private_key.to_jwk_json().as_bytes());
        assert_eq!(key, Ok(case.private_key.clone()));
        assert_eq!(case.private_key.public().n, case.private_key.n);
        assert!(!format!("{:?}", case.private_key).contains(&case.private_key.d));
    }
}
