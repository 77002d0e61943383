//! What callers leave out or set to null, and names that stand for nothing.

use op_core::Core;
use op_testkit::{
    TestAccount,
    account::{config, host, invoke},
};
use serde_json::{Value, json};

const LISTS: [&str; 5] = ["fields", "sections", "tags", "websites", "files"];

/// The object with these members null, and without them.
fn without(object: &Value, names: &[&str]) -> [Value; 2] {
    let (mut null, mut missing) = (object.clone(), object.clone());
    for name in names {
        null[name] = Value::Null;
        missing.as_object_mut().unwrap().remove(*name);
    }
    [null, missing]
}

fn login(vault_id: &str) -> Value {
    json!({
        "category": "Login", "vaultId": vault_id, "title": "Full", "notes": "n", "tags": ["a"],
        "fields": [{ "id": "username", "title": "username", "fieldType": "Text", "value": "wendy" }],
        "sections": [{ "id": "s", "title": "S" }],
        "websites": [{ "url": "https://example.com", "label": "website", "autofillBehavior": "Never" }],
    })
}

fn lists(item: &Value) -> Vec<&Value> {
    LISTS.iter().map(|name| &item[name]).collect()
}

#[tokio::test]
async fn lists_of_items_may_be_null_or_missing() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let (vault_id, empty) = (account.vault_id.as_str(), [json!([]), json!([]), json!([]), json!([]), json!([])]);
    for params in without(&login(vault_id), &[LISTS.as_slice(), &["notes", "document"]].concat()) {
        let item = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
        assert_eq!(lists(&item), empty.each_ref());
        let made = invoke(&core, "ItemsCreateAll", json!({ "vault_id": vault_id, "params": [params] })).await.unwrap();
        assert_eq!(lists(&made["individualResponses"][0]["content"]), empty.each_ref());
    }
    for name in LISTS {
        for how in [0, 1] {
            let full = invoke(&core, "ItemsCreate", json!({ "params": login(vault_id) })).await.unwrap();
            let edited = &without(&full, &[name])[how];
            let put = invoke(&core, "ItemsPut", json!({ "item": edited })).await.unwrap();
            assert_eq!(put[name], json!([]), "{name}");
            for other in LISTS.iter().filter(|other| **other != name) {
                assert_eq!(put[other], full[other], "{other} is as it was without {name}");
            }
        }
    }
}

#[tokio::test]
async fn an_item_keeps_its_files_when_the_list_of_them_is_left_out() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let mut params = login(&account.vault_id);
    params["files"] = json!([{ "name": "a.txt", "content": [65], "sectionId": "s", "fieldId": "f" }]);
    let mut item = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    for how in [0, 1] {
        let edited = &without(&item, &["files"])[how];
        let put = invoke(&core, "ItemsPut", json!({ "item": edited })).await.unwrap();
        assert_eq!(put["files"], item["files"]);
        item = put;
    }
}

#[tokio::test]
async fn no_behaviour_is_the_default_one() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let mut params = login(&account.vault_id);
    for website in without(&params["websites"][0], &["autofillBehavior"]) {
        params["websites"] = json!([website]);
        let mut item = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
        assert_eq!(item["websites"][0]["autofillBehavior"], "AnywhereOnWebsite");
        item["websites"] = json!([website, website]);
        let put = invoke(&core, "ItemsPut", json!({ "item": item })).await.unwrap();
        assert_eq!(put["websites"][1]["autofillBehavior"], "AnywhereOnWebsite");
    }
}

