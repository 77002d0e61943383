//! Fuzzes the answers of a server, for each place where the client expects one.

use std::sync::LazyLock;

use op_core::{
    Core, Error,
    host::{HttpResponse, TransportErrorKind},
};
use op_protocol::{jwk, rest::AuthResponse, share::LinkSecret};
use serde_json::{Value, json};

use crate::{
    account::{ACCOUNT, SECRET, Scene, Server, Tamper, honest_number, honest_proof, honest_start, share_policy},
    client::{self, Client, assert_no_secret, check_error, finish, with_client},
    input::{Input, json_bytes, seed, text},
};

const STATUSES: [u16; 12] = [200, 200, 200, 201, 302, 400, 401, 403, 404, 409, 429, 500];
const FAILURES: [TransportErrorKind; 6] = [
    TransportErrorKind::Connect,
    TransportErrorKind::Interrupted,
    TransportErrorKind::Timeout,
    TransportErrorKind::Tls,
    TransportErrorKind::InvalidRequest,
    TransportErrorKind::Other,
];

/// Replaces one answer of a sign-in. The input has its place, its form, and its content.
pub(crate) fn sign_in(data: &[u8]) {
    let mut input = Input(data);
    let place = input.byte() % 4;
    let tamper = tamper(&mut input);
    let content = input.0;
    let server = Server::new(Scene { tampered: Some((place.into(), tamper)), ..Scene::default() });
    let core = Core::new(server.clone());
    let config = client::config(&ACCOUNT.token.encode()).to_string();
    match finish(core.init_client(&config)) {
        Ok(_) if place == 1 => {
            let answer: AuthResponse = serde_json::from_slice(content).unwrap();
            let digits = answer.user_b.to_lowercase();
            assert_eq!(digits.trim_start_matches('0'), honest_number().trim_start_matches('0'));
        }
        Ok(_) if place == 2 => {
            let answer: Value = serde_json::from_slice(content).unwrap();
            assert_eq!(answer["serverVerifyHash"], honest_proof(), "the client trusts the server without a proof");
        }
        Ok(_) => {}
        Err(error) => {
            check_error(&error);
            assert_no_account_secret(&error, content);
        }
    }
    // The next client is not affected.
    server.set_scene(Scene { now_millis: u64::MAX / 2, ..Scene::default() });
    if place == 0 {
        assert_eq!(finish(core.init_client(&config)).unwrap(), "1");
    }
}

