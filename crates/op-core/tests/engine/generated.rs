//! Any item that the types allow comes back from the server as it was made. `OPWIRE_GENERATED` says how many are tried,
//! `OPWIRE_SEED` which.

use base64ct::Encoding;
use op_testkit::{TestAccount, account::invoke, generate};
use serde_json::{Value, json};

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What is compared: all but what follows from the rest.
fn shown(item: &Value) -> Value {
    let mut fields = item["fields"].clone();
    for field in fields.as_array_mut().unwrap() {
        let field = field.as_object_mut().unwrap();
        if field["fieldType"] != "Address" || field.get("details").is_some_and(|details| details["content"].is_null()) {
            field.remove("details");
        }
        field.retain(|_, member| !member.is_null());
    }
    let mut files = item["files"].clone();
    let mut document = item["document"].clone();
    let attributes =
        files.as_array_mut().unwrap().iter_mut().map(|file| &mut file["attributes"]).chain([&mut document]);
    for attributes in attributes.filter_map(Value::as_object_mut) {
        attributes.remove("id");
    }
    let mut shown = json!({ "fields": fields, "files": files, "document": document });
    for member in ["category", "title", "notes", "tags", "websites", "sections"] {
        shown[member] = item[member].clone();
    }
    shown
}

/// The files of an item, or of what is to be created, a Document's own first.
fn files(item: &Value) -> impl Iterator<Item = &Value> {
    let document = item.get("document").filter(|document| !document.is_null());
    document.into_iter().chain(item["files"].as_array().unwrap())
}

/// The bytes of a file to create, as the public form has them.
fn numbers(file: &Value) -> Value {
    base64ct::Base64::decode_vec(file["content"].as_str().unwrap()).unwrap().into()
}

/// The parameters with the content of files as the public form has it.
fn public_form(mut params: Value) -> Value {
    if params.get("document").is_some() {
        params["document"]["content"] = numbers(&params["document"]);
    }
    for file in params["files"].as_array_mut().unwrap() {
        file["content"] = numbers(file);
    }
    params
}

fn contents(responses: &Value) -> Vec<&Value> {
    let responses = responses["individualResponses"].as_array().unwrap();
    responses.iter().inspect(|each| assert!(each["error"].is_null(), "{each}")).map(|each| &each["content"]).collect()
}

#[tokio::test]
async fn any_item_comes_back_as_it_was_made() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let cases =
        generate::items(variable("OPWIRE_SEED", 1), variable("OPWIRE_GENERATED", 115) as usize, &account.vault_id);
    let params: Vec<Value> = cases.iter().map(|case| public_form(case.params.clone())).collect();
    let created =
        invoke(&core, "ItemsCreateAll", json!({ "vault_id": account.vault_id, "params": params })).await.unwrap();
    let ids: Vec<&Value> = contents(&created).iter().map(|item| &item["id"]).collect();
    let got = invoke(&core, "ItemsGetAll", json!({ "vault_id": account.vault_id, "item_ids": ids })).await.unwrap();
    for ((case, created), got) in cases.iter().zip(contents(&created)).zip(contents(&got)) {
        assert_eq!(shown(created), shown(&case.expected), "created: {}", case.params);
        assert_eq!(shown(got), shown(&case.expected), "read: {}", case.params);

        let (mut edited, mut expected) = (got.clone(), case.expected.clone());
        for item in [&mut edited, &mut expected] {
            item["title"] = case.edit["title"].clone();
            if let Some(field) = case.edit["field"].as_u64() {
                item["fields"][field as usize]["value"] = case.edit["value"].clone();
            }
        }
        let put = invoke(&core, "ItemsPut", json!({ "item": edited })).await.unwrap();
        assert_eq!(shown(&put), shown(&expected), "edited: {}", case.params);
        let id = json!({ "vault_id": account.vault_id, "item_id": got["id"] });
        let again = invoke(&core, "ItemsGet", id).await.unwrap();
        assert_eq!((shown(&again), &again["version"]), (shown(&expected), &json!(2)));
        for (read, created) in files(&again).zip(files(&case.params)) {
            let attributes = read.get("attributes").unwrap_or(read);
            let parameters = json!({ "vault_id": account.vault_id, "item_id": got["id"], "attr": attributes });
            assert_eq!(invoke(&core, "ItemsFilesRead", parameters).await.unwrap(), numbers(created));
        }
    }
}
