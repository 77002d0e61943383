//! Files and documents against the real server: their bytes, their place in items, and what goes wrong on the way.

use std::sync::Arc;

use op_core::{Core, Message};
use op_protocol::permissions::{READ_ITEMS, REVEAL_ITEM_PASSWORD};
use op_testkit::{
    FaultProxy, TestAccount, TestServer, Wire,
    account::{config, host, invoke},
    faults::{Fault, Rule},
};
use serde_json::{Value, json};

const MIB: usize = 1 << 20;

/// Calls a method of the client 0 with bytes beside the JSON.
async fn exchange(core: &Core, name: &str, parameters: Value, bytes: &[&[u8]]) -> Result<(Value, Vec<Vec<u8>>), Value> {
    let text = json!({ "invocation": { "clientId": 0, "parameters": { "name": name, "parameters": parameters } } })
        .to_string();
    let attachments = bytes.iter().map(|bytes| bytes.to_vec().into()).collect();
    match core.exchange(Message { text: text.into(), attachments }).await {
        Ok(Message { text, attachments }) => {
            Ok((serde_json::from_str(&text).unwrap(), attachments.into_iter().map(op_core::Bytes::into_vec).collect()))
        }
        Err(error) => Err(serde_json::from_str(&error.to_json()).unwrap()),
    }
}

/// Bytes that no compression or repetition could stand in for.
fn content(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect()
}

async fn document(core: &Core, account: &TestAccount, content: &[u8]) -> Result<Value, Value> {
    let params = json!({
        "category": "Document", "vaultId": account.vault_id, "title": "Doc",
        "document": { "name": "a.txt", "content": { "attachment": 0 } },
    });
    exchange(core, "ItemsCreate", json!({ "params": params }), &[content]).await.map(|(item, _)| item)
}

async fn read(core: &Core, item: &Value, file: &Value) -> Result<Vec<u8>, Value> {
    let parameters = json!({ "vault_id": item["vaultId"], "item_id": item["id"], "attr": file });
    exchange(core, "ItemsFilesRead", parameters, &[]).await.map(|(reference, mut bytes)| {
        assert_eq!(reference, json!({ "attachment": 0 }));
        bytes.remove(0)
    })
}

async fn attach(core: &Core, item: &Value, name: &str, field: &str, content: &[u8]) -> Result<Value, Value> {
    let params = json!({ "name": name, "sectionId": "files", "fieldId": field, "content": { "attachment": 0 } });
    let result = exchange(core, "ItemsFilesAttach", json!({ "item": item, "file_params": params }), &[content]).await;
    result.map(|(item, _)| item)
}

async fn get(core: &Core, item: &Value) -> Value {
    invoke(core, "ItemsGet", json!({ "vault_id": item["vaultId"], "item_id": item["id"] })).await.unwrap()
}