#[tokio::test]
async fn a_list_that_is_null_is_empty_and_one_that_is_missing_is_named() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let vault_id = json!(account.vault_id);
    for (method, parameters, list, expected) in [
        ("ItemsGetAll", json!({ "vault_id": vault_id }), "item_ids", json!({ "individualResponses": [] })),
        ("ItemsCreateAll", json!({ "vault_id": vault_id }), "params", json!({ "individualResponses": [] })),
        ("ItemsDeleteAll", json!({ "vault_id": vault_id }), "item_ids", json!({ "individualResponses": {} })),
        ("SecretsResolveAll", json!({}), "secret_references", json!({ "individualResponses": {} })),
        ("VaultsGrantGroupPermissions", json!({ "vault_id": vault_id }), "group_permissions_list", Value::Null),
        ("VaultsUpdateGroupPermissions", json!({}), "group_permissions_list", Value::Null),
        ("SecretsResolveVariables", json!({}), "references", json!({ "errors": {}, "secrets": [], "variables": {} })),
    ] {
        let mut with_null = parameters.clone();
        with_null[list] = Value::Null;
        assert_eq!(invoke(&core, method, with_null).await, Ok(expected), "{method}");
        let error = invoke(&core, method, parameters).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().ends_with(&format!("missing field `{list}`")), "{error}");
    }
    let draft = json!({ "category": "Login", "vaultId": vault_id, "title": "Draft" });
    for draft in without(&draft, &["fields", "tags", "websites", "notes"]) {
        let built = core.invoke_sync(
            &json!({ "invocation": { "parameters": { "name": "ItemsBuild", "parameters": { "draft": draft } } } })
                .to_string(),
        );
        assert_eq!(built.unwrap(), r#"{"fields":[],"sections":[]}"#);
    }
}

#[tokio::test]
async fn options_may_be_null() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let note = json!({ "category": "SecureNote", "vaultId": account.vault_id, "title": "Note" });
    let item = invoke(&core, "ItemsCreate", json!({ "params": note })).await.unwrap();
    for (method, parameters) in [
        ("VaultsList", json!({ "params": null })),
        ("VaultsList", json!({ "params": { "decryptDetails": null } })),
        ("VaultsGet", json!({ "vault_id": account.vault_id, "vault_params": { "accessors": null } })),
        ("ItemsList", json!({ "vault_id": account.vault_id, "filters": null })),
        ("ItemsSearch", json!({ "params": { "vaultIds": null, "title": null, "tags": null, "states": null } })),
        ("SecretsResolveEnv", json!({ "env": "A=1", "known": null })),
        ("ItemsDiff", json!({ "before": item, "after": without(&item, &LISTS)[0] })),
    ] {
        let result = match method {
            "ItemsDiff" => {
                let call = json!({ "invocation": { "parameters": { "name": method, "parameters": parameters } } });
                core.invoke_sync(&call.to_string()).map(|_| Value::Null).map_err(|error| json!(error.message()))
            }
            _ => invoke(&core, method, parameters).await,
        };
        assert!(result.is_ok(), "{method}: {result:?}");
    }
}

#[tokio::test]
async fn names_of_no_category_and_no_type_are_refused_with_those_there_are() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let create = |category: &str, field_type: &str| {
        let field = json!({ "id": "f", "title": "F", "fieldType": field_type, "value": "x" });
        json!({ "category": category, "vaultId": account.vault_id, "title": "t", "fields": [field] })
    };
    let category = "invalid user input: encountered the following errors: An unsupported item category was specified: \
                    expected one of Login, CreditCard, SecureNote, ";
    let field = "invalid user input: encountered the following errors: field 'F' had an unsupported field type: \
                 expected one of Text, CreditCardNumber, Concealed, ";
    let item = invoke(&core, "ItemsCreate", json!({ "params": create("Login", "Text") })).await.unwrap();
    let edited = |change: fn(&mut Value)| {
        let mut item = item.clone();
        change(&mut item);
        json!({ "item": item })
    };
    let in_list = json!({ "params": { "categories": ["login"] } });
    for (method, parameters, expected) in [
        ("ItemsCreate", json!({ "params": create("login", "Text") }), category),
        ("ItemsCreate", json!({ "params": create("Unsupported", "Text") }), category),
        ("ItemsCreate", json!({ "params": create("Login", "text") }), field),
        ("ItemsPut", edited(|item| item["category"] = "login".into()), category),
        ("ItemsPut", edited(|item| item["fields"][0]["fieldType"] = "text".into()), field),
        ("ItemsSearch", in_list, category),
    ] {
        let error = invoke(&core, method, parameters).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().starts_with(expected), "{method}: {error}");
    }
    let both = json!([create("Login", "Text"), create("login", "Text")]);
    let made = invoke(&core, "ItemsCreateAll", json!({ "vault_id": account.vault_id, "params": both })).await.unwrap();
    assert_eq!(made["individualResponses"][0]["content"]["title"], "t");
    assert_eq!(made["individualResponses"][1]["error"]["type"], "itemValidationError");
}

