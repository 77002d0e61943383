//! Fuzzes texts that callers pass: tokens, Secret Keys, secret references, `.env` texts, password recipes.

use op_core::{Core, ErrorKind};
use op_protocol::{b64, secret_key::SecretKey, token::ServiceAccountToken};
use serde_json::{Value, json};

use crate::{
    account::{ACCOUNT, SECRET, Scene},
    client::{assert_no_secret, check_error, checked, config, finish, with_client},
    input::{Input, json_bytes, seed, text, vectors},
};

/// Parses a token, given as text or as the JSON in it.
pub(crate) fn token(data: &[u8]) {
    let mut input = Input(data);
    let text = if input.byte() % 2 == 0 { text(input.0) } else { format!("ops_{}", b64::encode(input.0)) };
    let address_is_secret = match ServiceAccountToken::parse(&text) {
        Ok(token) => {
            let written = token.encode();
            let again = ServiceAccountToken::parse(&written).expect("an encoded token can be parsed");
            assert_eq!(*again.encode(), *written);
            assert!(token.base_url().contains("://"));
            let throttle_id = token.throttle_secret.as_ref().map_or("", |throttle| &throttle.uuid);
            let public = [&*token.sign_in_address, &token.email, &token.device_uuid, throttle_id].concat();
            let debug = format!("{token:?} {:?} {:?}", token.secret_key, token.throttle_secret);
            assert!(public.contains(SECRET) || token.secret_key.id().contains(SECRET) || !debug.contains(SECRET));
            token.sign_in_address.contains(SECRET)
        }
        Err(error) => {
            assert!(!error.to_string().contains(SECRET) && !format!("{error:?}").contains(SECRET));
            false
        }
    };
    let core = Core::new(crate::invocations::unreachable());
    let error = finish(core.init_client(&config(&text).to_string())).expect_err("there is no server");
    check_error(&error);
    assert_ne!(error.kind(), ErrorKind::InvalidClientConfig, "the configuration is well-formed");
    assert!(error.kind() != ErrorKind::InvalidServiceAccountToken || error.field() == Some("serviceAccountToken"));
    if !address_is_secret {
        assert_no_secret(&error);
    }
}

pub(crate) fn token_seeds() -> Vec<Vec<u8>> {
    let valid = ACCOUNT.token.encode();
    let json = b64::decode(valid.strip_prefix("ops_").unwrap()).unwrap();
    let recorded = vectors("tokens.json");
    let payloads = recorded.iter().map(|case| json_bytes(&case["input"]["payload"]));
    let texts = recorded.iter().filter_map(|case| case["input"]["auth"].as_str());
    let mut seeds: Vec<_> = payloads.map(|json| seed(&[1], json)).collect();
    seeds.extend(texts.map(|text| seed(&[0], text)));
    seeds.extend([seed(&[0], valid.as_bytes()), seed(&[1], json)]);
    seeds.sort();
    seeds.dedup();
    seeds
}

pub(crate) fn secret_key(data: &[u8]) {
    let Ok(key) = SecretKey::parse(&text(data)) else { return };
    let written = key.to_string();
    assert_eq!(SecretKey::parse(&written).as_ref(), Ok(&key), "the printed form can be parsed");
    assert_eq!(SecretKey::parse(&written.replace('-', "")).as_ref(), Ok(&key), "hyphens do not matter");
    assert_eq!(SecretKey::parse(&written.to_lowercase()).as_ref(), Ok(&key), "case does not matter");
    assert!(matches!(key.format(), "A2" | "A3" | "A4"));
    assert_eq!(key.id().len(), 6);
    let secret = written.rsplit('-').next().unwrap();
    assert!(key.id().contains(secret) || !format!("{key:?}").contains(secret));
}

pub(crate) fn secret_key_seeds() -> Vec<Vec<u8>> {
    let vectors = op_testkit::vectors::json("crypto.json");
    let keys = &vectors["secret_key"];
    let valid = keys["valid"].as_array().unwrap().iter().map(|case| &case["text"]);
    let invalid = keys["invalid"].as_array().unwrap();
    valid.chain(invalid).map(|text| text.as_str().unwrap().into()).collect()
}

/// Checks that the validator, the grammar and the resolver agree on a secret reference.
pub(crate) fn reference(data: &[u8]) {
    let reference = text(data);
    with_client(Scene::default(), |client| {
        let valid = client.call("ValidateSecretReference", &json!({"secret_reference": reference}));
        assert_eq!(valid.is_ok(), is_reference(&reference), "{reference:?}");
        match client.resolve(&reference) {
            Ok(secret) => assert!(valid.is_ok() && secret.is_string()),
            Err(error) => assert_no_secret(&error),
        }
        let all = json!({"secret_references": [reference, ACCOUNT.reference(), reference]});
        let all = client.call("SecretsResolveAll", &all).expect("an invalid reference does not fail the others");
        let responses = all["individualResponses"].as_object().unwrap();
        assert_eq!(responses[&ACCOUNT.reference()]["content"]["secret"], SECRET);
        assert!(!responses[&reference].is_null());
    });
}

/// Returns whether the text is `op://vault/item/[section/]field[?attribute=value]`, with names and values that the
/// public SDKs accept.
fn is_reference(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("op://") else { return false };
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let names: Vec<_> = path.split('/').collect();
    let allowed = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || " _.-".contains(c));
    (3..=4).contains(&names.len())
        && names.iter().all(allowed)
        && matches!(query, None | Some("attribute=totp" | "attribute=otp" | "ssh-format=openssh"))
}