#[tokio::test]
async fn files_of_any_size_come_back_as_they_were() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let mut item = serde_json::to_value(account.login("Files", "hush").await).unwrap();
    for length in [0, 1, MIB, 20 * MIB] {
        let bytes = content(length);
        item = attach(&core, &item, &format!("{length}.bin"), &format!("f{length}"), &bytes).await.unwrap();
        let file = item["files"].as_array().unwrap().last().unwrap();
        assert_eq!(file["attributes"]["size"], length);
        assert_eq!((&file["sectionId"], &file["fieldId"]), (&json!("files"), &json!(format!("f{length}"))));
        assert!(read(&core, &item, &file["attributes"]).await.unwrap() == bytes, "{length} bytes");
    }
    assert_eq!(get(&core, &item).await, item);
    assert_eq!(item["sections"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_public_forms_have_bytes_as_numbers_or_base64() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let all: Vec<u8> = (0..=255).collect();
    let params = json!({
        "category": "Document", "vaultId": account.vault_id, "title": "Doc", "document": { "name": "a", "content": all },
        "sections": [{ "id": "s", "title": "" }],
        "files": [{ "name": "b", "content": "AQI=", "sectionId": "s", "fieldId": "f" }],
    });
    let item = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap();
    assert_eq!(item["document"]["size"], 256);
    for (file, expected) in [(&item["document"], json!(all)), (&item["files"][0]["attributes"], json!([1, 2]))] {
        let parameters = json!({ "vault_id": item["vaultId"], "item_id": item["id"], "attr": file });
        assert_eq!(invoke(&core, "ItemsFilesRead", parameters).await.unwrap(), expected);
    }
    for (content, field) in [
        (json!("YQ"), "params.document.content"),
        (json!([256]), "params.document.content[0]"),
        (json!({ "attachment": 0 }), "params.document.content"),
    ] {
        let mut params = params.clone();
        params["document"]["content"] = content.clone();
        let error = invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap_err();
        assert_eq!(error["name"], "InvalidInvocation");
        assert!(error["field"].as_str().unwrap().starts_with(field), "{content}: {error}");
    }
}

#[tokio::test]
async fn files_stay_with_their_item_until_they_are_deleted() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = document(&core, &account, b"first").await.unwrap();
    let item = attach(&core, &item, "b.txt", "b", b"attached").await.unwrap();

    let mut item = get(&core, &item).await;
    item["title"] = "Renamed".into();
    let item = invoke(&core, "ItemsPut", json!({ "item": item })).await.unwrap();
    assert_eq!(read(&core, &item, &item["document"]).await.unwrap(), b"first");
    assert_eq!(read(&core, &item, &item["files"][0]["attributes"]).await.unwrap(), b"attached");

    let params = json!({ "name": "c.txt", "content": { "attachment": 0 } });
    let parameters = json!({ "item": item, "doc_params": params });
    let (replaced, _) = exchange(&core, "ItemsFilesReplaceDocument", parameters, &[b"second"]).await.unwrap();
    assert_eq!((&replaced["document"]["name"], &replaced["document"]["size"]), (&json!("c.txt"), &json!(6)));
    assert_eq!(read(&core, &replaced, &replaced["document"]).await.unwrap(), b"second");
    assert_eq!(read(&core, &replaced, &replaced["files"][0]["attributes"]).await.unwrap(), b"attached");
    // The old file went with its reference.
    let error = read(&core, &replaced, &item["document"]).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("document not found in item: file "), "{error}");

    let parameters = json!({ "item": replaced, "section_id": "files", "field_id": "b" });
    let deleted = invoke(&core, "ItemsFilesDelete", parameters.clone()).await.unwrap();
    assert_eq!(deleted["files"], json!([]));
    assert_eq!(get(&core, &deleted).await, deleted);
    let again = json!({ "item": deleted, "section_id": "files", "field_id": "b" });
    let error = invoke(&core, "ItemsFilesDelete", again).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().ends_with("no file field found with given section and field IDs"));
    // What was read before the change is outdated, as for any edit.
    assert_eq!(invoke(&core, "ItemsFilesDelete", parameters).await.unwrap_err()["name"], "ItemOutdated");
}

#[tokio::test]
async fn archived_items_keep_their_files_and_deleted_ones_lose_them() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = document(&core, &account, b"kept").await.unwrap();
    let ids = json!({ "vault_id": item["vaultId"], "item_id": item["id"] });
    invoke(&core, "ItemsArchive", ids.clone()).await.unwrap();
    // Only active items are read; that the file is there shows once the item is put away a second time.
    assert_eq!(read(&core, &item, &item["document"]).await.unwrap_err()["name"], "ItemNotActive");
    invoke(&core, "ItemsArchive", ids.clone()).await.unwrap();
    invoke(&core, "ItemsDelete", ids).await.unwrap();
    assert_eq!(read(&core, &item, &item["document"]).await.unwrap_err()["name"], "NotFound");
}

#[tokio::test]
async fn references_name_files_by_their_names() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let item = document(&core, &account, "grüße".as_bytes()).await.unwrap();
    let item = attach(&core, &item, "key.bin", "k", b"\xff\xfe").await.unwrap();
    let item = attach(&core, &item, "b.txt", "b", b"attached").await.unwrap();
    let vault = item["vaultId"].as_str().unwrap();
    let resolve =
        async |reference: String| invoke(&core, "SecretsResolve", json!({ "secret_reference": reference })).await;
    let id = item["id"].as_str().unwrap();
    wire.take_requests();
    assert_eq!(resolve(format!("op://{vault}/{id}/A.TXT")).await.unwrap(), "grüße");
    assert_eq!(wire.take_requests().len(), 2, "the item, then the file");
    assert_eq!(resolve(format!("op://{vault}/Doc/files/b.txt")).await.unwrap(), "attached");
    let all = json!({ "secret_references": [
        format!("op://{vault}/{id}/key.bin"), format!("op://{vault}/{id}/a.txt?attribute=otp"),
    ] });
    let all = invoke(&core, "SecretsResolveAll", all).await.unwrap();
    let responses = all["individualResponses"].as_object().unwrap();
    let response = |name: &str| &responses[&format!("op://{vault}/{id}/{name}")];
    assert_eq!(response("key.bin")["error"]["type"], "unsupportedFileFormat");
    assert_eq!(response("a.txt?attribute=otp")["content"]["secret"], "grüße", "as the public SDKs do");
}

