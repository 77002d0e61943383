//! Sharing items against the real server: what recipients get, what is refused, and what becomes of shares.

use op_core::{
    Core, admin,
    shares::{ReceivedShare, ShareError},
};
use op_protocol::{
    permissions::{READ_ITEMS, REVEAL_ITEM_PASSWORD},
    rest::{SharePolicy, ShareState},
};
use op_testkit::{
    TestAccount, Wire,
    account::{host, invoke},
    bare::Bare,
};
use serde_json::{Value, json};

use crate::support::id;

async fn policy(core: &Core, item: &Value) -> Value {
    let ids = json!({ "vault_id": item["vaultId"], "item_id": item["id"] });
    invoke(core, "ItemsSharesGetAccountPolicy", ids).await.unwrap()
}

async fn share(core: &Core, item: &Value, params: Value) -> Result<String, Value> {
    let mut params = params;
    params.as_object_mut().unwrap().entry("oneTimeOnly").or_insert(json!(false));
    let policy = policy(core, item).await;
    let parameters = json!({ "item": item, "policy": policy, "params": params });
    invoke(core, "ItemsSharesCreate", parameters).await.map(|link| link.as_str().unwrap().to_owned())
}

async fn list(core: &Core, params: Value) -> Vec<Value> {
    let shares = invoke(core, "ItemsSharesList", json!({ "params": params })).await.unwrap();
    shares.as_array().unwrap().clone()
}

async fn login(account: &TestAccount) -> Value {
    serde_json::to_value(account.login("Example", "hunter2").await).unwrap()
}

/// Opens a link of this account's server, whatever address it names.
fn receive(link: &str) -> ReceivedShare {
    ReceivedShare::new(host(), link).unwrap()
}

#[tokio::test]
async fn a_shared_item_opens_by_its_link() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = login(&account).await;
    let link = share(&core, &item, json!({})).await.unwrap();
    let share = receive(&link);
    let status = share.status().await.unwrap();
    assert_eq!((status.state, status.needs_email, status.needs_password), (ShareState::Active, false, false));
    let opened = share.open(None).await.unwrap();
    let shown = serde_json::to_value(&opened.item).unwrap();
    for member in ["title", "category", "fields", "sections", "notes", "tags", "websites", "files"] {
        assert_eq!(shown[member], item[member], "{member}");
    }
    let listed = list(&core, json!({ "itemId": item["id"] })).await;
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["link"], &listed[0]["title"]), (&json!(link), &item["title"]));
    assert_eq!(listed[0]["views"], 1);

    share.end().await.unwrap();
    let over = receive(&link).open(None).await.err().unwrap();
    assert!(matches!(over, ShareError::Over(ShareState::Ended)), "{over:?}");
    let id = &listed[0]["id"];
    let ended = invoke(&core, "ItemsSharesGet", json!({ "share_id": id })).await.unwrap();
    assert_eq!((&ended["state"], &ended["link"], &ended["title"]), (&json!("ended"), &json!(null), &json!(null)));
    assert_eq!(ended["viewsLog"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_password_opens_a_share_and_the_link_alone_does_not() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = login(&account).await;
    let link = share(&core, &item, json!({ "password": "correct horse" })).await.unwrap();
    for wrong in [None, Some("wrong horse")] {
        let refused = receive(&link).open(wrong).await.err().unwrap();
        assert!(matches!(refused, ShareError::WrongPassword), "{refused:?}");
    }
    let opened = receive(&link).open(Some("correct horse")).await.unwrap();
    assert_eq!(opened.item.title, "Example");
    let listed = list(&core, json!({})).await;
    assert_eq!((&listed[0]["hasPassword"], &listed[0]["title"]), (&json!(true), &json!(null)));
    assert_eq!(listed[0]["link"], json!(link));
}

/// Machines write `é` as one character, or as a letter and an accent.
#[tokio::test]
async fn a_password_is_the_same_however_it_is_typed() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = login(&account).await;
    let (composed, decomposed) = ("\u{e9} \u{30ac} \u{d55c}", "e\u{301} \u{30ab}\u{3099} \u{1112}\u{1161}\u{11ab}");
    for (shared, typed) in [(composed, decomposed), (decomposed, composed)] {
        let link = share(&core, &item, json!({ "password": shared })).await.unwrap();
        assert_eq!(receive(&link).open(Some(typed)).await.unwrap().item.title, "Example");
        let refused = receive(&link).open(Some("e")).await.err().unwrap();
        assert!(matches!(refused, ShareError::WrongPassword), "{refused:?}");
    }
}