pub(crate) fn reference_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> =
        vectors("references.json").iter().filter_map(|case| case["input"].as_str().map(Into::into)).collect();
    let names = ["Development", &ACCOUNT.vault_id, "x"].map(|vault| format!("op://{vault}/Example/username"));
    seeds.extend(names.map(String::into_bytes));
    seeds.push(ACCOUNT.reference().into());
    seeds
}

/// Explains a reference. An explanation exists for every text with the parts of a reference, and never contains the
/// secret.
pub(crate) fn explain(data: &[u8]) {
    let reference = text(data);
    with_client(Scene::default(), |client| {
        match client.call("SecretsExplain", &json!({"secret_reference": reference})) {
            Ok(answer) => {
                assert!(reference.contains(SECRET) || !answer.to_string().contains(SECRET), "{answer}");
                if answer["problem"].is_null() && !answer["idReference"].is_null() {
                    let by_id = answer["idReference"].as_str().unwrap();
                    assert_eq!(client.resolve(by_id).unwrap(), client.resolve(&reference).unwrap());
                }
                let valid = client.call("ValidateSecretReference", &json!({"secret_reference": reference}));
                assert!(valid.is_ok() || !answer["problem"].is_null());
            }
            Err(error) => {
                assert_no_secret(&error);
                assert_eq!(error.kind(), ErrorKind::ParsingSecretReference);
                assert!(!is_reference(&reference));
            }
        }
    });
}

/// Resolves the text of an `.env` file. Either each of its variables has a value or an error, or an error names one of
/// its lines.
pub(crate) fn env(data: &[u8]) {
    let env = text(data);
    with_client(Scene::default(), |client| {
        match client.call("SecretsResolveEnv", &json!({"env": env, "known": {"KNOWN": "1", "VAULT": ACCOUNT.vault_id}}))
        {
            Ok(answer) => {
                let (variables, errors) =
                    (answer["variables"].as_object().unwrap(), answer["errors"].as_object().unwrap());
                for name in variables.keys().chain(errors.keys()) {
                    assert!(env.contains(name.as_str()), "{name:?} is not in {env:?}");
                }
                assert!(errors.keys().all(|name| !variables.contains_key(name)));
                let log = json!({"text": answer["variables"].to_string(), "secrets": answer["secrets"]});
                let masked = client.call("SecretsMask", &log).unwrap().to_string();
                assert!(env.contains(SECRET) || !masked.contains(SECRET), "{masked}");
            }
            Err(error) => {
                assert_eq!((error.kind(), error.field()), (ErrorKind::InvalidConfiguration, Some("env")));
                assert_no_secret(&error);
                let line = error.message().split("line ").nth(1).and_then(|rest| rest.split(':').next());
                let line: usize = line.unwrap().parse().unwrap();
                assert!((1..=env.split('\n').count()).contains(&line), "{error:?}");
            }
        }
    });
}

pub(crate) fn env_seeds() -> Vec<Vec<u8>> {
    let reference = ACCOUNT.reference();
    [
        "# nothing\n\nA=1\r\nexport B = two words # comment\n".to_owned(),
        format!("A={reference}\nB=\"x:${{A}}@\\n\\$\"\nC='${{A}}'\nD=${{NONE:-d}}${{KNOWN}}\n"),
        format!("A=op://${{VAULT}}/Example/username\nB=${{A}}\nC=op://x/y/z\nSECRET=\"{reference}\""),
        "A=\"one\ntwo\"\nB='three\nfour'\nC=\"open\nD=${\nE=a\"\n".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec()
}

/// Generates a password from a recipe in JSON.
pub(crate) fn recipe(data: &[u8]) {
    let recipe = text(data);
    let call = format!(
        r#"{{"invocation":{{"parameters":{{"name":"GeneratePassword","parameters":{{"recipe":{recipe}}}}}}}}}"#
    );
    with_client(Scene::default(), |client| match checked(client.core.invoke_sync(&call)) {
        // A text that closes the recipe's JSON may call another method.
        Ok(generated) => {
            if let Some(password) = generated["password"].as_str() {
                check_password(&serde_json::from_str(&recipe).unwrap_or_default(), password);
            }
        }
        Err(error) if error.kind() == ErrorKind::InvalidConfiguration => {
            assert!(matches!(error.field(), Some("length" | "wordCount") | None), "{error:?}");
        }
        Err(error) => assert!(error.kind() == ErrorKind::InvalidInvocation || !is_json(&recipe), "{error:?}"),
    });
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

fn check_password(recipe: &Value, password: &str) {
    let parameters = &recipe["parameters"];
    let length = parameters["length"].as_u64();
    match recipe["type"].as_str() {
        Some("Pin") => {
            assert_eq!(Some(password.len() as u64), length);
            assert!(password.bytes().all(|byte| byte.is_ascii_digit()));
        }
        Some("Random") => {
            assert_eq!(Some(password.len() as u64), length);
            let has = |class: fn(&u8) -> bool| password.bytes().any(|byte| class(&byte));
            assert_eq!(parameters["includeDigits"], has(u8::is_ascii_digit));
            assert_eq!(parameters["includeSymbols"], has(u8::is_ascii_punctuation));
        }
        _ => assert!(password.len() >= 3 * 3),
    }
}

pub(crate) fn recipe_seeds() -> Vec<Vec<u8>> {
    vectors("passwords.json").iter().map(|case| json_bytes(&case["input"])).collect()
}
