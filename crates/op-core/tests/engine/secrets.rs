//! Secret references against the real server: what is found, what fails, and how many requests it takes.

use op_testkit::{
    TestAccount, Wire,
    account::{host, invoke, new_vault},
    bare::Bare,
    vectors,
};
use serde_json::{Value, json};

use crate::support::id;

async fn resolve(core: &op_core::Core, reference: &str) -> Result<Value, Value> {
    invoke(core, "SecretsResolve", json!({ "secret_reference": reference })).await
}

async fn account_with_items() -> TestAccount {
    let account = TestAccount::create().await;
    account
        .item(json!({
            "category": "Login", "title": "Example",
            "sections": [{ "id": "one", "title": "Access" }, { "id": "two", "title": "access" }, { "id": "three", "title": "Other" }],
            "fields": [
                { "id": "username", "title": "username", "fieldType": "Text", "value": "wendy" },
                { "id": "password", "title": "password", "fieldType": "Concealed", "value": "hunter2" },
                { "id": "p2", "title": "password", "sectionId": "one", "fieldType": "Concealed", "value": "in a section" },
                { "id": "key", "title": "Key", "sectionId": "two", "fieldType": "Text", "value": "£ 日本" },
                { "id": "a", "title": "twice", "sectionId": "one", "fieldType": "Text", "value": "1" },
                { "id": "b", "title": "twice", "sectionId": "three", "fieldType": "Text", "value": "2" },
                { "id": "otp", "title": "code", "sectionId": "one", "fieldType": "Totp", "value": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP" },
            ],
        }))
        .await;
    account.login("Same", "1").await;
    account.login("same", "2").await;
    account
}

#[tokio::test]
async fn finds_by_title_id_and_section() {
    let account = account_with_items().await;
    let core = account.core().await;
    for (reference, value) in [
        ("op://Development/Example/password", "hunter2"),
        ("op://development/EXAMPLE/Password", "hunter2"),
        ("op://Development/Example/access/password", "in a section"),
        ("op://Development/Example/Access/key", "£ 日本"),
        ("op://Development/Example/one/twice", "1"),
    ] {
        assert_eq!(resolve(&core, reference).await.unwrap(), json!(value), "{reference}");
    }
    let by_id = format!("op://{}/{}/username", account.vault_id, item_id(&account, &core, "Example").await);
    assert_eq!(resolve(&core, &by_id).await.unwrap(), json!("wendy"));
    let code = resolve(&core, "op://Development/Example/one/code?attribute=otp").await.unwrap();
    assert_eq!(code.as_str().unwrap().len(), 6);
}

async fn item_id(account: &TestAccount, core: &op_core::Core, title: &str) -> String {
    let items = invoke(core, "ItemsList", json!({ "vault_id": account.vault_id, "filters": [] })).await.unwrap();
    let item = items.as_array().unwrap().iter().find(|item| item["title"] == title).unwrap();
    item["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_missing_or_ambiguous_has_its_own_error() {
    let account = account_with_items().await;
    let second = new_vault(&account.owner, "Twin").await;
    let core = account.core().await;
    for (reference, text) in [
        ("op://Nowhere/Example/password", "no vault matched the secret reference query"),
        ("op://Development/Nothing/password", "no item matched the secret reference query"),
        ("op://Development/Same/password", "more than one item matched the secret reference query"),
        ("op://Development/Example/nothing", "the specified field cannot be found within the item"),
        ("op://Development/Example/twice", "more than one field matched the secret reference"),
        ("op://Development/Example/nosection/key", "no section matched the secret reference"),
        ("op://Development/Example/password?attribute=otp", "TOTP attribute can only be applied to TOTP-type fields"),
        (
            "op://Development/Example/password?ssh-format=openssh",
            "SSH key formatting can only be applied to a private key field",
        ),
        ("nothing", "the secret reference could not be parsed: secret reference is not prefixed with \"op://\""),
    ] {
        let error = resolve(&core, reference).await.unwrap_err();
        assert_eq!(error["name"], "ResolvingSecretReference", "{reference}");
        assert_eq!(error["message"], json!(format!("error resolving secret reference: {text}")), "{reference}");
    }
    // The service account does not see the other vault, by title or by id.
    let hidden = resolve(&core, &format!("op://{second}/x/y")).await.unwrap_err();
    assert!(hidden["message"].as_str().unwrap().ends_with("no vault matched the secret reference query"));
}

#[tokio::test]
async fn ambiguous_vault_titles_are_refused() {
    let account = TestAccount::create().await;
    new_vault(&account.owner, "development").await;
    let owner = &account.owner;
    use op_core::methods::{ClientMethod, SecretsResolve};
    let error = SecretsResolve { secret_reference: "op://Development/x/y".into() }.run(owner).await.unwrap_err();
    assert!(error.message().ends_with("more than one vault matched the secret reference query"));
}

#[tokio::test]
async fn resolve_all_answers_each_reference_and_fetches_each_item_once() {
    let account = account_with_items().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    resolve(&core, "op://Development/Example/password").await.unwrap();
    wire.take_requests();

    let references = [
        "op://Development/Example/password",
        "op://Development/Example/username",
        "op://Development/Example/password",
        "op://Development/Nothing/password",
        "op://Nowhere/x/y",
        "broken",
    ];
    let answer = invoke(&core, "SecretsResolveAll", json!({ "secret_references": references })).await.unwrap();
    let each = answer["individualResponses"].as_object().unwrap();
    assert_eq!(each.len(), 5);
    assert_eq!(each["op://Development/Example/password"]["content"]["secret"], "hunter2");
    assert_eq!(each["op://Development/Example/username"]["content"]["secret"], "wendy");
    assert_eq!(each["op://Development/Nothing/password"]["error"]["type"], "itemNotFound");
    assert_eq!(each["op://Nowhere/x/y"]["error"]["type"], "vaultNotFound");
    assert_eq!(each["broken"]["error"]["type"], "parsing");

    let requests = wire.take_requests();
    let count = |part: &str| requests.iter().filter(|line| line.contains(part)).count();
    // The item that was seen before is fetched at once; what may be missing is looked up.
    assert_eq!((count("/v1/vaults"), count("/overviews"), count("/item/")), (1, 1, 1), "{requests:?}");
    assert_eq!(requests.len(), 3, "{requests:?}");
}

#[tokio::test]
async fn no_references_take_no_request() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    wire.take_requests();
    let answer = invoke(&core, "SecretsResolveAll", json!({ "secret_references": [] })).await.unwrap();
    assert_eq!(answer, json!({ "individualResponses": {} }));
    assert_eq!(wire.take_requests().len(), 0);
}

#[tokio::test]
async fn a_first_secret_takes_at_most_seven_round_trips_and_a_warm_one_by_id_one() {
    let account = account_with_items().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let another = account.core().await;
    let reference = format!("op://{}/{}/password", account.vault_id, item_id(&account, &another, "Example").await);
    resolve(&core, &reference).await.unwrap();
    // Four to sign in; vault, keysets and item go out together.
    assert_eq!(wire.take_requests().len(), 7);
    resolve(&core, &reference).await.unwrap();
    assert_eq!(wire.take_requests().len(), 1);
}

#[tokio::test]
async fn many_at_once_overlap_and_identical_reads_are_one() {
    let account = account_with_items().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let reference = format!("op://{}/{}/password", account.vault_id, item_id(&account, &core, "Example").await);
    wire.take_requests();
    let calls = (0..100).map(|_| {
        let (core, reference) = (core.clone(), reference.clone());
        tokio::spawn(async move { resolve(&core, &reference).await.unwrap() })
    });
    for value in futures_util::future::join_all(calls).await {
        assert_eq!(value.unwrap(), json!("hunter2"));
    }
    assert!(wire.take_requests().len() < 100, "reads at the same time are shared");
}

#[tokio::test]
async fn a_known_title_takes_one_request_and_is_looked_up_again_when_its_vault_changes() {
    let account = account_with_items().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let reference = "op://Development/Example/password";
    resolve(&core, reference).await.unwrap();
    assert_eq!(wire.take_requests().len(), 8, "four to sign in, vault list and keysets, overviews, item");
    resolve(&core, reference).await.unwrap();
    assert_eq!(wire.take_requests().len(), 1);

    account.login("Other", "1").await;
    resolve(&core, reference).await.unwrap();
    assert_eq!(wire.take_requests().len(), 2, "the vault changed: its titles are read again");
    resolve(&core, reference).await.unwrap();
    assert_eq!(wire.take_requests().len(), 1);

    account.login("Example", "another").await;
    let error = resolve(&core, reference).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().ends_with("more than one item matched the secret reference query"));
}