pub(crate) fn sign_in_seeds() -> Vec<Vec<u8>> {
    // The random numbers, and so the proof, are the same in each sign-in.
    Client::sign_in();
    let mut other = honest_start();
    other.account_key_uuid = Some("OTHER1".to_owned());
    let start = json_bytes(&honest_start());
    let number = json_bytes(&json!({"userB": honest_number()}));
    vec![
        seed(&[0, RAW, 0], &start),
        seed(&[0, RAW, 0], json_bytes(&other)),
        seed(&[0, RAW, 11], "internal error"),
        seed(&[0, RETRY_LATER, 10], b"60\0"),
        seed(&[0, FAILURE, 2], ""),
        seed(&[1, RAW, 0], number),
        seed(&[1, RAW, 0], r#"{"userB":"0"}"#),
        seed(&[2, RAW, 0], json_bytes(&json!({"serverVerifyHash": honest_proof()}))),
        seed(&[3, RAW, 0], r#"{"userUuid":"USER"}"#),
        seed(&[3, SEALED], r#"{"userUuid":"USER","accountUuid":"ACCOUNT"}"#),
    ]
}

/// The forms of an invalid answer.
const RAW: u8 = 0;
const SEALED: u8 = 1;
const RETRY_LATER: u8 = 2;
const FAILURE: u8 = 3;
const FORMS: u8 = 4;

fn tamper(input: &mut Input<'_>) -> Tamper {
    match input.byte() % FORMS {
        SEALED => Tamper::Sealed(input.0.to_vec()),
        RETRY_LATER => {
            let status = input.choice(&STATUSES);
            let headers = vec![("retry-after".to_owned(), text(input.part()))];
            Tamper::Response(HttpResponse { status, headers, body: input.0.to_vec() })
        }
        FAILURE => Tamper::Failure(input.choice(&FAILURES)),
        _ => {
            let status = input.choice(&STATUSES);
            Tamper::Response(HttpResponse { status, headers: Vec::new(), body: input.0.to_vec() })
        }
    }
}

/// Makes a call while one answer, or one plaintext in the answers, is replaced. The input also says whether the client
/// is new.
pub(crate) fn answer(data: &[u8]) {
    let mut input = Input(data);
    let choices = input.byte();
    let (name, parameters) = call(choices & 0x1f);
    let is_new = choices & 0x80 != 0;
    let mut scene = Scene::default();
    let mut keys_may_change = false;
    match input.byte() {
        place @ 0..=5 => scene.tampered = Some((place.into(), tamper(&mut input))),
        form => {
            let plaintext = match form % 4 {
                0 => &mut scene.attributes,
                1 => &mut scene.vault_key,
                2 => &mut scene.keyset_key,
                _ => &mut scene.private_key,
            };
            *plaintext = input.0.to_vec();
            keys_may_change = jwk::SymmetricKey::from_jwk_json(plaintext).is_ok()
                || jwk::RsaPrivateKey::from_jwk_json(plaintext).is_ok();
        }
    }
    let run = |client: &Client| {
        let result = client.call(name, &parameters);
        match &result {
            Ok(value) => assert_requested(name, value),
            Err(error) => assert_no_account_secret(error, data),
        }
        // If the client accepted other keys, it keeps using them.
        if !keys_may_change {
            client.assert_usable();
        }
    };
    if is_new || keys_may_change {
        let client = Client::sign_in();
        client.server.set_scene(scene);
        run(&client);
    } else {
        with_client(scene, run);
    }
}

fn call(number: u8) -> (&'static str, Value) {
    let (vault, item, reference) = (&ACCOUNT.vault_id, &ACCOUNT.item_id, ACCOUNT.reference());
    let by_title = "op://development/example/username";
    let ids = json!([item, "a".repeat(26), item]);
    match number % 20 {
        0 => ("VaultsList", json!({})),
        1 => ("VaultsList", json!({"params": {"decryptDetails": false}})),
        2 => ("VaultsGetOverview", json!({"vault_id": vault})),
        3 => ("ItemsList", json!({"vault_id": vault, "filters": []})),
        4 => ("ItemsGet", json!({"vault_id": vault, "item_id": item})),
        5 => ("SecretsResolve", json!({"secret_reference": reference})),
        6 => ("SecretsResolve", json!({"secret_reference": by_title})),
        7 => {
            let missing = format!("op://{vault}/{}/x", "a".repeat(26));
            ("SecretsResolveAll", json!({"secret_references": [reference, by_title, missing, "op://none/a/b", "x"]}))
        }
        8 => ("ItemsCreate", json!({"params": note()})),
        9 => ("ItemsCreateAll", json!({"vault_id": vault, "params": [note(), note()]})),
        10 => {
            let mut edited = ITEM.clone();
            edited["title"] = "another title".into();
            ("ItemsPut", json!({"item": edited}))
        }
        11 => ("ItemsArchive", json!({"vault_id": vault, "item_id": item})),
        12 => ("ItemsDelete", json!({"vault_id": vault, "item_id": item})),
        13 => ("ItemsGetAll", json!({"vault_id": vault, "item_ids": ids})),
        14 => ("ItemsDeleteAll", json!({"vault_id": vault, "item_ids": ids})),
        15 => ("ItemsSharesGetAccountPolicy", json!({"vault_id": vault, "item_id": item})),
        16 => ("ItemsSharesValidateRecipients", json!({"policy": *POLICY, "recipients": ["a@b.com", "b.com"]})),
        17 => {
            let params = json!({"oneTimeOnly": true});
            ("ItemsSharesCreate", json!({"item": *ITEM, "policy": *POLICY, "params": params}))
        }
        18 => ("ItemsSharesList", json!({"params": {"vaultId": vault}})),
        _ => ("ItemsSharesGet", json!({"share_id": Scene::default().share().uuid})),
    }
}

static ITEM: LazyLock<Value> = LazyLock::new(|| Client::sign_in().item().unwrap());
static POLICY: LazyLock<Value> = LazyLock::new(|| Client::sign_in().policy().unwrap());

fn note() -> Value {
    json!({"vaultId": ACCOUNT.vault_id, "category": "SecureNote", "title": "t", "notes": SECRET})
}

pub(crate) fn answer_seeds() -> Vec<Vec<u8>> {
    let scene = Scene::default();
    let item = json!({"contentVersion": 1, "item": scene.record()});
    let batch = json!({"contentVersion": 1, "items": [scene.record(), null]});
    let (mut other, mut other_vault) = (item.clone(), json!(scene.vault()));
    other["item"]["uuid"] = "b".repeat(26).into();
    other_vault["uuid"] = "b".repeat(26).into();
    let written =
        json!({"contentVersion": 2, "updatedItems": {ACCOUNT.item_id.as_str(): 1}, "failedItems": {"x": 104}});
    let contents = [
        (0, json_bytes(&json!([scene.vault()]))),
        (2, json_bytes(&scene.vault())),
        (3, json_bytes(&scene.overviews())),
        (2, json_bytes(&other_vault)),
        (4, json_bytes(&item)),
        (4, json_bytes(&other)),
        (5, json_bytes(&item)),
        (7, json_bytes(&batch)),
        (8, json_bytes(&written)),
        (9, json_bytes(&written)),
        (10, json_bytes(&written)),
        (11, json_bytes(&item)),
        (12, json_bytes(&written)),
        (13, json_bytes(&batch)),
        (14, json_bytes(&batch)),
        (15, json_bytes(&share_policy())),
        (16, json_bytes(&json!({"rejectedRecipients": [{"type": "D", "domain": "b.com"}]}))),
        (17, json_bytes(&json!({"url": "https://share.example/s"}))),
        (18, json_bytes(&json!([scene.share()]))),
        (19, json_bytes(&scene.share())),
        (0x80 | 5, json_bytes(&scene.keysets())),
    ];
    let mut seeds = Vec::new();
    for (call, content) in &contents {
        seeds.extend([0, 1].map(|place| seed(&[*call, place, SEALED], content)));
        seeds.push(seed(&[*call, 0, RAW, 0], content));
    }
    for status in 0..STATUSES.len() as u8 {
        seeds.push(seed(&[5, 0, RETRY_LATER, status], b"2\0gone"));
    }
    for failure in 0..FAILURES.len() as u8 {
        seeds.push(seed(&[6, 1, FAILURE, failure], ""));
    }
    for (form, plaintext) in [scene.attributes, scene.vault_key, scene.keyset_key, scene.private_key].iter().enumerate()
    {
        seeds.push(seed(&[0x80, 8 + form as u8], plaintext));
    }
    seeds
}

/// Asserts that the client returns the requested objects, whatever the server answers.
fn assert_requested(name: &str, value: &Value) {
    match name {
        "ItemsGet" | "ItemsPut" => assert_eq!(value["id"], ACCOUNT.item_id.as_str()),
        "ItemsSharesGet" => {
            let id = value["id"].as_str().unwrap();
            let link = value["link"].as_str().map(|link| LinkSecret::from_link(link).unwrap().uuid());
            assert!(id == Scene::default().share().uuid && link.is_none_or(|uuid| uuid == id));
        }
        "VaultsGetOverview" => assert_eq!(value["id"], ACCOUNT.vault_id.as_str()),
        "ItemsGetAll" => {
            let items = value["individualResponses"].as_array().unwrap().iter();
            let ids = items.filter_map(|response| response["content"]["id"].as_str());
            assert!(ids.into_iter().all(|id| id == ACCOUNT.item_id));
        }
        _ => {}
    }
}

/// Asserts that the error contains no secret of the account, unless the input does.
fn assert_no_account_secret(error: &Error, input: &[u8]) {
    if !text(input).contains(SECRET) {
        assert_no_secret(error);
    }
}
