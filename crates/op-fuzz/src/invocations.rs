//! Fuzzes the core's interface: invocations and client configurations.

use std::{sync::Arc, time::Duration};

use op_core::{
    Bytes, Core, Crypto, ErrorKind, Host, Message,
    host::{BoxFuture, HttpRequest, HttpResponse, TransportError, TransportErrorKind},
};
use op_host::NativeCrypto;

use crate::{
    account::{ACCOUNT, SECRET, Scene, Tamper},
    client::{self, assert_no_secret, check_error, checked, finish, with_client},
    input::{json_bytes, text, vectors},
};

/// Runs an invocation with a client whose server does not answer.
pub(crate) fn invoke(data: &[u8]) {
    let text = text(data);
    let silent = Scene { tampered: Some((0, Tamper::Failure(TransportErrorKind::Tls))), ..Scene::default() };
    with_client(silent, |client| {
        let later = checked(finish(client.core.invoke(&text)));
        let message =
            Message { text: text.clone().into(), attachments: vec![Bytes::default(), b"attached".to_vec().into()] };
        let exchanged = checked(finish(client.core.exchange(message)).map(|answer| answer.text.to_string()));
        assert!(later.is_err() || exchanged.is_ok(), "unused attachments change nothing");
        let now = checked(client.core.invoke_sync(&text));
        // Generated passwords differ, so only success is compared.
        assert!(later.is_ok() || now.is_err(), "only the synchronous call succeeds");
        let scratch = Core::new(unreachable());
        let released = scratch.release_client(&text);
        check_error(&released.expect_err("the core has no client"));
    });
}

pub(crate) fn invoke_seeds() -> Vec<Vec<u8>> {
    let recorded = vectors("invoke.json");
    let mut seeds: Vec<Vec<u8>> = recorded.iter().map(|case| case["input"].as_str().unwrap().into()).collect();
    let id = &ACCOUNT.vault_id;
    seeds.push(json_bytes(&serde_json::json!({"invocation": {"clientId": 0, "parameters": {"name": "ItemsCreate",
    "parameters": {"params": {"category": "Login", "title": "t", "vaultId": id, "notes": "n", "tags": ["a"],
        "websites": [{"url": "https://a.example", "label": "website", "autofillBehavior": "Never"}],
        "sections": [{"id": "s", "title": "S"}],
        "fields": [{"id": "username", "title": "username", "fieldType": "Text", "value": "wendy"},
            {"id": "a", "title": "a", "sectionId": "s", "fieldType": "Address", "value": "", "details":
                {"type": "Address", "content":
                    {"street": "1", "city": "2", "country": "ca", "zip": "3", "state": "4"}}}],
    }}}}})));
    let file = |content: serde_json::Value| serde_json::json!({"name": "a", "content": content});
    for content in
        [serde_json::json!({"attachment": 1}), serde_json::json!([0, 255]), serde_json::json!({"attachment": 2})]
    {
        seeds.push(json_bytes(&serde_json::json!({"invocation": {"clientId": 0, "parameters": {"name": "ItemsCreate",
        "parameters": {"params": {"category": "Document", "title": "t", "vaultId": id, "document": file(content)}}}}})));
    }
    seeds.push(json_bytes(&serde_json::json!({"invocation": {"clientId": 0, "parameters": {"name": "ItemsFilesRead",
    "parameters": {"vault_id": id, "item_id": id, "attr": {"name": "a", "id": id, "size": 3}}}}})));
    seeds.push(json_bytes(&serde_json::json!({"invocation": {"clientId": 0, "parameters": {"name": "ItemsList",
    "parameters": {"vault_id": id, "filters": [{"type": "ByState", "content": {"active": true, "archived": true}}]
    }}}})));
    seeds
}

/// Reads a client configuration. The server is unreachable.
pub(crate) fn config(data: &[u8]) {
    let text = text(data);
    let core = Core::new(unreachable());
    let error = finish(core.init_client(&text)).expect_err("there is no server");
    check_error(&error);
    let malformed = matches!(error.kind(), ErrorKind::InvalidClientConfig | ErrorKind::InvalidConfiguration);
    assert!(
        malformed
            || matches!(error.kind(), ErrorKind::InvalidServiceAccountToken | ErrorKind::Network | ErrorKind::Auth),
        "{error:?}"
    );
    // Names of members are not secret, and the error may contain them.
    if !member_names(&text).iter().any(|name| name.contains(SECRET)) {
        assert_no_secret(&error);
    }
    assert!(error.message().len() <= 2000 + 2 * text.len(), "the error is much longer than its input");
}

/// Returns the strings before colons.
fn member_names(text: &str) -> Vec<String> {
    let (mut names, mut string, mut last) = (Vec::new(), None, String::new());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (&mut string, character) {
            (Some(_), '"') => last = string.take().unwrap_or_default(),
            (Some(inside), '\\') => inside.extend(characters.next()),
            (Some(inside), _) => inside.push(character),
            (None, '"') => string = Some(String::new()),
            (None, ':') => names.push(last.clone()),
            (None, _) => {}
        }
    }
    names
}

pub(crate) fn config_seeds() -> Vec<Vec<u8>> {
    let valid = client::config(&ACCOUNT.token.encode());
    let mut tuned = valid.clone();
    tuned["requestTimeoutMs"] = 5.into();
    tuned["maxRetries"] = 1.into();
    let mut hushed = client::config(&format!("ops_{SECRET}"));
    hushed["integrationName"] = "c!".into();
    let misplaced = format!(r#"{{"serviceAccountToken":["{SECRET}"],"maxRetries":"ops_{SECRET}"}}"#);
    vec![
        json_bytes(&valid),
        json_bytes(&tuned),
        json_bytes(&hushed),
        misplaced.into(),
        format!(r#""ops_{SECRET}""#).into(),
        format!("ops_{SECRET}").into(),
    ]
}

/// Returns a host that cannot reach any server.
pub(crate) fn unreachable() -> Arc<dyn Host> {
    Arc::new(Unreachable)
}

struct Unreachable;

impl Host for Unreachable {
    fn http(&self, _request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        let error = TransportError::new(TransportErrorKind::Tls, "no server answers");
        Box::pin(async { Err(error) })
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn now_millis(&self) -> u64 {
        0
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        buffer.fill(1);
    }

    fn crypto(&self) -> &dyn Crypto {
        &NativeCrypto
    }
}