#[tokio::test]
async fn a_client_knows_of_its_own_renames() {
    let account = account_with_items().await;
    let core = account.core().await;
    let read = "op://Development/Example/password";
    resolve(&core, read).await.unwrap();
    let other = new_vault(&account.owner, "Other").await;
    let item = json!({
        "category": "Login", "title": "Example",
        "fields": [{ "id": "password", "title": "password", "fieldType": "Concealed", "value": "the other's" }],
    });
    account.item_in(&other, item).await;
    use op_core::methods::{ClientMethod, SecretsResolve, VaultsUpdate};
    let owner = &account.owner;
    SecretsResolve { secret_reference: read.into() }.run(owner).await.unwrap();
    for (vault_id, title) in [(&account.vault_id, "Old"), (&other, "Development")] {
        let params = op_core::types::VaultUpdateParams { title: Some(title.into()), description: None };
        VaultsUpdate { vault_id: id(vault_id), params }.run(owner).await.unwrap();
    }
    let resolved = SecretsResolve { secret_reference: read.into() }.run(owner).await.unwrap();
    assert_eq!(resolved, "the other's");
}

#[tokio::test]
async fn what_is_missing_is_never_said_from_memory() {
    let account = account_with_items().await;
    let core = account.core().await;
    resolve(&core, "op://Development/Example/password").await.unwrap();
    resolve(&core, "op://Development/Later/password").await.unwrap_err();
    account.login("Later", "now").await;
    assert_eq!(resolve(&core, "op://Development/Later/password").await.unwrap(), json!("now"));
}

#[tokio::test]
async fn a_stored_key_that_is_refused_says_why() {
    let account = TestAccount::create().await;
    let bare = Bare::sign_in(host(), &account.token).await.unwrap();
    let core = account.core().await;
    let refused = vectors::json("ssh-keys.json")["refused"].clone();
    let stored = |case: &Value| {
        let field = json!({"n": "private_key", "t": "private key", "k": "sshKey", "v": case["text"]});
        json!({"templateUuid": "114", "overview": {"title": "key"},
            "details": {"sections": [{"name": "s", "title": "", "fields": [field]}]}})
    };
    let items: Vec<Value> = refused.as_array().unwrap().iter().map(stored).collect();
    let ids = bare.put_plain(&account.vault_id, &items).await.unwrap();
    for (id, case) in ids.iter().zip(refused.as_array().unwrap()) {
        let reference = format!("op://{}/{id}/private key?ssh-format=openssh", account.vault_id);
        let error = invoke(&core, "SecretsResolve", json!({ "secret_reference": reference })).await.unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("unable to properly parse private key"), "{}: {message}", case["why"]);
        assert!(message.contains(case["says"].as_str().unwrap()), "{}: {message}", case["why"]);
    }
}
