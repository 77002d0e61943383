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
            // The public SDKs refuse what stands around a token.
            Ok(_) if case["label"] == "valid, trailing newline" => {}
            Ok(_) => assert!(!expected.starts_with(TOKEN) && !expected.contains("service account token"), "{case}"),
            Err(error) => {
                let prefix = if matches!(error, TokenError::Prefix(_)) { FORMAT } else { TOKEN };
                let message = format!("{prefix}{error}");
                let reason = message.strip_prefix(expected).and_then(|rest| rest.strip_prefix(": "));
                assert!(reason.is_some_and(|reason| !reason.is_empty()), "{message}: {case}");
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
        assert_eq!(parse_with(member, value.clone()).unwrap_err(), TokenError::Member(member), "{value}");
    }
}

fn valid() -> String {
    format!("ops_{}", b64::encode(payload().to_string().as_bytes()))
}

#[test]
fn what_stands_around_a_token_is_no_part_of_it() {
    let valid = valid();
    for (before, after) in [
        ("", "\n"),
        ("", "\r\n"),
        (" \t", " "),
        ("\"", "\""),
        ("'", "'\n"),
        ("`", "`"),
        ("\u{201c}", "\u{201d}"),
        ("\u{feff}", "\u{a0}"),
        ("\" ", " \""),
        ("\0", "\0"),
    ] {
        let read = ServiceAccountToken::parse(&format!("{before}{valid}{after}"));
        assert_eq!(*read.unwrap().encode(), *ServiceAccountToken::parse(&valid).unwrap().encode(), "{before:?}");
    }
}

#[test]
fn texts_that_are_not_tokens_are_recognized() {
    let valid = valid();
    let (half, body) = (&valid[..valid.len() / 2], &valid[4..]);
    let encoded = |content: &str| format!("ops_{}", b64::encode(content.as_bytes()));
    let standard = format!("ops_{}=", body);
    for (text, word) in [
        (" \n".to_owned(), "blank"),
        ("correct horse battery staple".into(), "password"),
        (format!("OP_SERVICE_ACCOUNT_TOKEN={valid}"), "text before `ops_`"),
        (format!("Bearer {valid}"), "text before `ops_`"),
        (format!("OPS_{body}"), "lower case"),
        (format!("ops-{body}"), "must be `ops_`"),
        (body.to_owned(), "`ops_` is missing"),
        ("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJjb20ifQ.c2lnbmF0dXJl".into(), "Connect"),
        ("op://Private/Token/credential".into(), "secret reference"),
        ("A3-ABCDEF-GHJKLM-NPQRS-TVWXY-Z2345-6789A".into(), "Secret Key"),
        ("${OP_SERVICE_ACCOUNT_TOKEN}".into(), "placeholder"),
        ("https://my.example.com".into(), "URL"),
        (format!("ops_{valid}"), "twice"),
        (format!("{valid}{valid}"), "two tokens"),
        (format!("{valid}\n{valid}"), "two tokens"),
        (format!("{half}\n{}", &valid[half.len()..]), "one line"),
        (format!("{half}..."), "hidden"),
        (format!("{half}****"), "hidden"),
        (standard, "another kind"),
        (format!("{half}!{}", &valid[half.len()..]), "characters"),
        (half.to_owned(), "cut off"),
        (valid[..valid.len() - 1].to_owned(), "cut off"),
        (valid[..valid.len() - 2].to_owned(), "cut off"),
        (valid[..valid.len() - 4].to_owned(), "cut off"),
        ("ops_".into(), "cut off"),
        (encoded("hello"), "its content is not"),
        (encoded("[1]"), "its content is not"),
        (encoded("{\"user\":\"a\"}"), "`signInAddress`"),
    ] {
        let message = ServiceAccountToken::parse(&text).unwrap_err().to_string();
        assert!(message.contains(word), "{text}: {message}");
        for part in text.as_bytes().chunks_exact(12) {
            let part = std::str::from_utf8(part).unwrap();
            assert!(!message.contains(part), "it repeats `{part}`: {message}");
        }
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