#[tokio::test]
async fn views_are_counted_and_a_revoked_share_is_over() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = login(&account).await;
    let once = share(&core, &item, json!({ "oneTimeOnly": true })).await.unwrap();
    let first = receive(&once);
    first.open(None).await.unwrap();
    first.open(None).await.unwrap();
    let spent = receive(&once).open(None).await.err().unwrap();
    assert!(matches!(spent, ShareError::Over(ShareState::Spent)), "{spent:?}");

    let twice = share(&core, &item, json!({ "maxViews": 2 })).await.unwrap();
    assert_eq!(receive(&twice).open(None).await.unwrap().views_left, Some(1));
    let listed = list(&core, json!({ "vaultId": account.vault_id })).await;
    let id = listed.iter().find(|share| share["maxViews"] == 2).map(|share| share["id"].clone()).unwrap();
    invoke(&core, "ItemsSharesRevoke", json!({ "share_id": id })).await.unwrap();
    let revoked = receive(&twice).open(None).await.err().unwrap();
    assert!(matches!(revoked, ShareError::Over(ShareState::Revoked)), "{revoked:?}");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_anything_is_sent() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let item = login(&account).await;
    let policy = policy(&core, &item).await;
    wire.take_requests();
    let with = |change: Value| {
        let mut policy = policy.clone();
        policy.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        policy
    };
    let email = json!([{ "type": "Email", "parameters": { "email": "ada@example.com" } }]);
    for (policy, params, name, text) in [
        (with(json!({ "allowedTypes": ["Authenticated"] })), json!({}), "BadInput", "forbidden recipient type"),
        (with(json!({ "allowedTypes": [] })), json!({ "recipients": email }), "BadInput", "forbidden recipient type"),
        (policy.clone(), json!({ "maxViews": 0 }), "BadInput", "at least 1"),
        (policy.clone(), json!({ "maxViews": 2, "oneTimeOnly": true }), "BadInput", "only once"),
        (policy.clone(), json!({ "password": "" }), "BadInput", "must not be empty"),
    ] {
        let mut params = params;
        params.as_object_mut().unwrap().entry("oneTimeOnly").or_insert(json!(false));
        let parameters = json!({ "item": item, "policy": policy, "params": params });
        let error = invoke(&core, "ItemsSharesCreate", parameters).await.unwrap_err();
        assert_eq!(error["name"], name, "{error}");
        assert!(error["message"].as_str().unwrap().contains(text), "{error}");
    }
    for bad in [
        "",
        " ",
        "a",
        "a@b",
        "@",
        ".com",
        "*.b.com",
        "http://b.com",
        "b.c.d.e",
        "a b@c.com",
        "a@b@c.com",
        "a@b.c",
        "-b.com",
        "b_c.com",
        "a@b.123",
        "127.0.0.1",
        "a@bücher.de",
        "<a@b.com>",
        "a@b.com,c@d.com",
        "a@b.com.",
    ] {
        let parameters = json!({ "policy": policy, "recipients": ["ada@example.com", bad] });
        let error = invoke(&core, "ItemsSharesValidateRecipients", parameters).await.unwrap_err();
        let text = "bad input passed by the user: couldn't parse item share recipient. recipient had invalid format";
        assert_eq!((&error["name"], error["message"].as_str().unwrap().starts_with(text)), (&json!("BadInput"), true));
    }
    assert_eq!(wire.take_requests(), Vec::<String>::new());

    let good = [" A@B.com ", "a@b.com", "@example.com", "example.com", "x.y.example.co.uk", "b.123", "ä@b.com"];
    let parameters = json!({ "policy": policy, "recipients": good });
    let valid = invoke(&core, "ItemsSharesValidateRecipients", parameters).await.unwrap();
    let texts: Vec<_> = valid.as_array().unwrap().iter().map(|each| &each["parameters"]).collect();
    let email = |email: &str| json!({ "email": email });
    let domain = |domain: &str| json!({ "domain": domain });
    let expected =
        [email("a@b.com"), domain("example.com"), domain("x.y.example.co.uk"), domain("b.123"), email("ä@b.com")];
    assert_eq!(texts, expected.iter().collect::<Vec<_>>());
}