#[tokio::test]
async fn what_is_wrong_is_told_before_anything_is_sent() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let login = serde_json::to_value(account.login("Login", "hush").await).unwrap();
    let file = json!({ "name": "a", "content": [1], "sectionId": "s", "fieldId": "f" });
    let create = async |mut params: Value| {
        params["vaultId"] = json!(account.vault_id);
        params["title"] = "T".into();
        invoke(&core, "ItemsCreate", json!({ "params": params })).await.unwrap_err()
    };
    wire.take_requests();
    for (params, problem) in [
        (json!({ "category": "Document" }), "Document items must have a document file attached"),
        (
            json!({ "category": "Login", "document": { "name": "a", "content": [1] } }),
            "cannot have a document file on a non-document item",
        ),
        (
            json!({ "category": "Login", "sections": [{ "id": "s", "title": "" }], "files": [file, file] }),
            "file and field IDs must be unique within an item",
        ),
        (
            json!({ "category": "Login", "files": [file] }),
            "the field file has a section ID that isn't linked to a section",
        ),
    ] {
        let error = create(params).await;
        let message = error["message"].as_str().unwrap();
        assert_eq!(message, format!("invalid user input: encountered the following errors: {problem}"));
    }
    let parameters = json!({ "item": login, "doc_params": { "name": "a", "content": [1] } });
    let error = invoke(&core, "ItemsFilesReplaceDocument", parameters).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().ends_with("only Document items can have their document replaced"));
    assert_eq!(wire.take_requests(), [] as [String; 0]);

    let attached = attach(&core, &login, "a", "password", b"x").await.unwrap();
    let error = attach(&core, &attached, "a", "password", b"x").await.unwrap_err();
    assert!(
        error["message"].as_str().unwrap().ends_with("field or file with provided field/section ID already exists"),
        "{error}"
    );
}

#[tokio::test]
async fn changed_ciphertext_is_refused() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let item = document(&core, &account, b"content").await.unwrap();
    let changes: [fn(&mut Vec<u8>); 3] =
        [|body| body[0] ^= 1, |body| body.truncate(body.len() - 1), |body| body.clear()];
    for change in changes {
        wire.tamper(move |request, mut response| {
            if request.url.contains("/api/v2/file/") {
                change(&mut response.body);
            }
            Ok(response)
        });
        let error = read(&core, &item, &item["document"]).await.unwrap_err();
        assert_eq!(error["message"], "error decrypting file: DecryptionHashMismatch");
    }
    wire.repair();
    assert_eq!(read(&core, &item, &item["document"]).await.unwrap(), b"content");
    for id in ["aaaaaaaaaaaaaaaaaaaaaaaaaa", "../../keysets", ""] {
        let missing = json!({ "name": "", "id": id, "size": 0 });
        let error = read(&core, &item, &missing).await.unwrap_err();
        assert!(error["message"].as_str().unwrap().contains("document not found in item: file "), "{error}");
    }
}

#[tokio::test]
async fn a_conflict_does_not_repeat_the_upload() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    let item = document(&core, &account, b"first").await.unwrap();
    // Another change of the vault comes between the reading of the item and the patch.
    let stale = get(&core, &item).await;
    wire.tamper({
        let patched = std::sync::atomic::AtomicBool::new(false);
        move |request, mut response| {
            let is_patch = request.url.ends_with("/items") && request.method.as_str() == "PATCH";
            if is_patch && !patched.swap(true, std::sync::atomic::Ordering::Relaxed) {
                response.status = 409;
            }
            Ok(response)
        }
    });
    wire.take_requests();
    // The first patch took effect although its answer said otherwise, so the second one meets its own change.
    let error = attach(&core, &stale, "b", "b", b"x").await.unwrap_err();
    assert_eq!(error["name"], "Conflict");
    wire.repair();
    let uploads = wire.take_requests().iter().filter(|request| request.starts_with("POST /api/v3/file")).count();
    assert_eq!(uploads, 1);
    let item = get(&core, &item).await;
    assert_eq!(read(&core, &item, &item["files"][0]["attributes"]).await.unwrap(), b"x");

    // Real rivals: each attaches its own file to its own item of the same vault, at once.
    let items = [
        document(&core, &account, b"1").await.unwrap(),
        document(&core, &account, b"2").await.unwrap(),
        document(&core, &account, b"3").await.unwrap(),
    ];
    let attached =
        futures_util::future::join_all(items.iter().map(|item| attach(&core, item, "b", "b", &[7; 1000]))).await;
    for item in attached {
        let item = item.unwrap();
        assert_eq!(read(&core, &item, &item["files"][0]["attributes"]).await.unwrap(), [7; 1000]);
    }
}