#[tokio::test]
async fn what_is_wrong_with_the_token_is_named_beside_the_rest() {
    let core = Core::new(host());
    let prefix = "invalid user input: encountered the following errors: ";
    for (token, name, version, expected) in [
        (
            "",
            "",
            "",
            "service account token was not specified; integration name was not specified; \
             integration version was not specified",
        ),
        ("", "n", "v", "service account token was not specified"),
        (
            "x",
            "a/b",
            "v",
            "service account token had invalid format: it does not begin with `ops_`, and may be a password: create a \
             service account and pass its token; integration name contained unallowed char: '/'",
        ),
        ("ops_", "", "v", "integration name was not specified"),
    ] {
        let mut config = config(token);
        config["integrationName"] = name.into();
        config["integrationVersion"] = version.into();
        let error = core.init_client(&config.to_string()).await.unwrap_err();
        assert_eq!(error.message(), format!("{prefix}{expected}"));
        let field = if token == "ops_" { "integrationName" } else { "serviceAccountToken" };
        assert_eq!(error.field(), Some(field));
    }
}

#[tokio::test]
async fn a_member_that_a_parameter_does_not_have_is_refused_by_name() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let field = json!({ "id": "f", "title": "f", "fieldType": "Text", "value": "v", "secton": "s" });
    let item = |more: Value| {
        let mut item = json!({ "category": "Login", "vaultId": account.vault_id, "title": "A" });
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "params": item })
    };
    for (method, parameters, path) in [
        ("VaultsList", json!({ "parms": {} }), "parms"),
        ("VaultsList", json!({ "params": { "decryptDetail": true } }), "params.decryptDetail"),
        ("ItemsCreate", item(json!({ "url": "https://a.example" })), "params.url"),
        ("ItemsCreate", item(json!({ "fields": [field] })), "params.fields[0].secton"),
        (
            "GeneratePassword",
            json!({ "recipe": { "type": "Pin", "parameters": { "length": 6, "lenght": 7 } } }),
            "recipe",
        ),
    ] {
        let error = invoke(&core, method, parameters).await.unwrap_err();
        assert_eq!(error["name"], "InvalidInvocation", "{error}");
        assert!(error["field"].as_str().unwrap().starts_with(path), "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("expected ") && message.contains(path.rsplit('.').next().unwrap()), "{error}");
    }
    let items = invoke(&core, "ItemsList", json!({ "vault_id": account.vault_id })).await.unwrap();
    assert_eq!(items, json!([]), "nothing was made");
}

#[tokio::test]
async fn an_item_that_was_read_may_be_made_anew_and_a_null_says_nothing() {
    let account = TestAccount::create().await;
    let id = account.login("Database", "pw").await.id.clone();
    let core = account.core().await;
    let mut item = invoke(&core, "ItemsGet", json!({ "vault_id": account.vault_id, "item_id": id })).await.unwrap();
    item["title"] = "Copy".into();
    item["unheardOf"] = Value::Null;
    let copy = invoke(&core, "ItemsCreate", json!({ "params": item })).await.unwrap();
    assert_ne!(copy["id"], item["id"]);
}
