//! Service account tokens: which are accepted, and what is said about the others.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests, which may panic")]

use op_protocol::{
    b64,
    jwk::SymmetricKey,
    rest::UserAuth,
    secret_key::SecretKey,
    token::{ServiceAccountToken, ThrottleSecret, TokenError},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use zeroize::Zeroizing;

const FORMAT: &str = "invalid user input: encountered the following errors: ";
const TOKEN: &str =
    "invalid service account token, please make sure you provide a valid service account token as parameter:  ";

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../packages/contract/vectors/tokens.json")).unwrap()
}

/// The token of a vector. Long ones were cut when they were recorded, and are made again from their content.
fn token_of(case: &Value, valid: &str) -> Option<String> {
    let recorded = case["input"]["auth"].as_str()?;
    let valid_body = &valid["ops_".len()..];
    Some(match case["label"].as_str()? {
        "valid, trailing newline" => format!("{valid}\n"),
        "valid with base64 padding" => format!("{valid}="),
        "valid with standard base64" => {
            format!("ops_{}", data_encoding::BASE64.encode(&b64::decode(valid_body).unwrap()))
        }
        "token with middle newline" => format!("{}\n{}", &valid[..100], &valid[100..]),
        "token with 1 char cut" => valid[..valid.len() - 1].to_owned(),
        "truncated token" => format!("ops_{}", &valid_body[..valid_body.len() / 8 * 4]),
        "double prefix" => format!("ops_{valid}"),
        "empty" => return None,
        _ if recorded == "<valid>" => valid.to_owned(),
        _ if recorded.len() < 40 => recorded.to_owned(),
        _ => format!("{}{}", &recorded[..4], b64::encode(case["input"]["payload"].to_string().as_bytes())),
    })
}

#[test]
fn recorded_tokens_are_judged_alike() {
    let vectors = vectors();
    let valid = format!("ops_{}", b64::encode(vectors[0]["input"]["payload"].to_string().as_bytes()));
    let mut judged = 0;
    for case in &vectors {
        let Some(token) = token_of(case, &valid) else { continue };
        let expected = case["error"].as_str().unwrap_or_default();
        match ServiceAccountToken::parse(&token) {
            Ok(_) => assert!(!expected.starts_with(TOKEN) && !expected.contains("service account token"), "{case}"),
            Err(error) => {
                let prefix = if error == TokenError::Prefix { FORMAT } else { TOKEN };
                assert_eq!(format!("{prefix}{error}"), expected, "{case}");
            }
        }
        judged += 1;
    }
    assert!(judged > 70, "only {judged} cases were judged");
}

fn payload() -> Value {
    vectors()[0]["input"]["payload"].clone()
}

fn parse(payload: &Value) -> Result<ServiceAccountToken, TokenError> {
    ServiceAccountToken::parse(&format!("ops_{}", b64::encode(payload.to_string().as_bytes())))
}

fn parse_with(member: &str, value: impl Into<Value>) -> Result<ServiceAccountToken, TokenError> {
    let mut payload = payload();
    payload[member] = value.into();
    parse(&payload)
}

#[test]
fn errors_name_the_member() {
    for (member, value) in [
        ("srpX", json!("0".repeat(64))),
        ("srpX", json!("1".repeat(65))),
        ("srpX", json!("-1")),
        ("email", json!("")),
        ("email", json!("wendy")),
        ("secretKey", json!("A2-RTN9SA-DY9445Y5FF96X6E7B5GPFA95R")),
        ("secretKey", json!("A5-RTN9SA-DY9445Y5FF96X6E7B5GPFA95R9")),
        ("secretKey", json!("")),
        ("throttleSecret", json!({"seed": "0".repeat(64), "uuid": ""})),
        ("throttleSecret", json!({"seed": "1".repeat(62), "uuid": ""})),
        ("throttleSecret", json!({"seed": "z".repeat(64), "uuid": ""})),
        ("signInAddress", json!("")),
        ("signInAddress", json!("https://")),
        ("signInAddress", json!("https://a b")),
        ("signInAddress", json!("https://a:port")),
        ("signInAddress", json!("https://a:99999")),
    ] {
        assert_eq!(parse_with(member, value.clone()).unwrap_err(), TokenError::Content(member), "{value}");
    }
}

#[test]
fn addresses_become_urls() {
    for (address, url) in [
        ("example.com", "https://example.com"),
        ("127.0.0.1:8452", "https://127.0.0.1:8452"),
        ("http://127.0.0.1:8452/", "http://127.0.0.1:8452"),
        ("https://example.com/x/", "https://example.com/x"),
        ("http://[::1]:8452", "http://[::1]:8452"),
        ("http://[::1]", "http://[::1]"),
    ] {
        assert_eq!(parse_with("signInAddress", address).unwrap().base_url(), url);
    }
}

#[test]
fn a_short_srp_x_is_padded_on_the_left() {
    let mut expected = [0; 32];
    expected[30..].copy_from_slice(&[0x0a, 0xbc]);
    assert_eq!(*parse_with("srpX", "aBc").unwrap().srp_x, expected);
}

#[test]
fn secrets_stay_out_of_debug_output() {
    let token = parse(&payload()).unwrap();
    let debug = format!("{token:?} {:?} {:?} {:?}", token.secret_key, token.muk, token.throttle_secret);
    for secret in ["877b41", "tNzVEc", "GHJKLM", "5de058"] {
        assert!(!debug.contains(secret), "{debug}");
    }
}

prop_compose! {
    fn tokens()(
        host in "[a-z]{1,20}(:[0-9]{1,4})?(/[a-z]{0,5})?",
        email in "[a-z\"\\\\]{1,10}@[a-z]{1,10}",
        account in "[A-Z0-9]{6}",
        random: [u8; 32],
        srp_x in any::<[u8; 32]>().prop_filter("zero", |x| *x != [0; 32]),
        muk: [u8; 32],
        kid: String,
        salt in "[A-Za-z0-9_-]{0,30}",
        iterations: u32,
        throttle in prop::option::of((1..=255_u8, any::<String>())),
        device_uuid: String,
    ) -> ServiceAccountToken {
        ServiceAccountToken {
            sign_in_address: host,
            email,
            secret_key: SecretKey::generate(&account, &random).unwrap(),
            srp_x: Zeroizing::new(srp_x),
            muk: SymmetricKey::new(kid, muk),
            user_auth: UserAuth { method: "SRPg-4096".into(), alg: "PBES2g-HS256".into(), iterations, salt },
            throttle_secret: throttle.map(|(byte, uuid)| ThrottleSecret { seed: Zeroizing::new([byte; 32]), uuid }),
            device_uuid,
        }
    }
}

proptest! {
    #[test]
    fn tokens_survive(token in tokens()) {
        let read = ServiceAccountToken::parse(&token.encode()).unwrap();
        prop_assert_eq!(read.encode(), token.encode());
        prop_assert_eq!(read.sign_in_address, token.sign_in_address);
        prop_assert_eq!(read.email, token.email);
        prop_assert_eq!(read.secret_key, token.secret_key);
        prop_assert_eq!(read.srp_x, token.srp_x);
        prop_assert_eq!(read.muk, token.muk);
        prop_assert_eq!(read.user_auth, token.user_auth);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text: String, json: Vec<u8>) {
        let _ = ServiceAccountToken::parse(&text);
        let _ = ServiceAccountToken::parse(&format!("ops_{text}"));
        let of_garbage = ServiceAccountToken::parse(&format!("ops_{}", b64::encode(&json)));
        prop_assert!(of_garbage.is_err());
    }
}