/// A field that this version does not know is shared as it is stored, although callers see no value of it.
#[tokio::test]
async fn what_callers_do_not_see_is_shared_too() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let field = json!({ "n": "f", "t": "f", "k": "future", "v": { "deep": [1, 2] } });
    let plain = json!({ "templateUuid": "003", "overview": { "title": "Unusual" },
        "details": { "sections": [{ "name": "s", "title": "", "fields": [field] }] } });
    let bare = Bare::sign_in(host(), &account.token).await.unwrap();
    let ids = bare.put_plain(&account.vault_id, &[plain]).await.unwrap();
    let ids = json!({ "vault_id": account.vault_id, "item_id": ids[0] });
    let stored = invoke(&core, "ItemsGet", ids).await.unwrap();
    let link = share(&core, &stored, json!({})).await.unwrap();
    let opened = receive(&link).open(None).await.unwrap();
    let shown = serde_json::to_value(&opened.item).unwrap();
    assert_eq!((&shown["fields"], &shown["fields"][0]["fieldType"]), (&stored["fields"], &json!("Unsupported")));
}

/// They would lead nowhere.
#[tokio::test]
async fn references_to_other_items_are_left_out() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let other = login(&account).await;
    let field = |id: &str, section: &str, kind: &str, value: &Value| json!({ "id": id, "title": id, "sectionId": section, "fieldType": kind, "value": value });
    let params = json!({
        "category": "SecureNote", "vaultId": account.vault_id, "title": "Refers",
        "sections": [{ "id": "some", "title": "Some" }, { "id": "all", "title": "All" }],
        "fields": [
            field("text", "some", "Text", &json!("kept")),
            field("one", "some", "Reference", &other["id"]),
            field("two", "all", "Reference", &other["id"]),
        ],
    });
    let item = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    let link = share(&core, &item, json!({})).await.unwrap();
    let opened = serde_json::to_value(receive(&link).open(None).await.unwrap().item).unwrap();
    let ids: Vec<_> = opened["fields"].as_array().unwrap().iter().map(|field| &field["id"]).collect();
    assert_eq!((json!(ids), &opened["sections"]), (json!(["text"]), &item["sections"]));
}

#[tokio::test]
async fn files_are_shared_with_their_item() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let params = json!({
        "category": "Document", "vaultId": account.vault_id, "title": "With files",
        "document": { "name": "all.bin", "content": (0..=255).collect::<Vec<u8>>() },
        "sections": [{ "id": "s", "title": "S" }],
        "files": [{ "name": "f.txt", "content": [1, 2], "sectionId": "s", "fieldId": "f" }],
    });
    let item = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    let link = share(&core, &item, json!({})).await.unwrap();
    // A share holds its files, whatever becomes of the item.
    let ids = json!({ "vault_id": item["vaultId"], "item_id": item["id"] });
    invoke(&core, "ItemsDelete", ids).await.unwrap();
    let received = receive(&link);
    let opened = received.open(None).await.unwrap();
    let document = opened.item.document.as_ref().unwrap();
    assert_eq!(&*received.file(&opened, &document.id).await.unwrap(), (0..=255).collect::<Vec<u8>>());
    let file = &opened.item.files[0].attributes;
    assert_eq!((file.name.as_str(), &*received.file(&opened, &file.id).await.unwrap()), ("f.txt", &[1, 2][..]));

    let item = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    let mut policy = policy(&core, &item).await;
    policy["files"]["maxSize"] = json!(17);
    let mut parameters = json!({ "item": item, "policy": policy, "params": { "oneTimeOnly": false } });
    let error = invoke(&core, "ItemsSharesCreate", parameters.clone()).await.unwrap_err();
    assert_eq!(error["name"], "FileTooBig", "{error}");
    parameters["policy"]["files"]["allowed"] = json!(false);
    let error = invoke(&core, "ItemsSharesCreate", parameters).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("cannot share items with files"), "{error}");
}

