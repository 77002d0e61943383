//! Items searched for in all vaults.

use op_core::Core;
use op_testkit::{TestAccount, Wire, account::invoke};
use serde_json::{Value, json};

async fn account() -> TestAccount {
    let account = TestAccount::create().await;
    let website = |url: &str| json!([{ "url": url, "label": "website", "autofillBehavior": "AnywhereOnWebsite" }]);
    let login = |title: &str, username: &str, tags: Value, url: &str| {
        json!({
            "category": "Login", "title": title, "tags": tags, "websites": website(url),
            "fields": [{ "id": "username", "title": "username", "fieldType": "Text", "value": username }],
        })
    };
    account.item(login("GitHub", "Ada@example.com", json!(["work/code", "team"]), "https://github.com/login")).await;
    account.item(login("GitLab", "grace", json!(["work"]), "https://gitlab.example.com")).await;
    account
        .item(json!({ "category": "SecureNote", "title": "Notes on Git", "notes": "x", "tags": ["workshop"] }))
        .await;
    account
}

async fn search(core: &Core, params: Value) -> Result<Vec<String>, Value> {
    let found = invoke(core, "ItemsSearch", json!({ "params": params })).await?;
    Ok(found.as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn an_item_has_to_fit_everything_that_is_asked() {
    let account = account().await;
    let core = account.core().await;
    for (params, expected) in [
        (json!({}), ["GitHub", "GitLab", "Notes on Git"].as_slice()),
        (json!({ "title": "git" }), &["GitHub", "GitLab", "Notes on Git"]),
        (json!({ "title": "gith" }), &["GitHub"]),
        (json!({ "tags": ["Work"] }), &["GitHub", "GitLab"]),
        (json!({ "tags": ["work", "team"] }), &["GitHub"]),
        (json!({ "categories": ["SecureNote", "Server"] }), &["Notes on Git"]),
        (json!({ "username": "ada@" }), &["GitHub"]),
        (json!({ "username": "grace", "title": "hub" }), &[]),
        (json!({ "website": "https://EXAMPLE.com/x" }), &["GitLab"]),
        (json!({ "website": "gist.github.com" }), &["GitHub"]),
        (json!({ "updatedSince": "2020-01-01T00:00:00+02:00" }), &["GitHub", "GitLab", "Notes on Git"]),
        (json!({ "updatedSince": "2999-01-01T00:00:00.5Z" }), &[]),
        (json!({ "vaultIds": [] }), &[]),
        (json!({ "states": ["archived"] }), &[]),
    ] {
        let mut found = search(&core, params.clone()).await.unwrap();
        found.sort();
        assert_eq!(found, expected, "{params}");
    }
    let ids = invoke(&core, "ItemsSearch", json!({ "params": { "title": "GitLab" } })).await.unwrap();
    let id = json!({ "vault_id": account.vault_id, "item_id": ids[0]["id"] });
    invoke(&core, "ItemsArchive", id).await.unwrap();
    assert_eq!(search(&core, json!({ "states": ["archived"] })).await.unwrap(), ["GitLab"]);
    assert_eq!(search(&core, json!({ "states": ["archived", "active"] })).await.unwrap().len(), 3);
}

#[tokio::test]
async fn all_vaults_take_one_request_each_and_one_for_their_list() {
    let account = account().await;
    let second = op_testkit::account::new_vault(&account.owner, "Second").await;
    account.item_in(&second, json!({ "category": "SecureNote", "title": "Hidden", "notes": "x" })).await;
    let rights = op_protocol::permissions::parse_grants("read_items").unwrap();
    let grants = [account.vault_id.clone(), second.clone()].map(|vault_id| (vault_id, rights));
    let token = account.token_for(&grants).await;
    let wire = Wire::new();
    let core = account.core_of(wire.clone(), &token).await;
    wire.take_requests();
    assert_eq!(search(&core, json!({ "title": "" })).await.unwrap().len(), 4);
    let requests = wire.take_requests();
    let listings = requests.iter().filter(|line| line.ends_with("/items/overviews")).count();
    assert_eq!((listings, requests.len()), (2, 4), "the vaults' list, the keysets, two listings: {requests:?}");
    search(&core, json!({})).await.unwrap();
    assert_eq!(wire.take_requests().len(), 3);
    let named = search(&core, json!({ "vaultIds": [second, second] })).await.unwrap();
    assert_eq!((named, wire.take_requests().len()), (vec!["Hidden".to_owned()], 1));
}

#[tokio::test]
async fn bad_questions_and_vaults_out_of_reach_are_refused() {
    let account = account().await;
    let hidden = op_testkit::account::new_vault(&account.owner, "Hidden").await;
    let core = account.core().await;
    for (params, name, field) in [
        (json!({ "vaultIds": ["x"] }), "InvalidConfiguration", "params.vaultIds"),
        (json!({ "updatedSince": "yesterday" }), "InvalidConfiguration", "params.updatedSince"),
        (json!({ "website": "https://" }), "InvalidConfiguration", "params.website"),
        (json!({ "categories": ["Nonsense"] }), "InvalidConfiguration", "params.categories[0]"),
    ] {
        let error = search(&core, params.clone()).await.unwrap_err();
        assert_eq!((&error["name"], &error["field"]), (&json!(name), &json!(field)), "{params}");
    }
    let error = search(&core, json!({ "vaultIds": [account.vault_id, hidden] })).await.unwrap_err();
    assert_eq!(error["name"], "NotFound");
}