#[tokio::test]
async fn who_may_not_write_may_read_but_not_upload() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let item = document(&core, &account, b"content").await.unwrap();
    let reader = async |permissions: u32| {
        let core = Core::new(host());
        core.init_client(&config(&account.token_with(permissions).await).to_string()).await.unwrap();
        core
    };
    let may_read = reader(READ_ITEMS | REVEAL_ITEM_PASSWORD).await;
    assert_eq!(read(&may_read, &item, &item["document"]).await.unwrap(), b"content");
    let error = attach(&may_read, &item, "b", "b", b"x").await.unwrap_err();
    assert_eq!(error["name"], "PermissionDenied");
    let may_list = reader(READ_ITEMS).await;
    assert_eq!(read(&may_list, &item, &item["document"]).await.unwrap_err()["name"], "PermissionDenied");
}

#[tokio::test]
async fn many_items_are_created_with_their_files() {
    let account = TestAccount::create().await;
    let core = account.core().await;
    let params: Vec<Value> = (0..12)
        .map(|number| {
            json!({
                "category": "Document", "vaultId": account.vault_id, "title": format!("Doc {number}"),
                "document": { "name": if number == 5 { "" } else { "a" }, "content": { "attachment": number } },
            })
        })
        .collect();
    let contents: Vec<Vec<u8>> = (0..12).map(|number| content(1000 + number)).collect();
    let bytes: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    let parameters = json!({ "vault_id": account.vault_id, "params": params });
    let (all, _) = exchange(&core, "ItemsCreateAll", parameters, &bytes).await.unwrap();
    for (number, response) in all["individualResponses"].as_array().unwrap().iter().enumerate() {
        if number == 5 {
            assert!(response["error"].to_string().contains("document name cannot be empty"), "{response}");
            continue;
        }
        let item = &response["content"];
        assert!(read(&core, item, &item["document"]).await.unwrap() == contents[number], "{number}");
    }
}

#[tokio::test]
async fn broken_connections_lose_nothing() {
    let account = TestAccount::create().await;
    let proxy = FaultProxy::start(&account.server.url).await.unwrap();
    let core = Arc::new(Core::new(host()));
    core.init_client(&config(&proxy.token(&account.token)).to_string()).await.unwrap();
    let bytes = content(MIB);
    let mut item = document(&core, &account, &bytes).await.unwrap();
    for fault in [Fault::ResetBeforeHeaders, Fault::ResetAfterHeaders, Fault::HalfBody, Fault::Status] {
        // Uploads and downloads are repeated, for neither changes an item.
        proxy.inject([Rule { times: Some(1), ..Rule::new("POST /api/v3/file", fault) }]).await;
        let attached =
            attach(&core, &item, "b", "b", &bytes).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        proxy.inject([Rule { times: Some(1), ..Rule::new("GET /api/v2/file", fault) }]).await;
        let file = &attached["files"][0]["attributes"];
        assert!(read(&core, &attached, file).await.unwrap() == bytes, "{fault:?}");
        proxy.repair().await;
        let parameters = json!({ "item": attached, "section_id": "files", "field_id": "b" });
        item = invoke(&core, "ItemsFilesDelete", parameters).await.unwrap();
        assert!(read(&core, &item, &item["document"]).await.unwrap() == bytes, "{fault:?}");
    }
    // A lasting fault fails the call, by name, and leaves the item as it was.
    proxy.inject([Rule::new("POST /api/v3/file", Fault::HalfBody)]).await;
    assert_eq!(attach(&core, &item, "c", "c", &bytes).await.unwrap_err()["name"], "Network");
    proxy.repair().await;
    assert_eq!(get(&core, &item).await, item);
    assert!(attach(&core, &item, "c", "c", &bytes).await.is_ok());
}

#[tokio::test]
async fn a_file_that_is_too_big_is_refused_by_name() {
    let server = TestServer::start_with(|config| config.max_file_size = 1000).await;
    let account = TestAccount::create_on(server).await;
    let core = account.core().await;
    let error = document(&core, &account, &content(985)).await.unwrap_err();
    let message = "bad input passed by the user: file is too big: an encrypted file can have at most 1000 bytes";
    assert_eq!((&error["name"], &error["message"]), (&json!("FileTooBig"), &json!(message)));
    let item = document(&core, &account, &content(984)).await.unwrap();
    assert_eq!(read(&core, &item, &item["document"]).await.unwrap(), content(984));
}
