//! What a reference that cannot be looked up says: the step, as the public SDKs name it, and what went wrong there.

use std::sync::Arc;

use op_core::Core;
use op_testkit::{
    FaultProxy, TestAccount,
    account::{config, host, invoke, new_vault},
    faults::{Fault, Rule},
};
use serde_json::{Value, json};

const PREFIX: &str = "error resolving secret reference: ";

/// The text of the public SDKs; what it was about may follow.
#[track_caller]
fn assert_told(told: &str, expected: &str, context: &str) {
    let rest = told.strip_prefix(PREFIX).and_then(|told| told.strip_prefix(expected));
    assert!(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(": ")), "{context}: {told}, not {expected}");
}

struct Place {
    account: TestAccount,
    proxy: FaultProxy,
    item: String,
}

impl Place {
    async fn new() -> Self {
        let account = TestAccount::create().await;
        let proxy = FaultProxy::start(&account.server.url).await.unwrap();
        let item = account.item(json!({
            "category": "Login", "title": "Example", "sections": [{ "id": "s", "title": "S" }],
            "fields": [{ "id": "password", "title": "password", "fieldType": "Concealed", "value": "x" }],
            "files": [{ "name": "a.txt", "content": [65], "sectionId": "s", "fieldId": "f" }],
        }));
        let item = item.await.id.clone();
        account.login("Second", "y").await;
        Self { account, proxy, item }
    }

    /// A client that repeats nothing, and has its keys.
    async fn client(&self) -> Arc<Core> {
        let mut config = config(&self.proxy.token(&self.account.token));
        config["maxRetries"] = 0.into();
        let core = Arc::new(Core::new(host()));
        core.init_client(&config.to_string()).await.unwrap();
        invoke(&core, "VaultsList", json!({})).await.unwrap();
        core
    }

    async fn resolve(&self, core: &Core, rule: Rule, reference: &str) -> String {
        self.failing(core, rule, "SecretsResolve", json!({ "secret_reference": reference })).await
    }

    async fn resolve_all(&self, core: &Core, rule: Rule, references: &[&str]) -> String {
        self.failing(core, rule, "SecretsResolveAll", json!({ "secret_references": references })).await
    }

    async fn failing(&self, core: &Core, rule: Rule, method: &str, parameters: Value) -> String {
        self.proxy.inject([rule]).await;
        let result = invoke(core, method, parameters).await;
        self.proxy.repair().await;
        result.unwrap_err()["message"].as_str().unwrap().to_owned()
    }
}

fn status(prefix: &str, status: u16) -> Rule {
    Rule { status, ..Rule::new(prefix, Fault::Status) }
}

#[tokio::test]
async fn the_step_stands_before_what_went_wrong_there() {
    let place = Place::new().await;
    let (vault, item) = (&place.account.vault_id, &place.item);
    let by_id = format!("op://{vault}/{item}/password");
    let file = format!("op://{vault}/{item}/a.txt");
    let by_title = "op://Development/Example/password";
    let get = format!("GET /api/v1/vault/{vault}/item/");
    let list = format!("GET /api/v1/vault/{vault}/items/overviews");
    for (reference, at, step, what) in [
        (by_title, "GET /api/v1/vaults", "unable to retrieve vaults: ", "performing a vault operation"),
        (by_title, &list, "unable to retrieve item: ", "performing an item operation"),
        (by_title, &get, "unable to retrieve item: ", "performing an item operation"),
        (&by_id, &get, "unable to retrieve item: ", "performing an item operation"),
        (&file, "GET /api/v2/file/", "unable to download file: ", "performing a file operation"),
    ] {
        for (code, text) in [
            (400, "bad request".to_owned()),
            (402, "unexpected status code in response: 402 Payment Required".to_owned()),
            (403, format!("you do not have the right permissions to perform this action: {what}")),
            (409, format!("data conflict occurred on the server: {what}")),
            (500, "internal server error".to_owned()),
            (503, "unexpected status code in response: 503 Service Unavailable".to_owned()),
        ] {
            // A new client each time: what another has seen of titles spares it steps.
            let told = place.resolve(&*place.client().await, status(at, code), reference).await;
            assert_told(&told, &format!("{step}{text}"), &format!("{code} at {at}"));
        }
        let told = place.resolve(&*place.client().await, status(at, 429), reference).await;
        assert_told(&told, &format!("{what}: rate limit exceeded"), &format!("429 at {at}"));
        for (fault, text) in [
            (Fault::ResetBeforeHeaders, "the account server could not be reached"),
            (Fault::Tampered, "when decrypting request body: "),
        ] {
            if fault == Fault::Tampered && at.contains("/file/") {
                continue; // it is no envelope that could be tampered with
            }
            let told = place.resolve(&*place.client().await, Rule::new(at, fault), reference).await;
            assert!(told.starts_with(&format!("{PREFIX}{step}{text}")), "{fault:?} at {at}: {told}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let place = Place::new().await;
    let (vault, item) = (&place.account.vault_id, &place.item);
    let core = place.client().await;
    let get = format!("GET /api/v1/vault/{vault}/item/");
    let told = place.resolve(&core, status(&get, 404), "op://Development/Example/password").await;
    assert_told(&told, "no item matched the secret reference query", "404");
    let file = format!("op://{vault}/{item}/a.txt");
    let told = place.resolve(&core, status("GET /api/v2/file/", 404), &file).await;
    assert_told(&told, "file couldn't be found", "404");
    let told = place.resolve(&core, Rule::new("GET /api/v2/file/", Fault::Html), &file).await;
    assert_told(&told, "unable to download file: error decrypting file: DecryptionHashMismatch", "html");
}

#[tokio::test]
async fn a_batch_says_so() {
    let place = Place::new().await;
    let vault = &place.account.vault_id;
    let (batch, list) =
        (format!("POST /api/v3/vault/{vault}/items/batch"), format!("GET /api/v1/vault/{vault}/items/"));
    let references = ["op://Development/Example/password", "op://Development/Second/password"];
    for (at, step) in [
        ("GET /api/v1/vaults", "unable to retrieve vaults: "),
        (&list, "unable to retrieve item: "),
        (&batch, "unable to retrieve multiple items: "),
    ] {
        let told = place.resolve_all(&*place.client().await, status(at, 500), &references).await;
        assert_told(&told, &format!("{step}internal server error"), at);
    }
}

#[tokio::test]
async fn in_a_batch_a_vault_that_may_not_be_read_fails_only_its_own_references() {
    let mut place = Place::new().await;
    let other = new_vault(&place.account.owner, "Other").await;
    let read = op_protocol::permissions::parse_grants("read_items").unwrap();
    place.account.item_in(&other, json!({ "category": "SecureNote", "title": "Note", "notes": "n" })).await;
    let grants = [(place.account.vault_id.clone(), read), (other.clone(), read)];
    place.account.token = place.account.token_for(&grants).await;
    let (readable, denied) = ("op://Development/Example/password", "op://Other/Note/notes");
    let core = place.client().await;
    let parameters = json!({ "secret_references": [readable, denied] });
    place.proxy.inject([status(&format!("GET /api/v1/vault/{other}/"), 403)]).await;
    let resolved = invoke(&core, "SecretsResolveAll", parameters).await.unwrap();
    assert_eq!(resolved["individualResponses"][readable]["content"]["secret"], "x");
    assert_eq!(resolved["individualResponses"][denied]["error"]["type"], "other");
    let alone = invoke(&core, "SecretsResolve", json!({ "secret_reference": denied })).await.unwrap_err();
    assert_eq!(alone["name"], "PermissionDenied", "{alone}");
}