#[tokio::test]
async fn sharing_needs_its_permission() {
    let account = TestAccount::create().await;
    let item = login(&account).await;
    let core = account.core().await;
    let policy = policy(&core, &item).await;
    let token = account.token_with(READ_ITEMS | REVEAL_ITEM_PASSWORD).await;
    let core = account.core_of(host(), &token).await;
    let ids = json!({ "vault_id": item["vaultId"], "item_id": item["id"] });
    let params = json!({ "oneTimeOnly": false });
    for (method, parameters) in [
        ("ItemsSharesGetAccountPolicy", ids),
        ("ItemsSharesCreate", json!({ "item": item, "policy": policy, "params": params })),
    ] {
        let error = invoke(&core, method, parameters).await.unwrap_err();
        assert_eq!(error["name"], "PermissionDenied", "{method}: {error}");
    }
}

#[tokio::test]
async fn an_outdated_item_is_not_shared() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = login(&account).await;
    let mut edited = item.clone();
    edited["title"] = json!("Renamed");
    invoke(&core, "ItemsPut", json!({ "item": edited })).await.unwrap();
    let error = share(&core, &item, json!({})).await.unwrap_err();
    assert_eq!((&error["name"], &error["field"]), (&json!("ItemOutdated"), &json!("item.version")));
}

#[tokio::test]
async fn shares_survive_a_change_of_the_vaults_key() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = login(&account).await;
    let link = share(&core, &item, json!({})).await.unwrap();
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    assert_eq!(receive(&link).open(None).await.unwrap().item.title, "Example");
    assert_eq!(list(&core, json!({})).await[0]["link"], json!(link));
    // A client that has only the old key.
    let second = share(&core, &item, json!({})).await.unwrap();
    let fresh = account.core().await;
    let links: Vec<_> = list(&fresh, json!({})).await.iter().map(|share| share["link"].clone()).collect();
    assert!(links.contains(&json!(link)) && links.contains(&json!(second)), "{links:?}");
}

#[tokio::test]
async fn administrators_narrow_what_may_be_shared() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = login(&account).await;
    let owner = &account.owner;
    let of_account = admin::share_policy(owner).await.unwrap();
    let narrow = SharePolicy { max_expiry: 86_400, default_expiry: 3600, max_views: Some(3), ..of_account.clone() };
    admin::set_vault_share_policy(owner, &id(&account.vault_id), &narrow).await.unwrap();
    let shown = policy(&core, &item).await;
    assert_eq!((&shown["maxExpiry"], &shown["defaultExpiry"]), (&json!("OneDay"), &json!("OneHour")));
    assert_eq!(shown["maxViews"], 3);
    let error = share(&core, &item, json!({ "expireAfter": "ThirtyDays" })).await.unwrap_err();
    assert_eq!(error["status"], 400, "{error}");
    assert_eq!(admin::vault_share_policy(owner, &id(&account.vault_id)).await.unwrap().max_views, Some(3));
    admin::clear_vault_share_policy(owner, &id(&account.vault_id)).await.unwrap();
    share(&core, &item, json!({ "expireAfter": "ThirtyDays" })).await.unwrap();

    let nothing = SharePolicy { allowed_types: Vec::new(), ..of_account };
    admin::set_share_policy(owner, &nothing).await.unwrap();
    let error = share(&core, &item, json!({})).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("forbidden recipient type"), "{error}");
}
