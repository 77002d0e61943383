//! Items that move to another vault: whole, with their files, and never lost on the way.

use op_core::{Core, host::HttpMethod};
use op_protocol::permissions;
use op_testkit::{TestAccount, Wire, account::invoke};
use serde_json::{Value, json};
use std::sync::Arc;

struct Two {
    account: TestAccount,
    target: String,
    wire: Arc<Wire>,
    core: Arc<Core>,
    item: Value,
}

/// An item in one of two vaults, of which the client may write the first, and has `rights` in the second.
async fn two_vaults(rights: &str) -> Two {
    let login = json!({
        "category": "Login", "title": "Moving", "tags": ["a"], "notes": "£ 鍵",
        "sections": [{ "id": "s", "title": "S" }],
        "fields": [
            { "id": "password", "title": "password", "fieldType": "Concealed", "value": "hunter2" },
            { "id": "x", "title": "X", "sectionId": "s", "fieldType": "Totp", "value": "JBSWY3DPEHPK3PXP" },
        ],
    });
    two_vaults_with(rights, login).await
}

async fn two_vaults_with(rights: &str, params: Value) -> Two {
    let account = TestAccount::create().await;
    let target = op_testkit::account::new_vault(&account.owner, "Target").await;
    let all = permissions::parse_grants("read_items,write_items").unwrap();
    let grants = [(account.vault_id.clone(), all), (target.clone(), permissions::parse_grants(rights).unwrap())];
    let token = account.token_for(&grants).await;
    let wire = Wire::new();
    let core = account.core_of(wire.clone(), &token).await;
    let item = serde_json::to_value(account.item(params).await).unwrap();
    Two { account, target, wire, core, item }
}

/// A Document with three more files, one of them empty, and one in a section of its own.
fn document_with_files() -> Value {
    let file = |field: &str, section: &str, content: Value| json!({ "name": format!("{field}.bin"), "sectionId": section, "fieldId": field, "content": content });
    json!({
        "category": "Document", "title": "Moving", "sections": [{ "id": "s", "title": "S" }, { "id": "t", "title": "T" }],
        "document": { "name": "d.bin", "content": (0..=255).collect::<Vec<u8>>() },
        "files": [file("a", "s", json!([1, 2, 3])), file("b", "t", json!([])), file("c", "s", json!(vec![7; 100_000]))],
    })
}

/// The files of an item, a Document's own first.
fn files(item: &Value) -> Vec<&Value> {
    let of_fields = item["files"].as_array().unwrap().iter().map(|file| &file["attributes"]);
    [&item["document"]].into_iter().chain(of_fields).collect()
}

impl Two {
    async fn moved(&self, options: Value) -> Result<Value, Value> {
        let parameters = json!({
            "vault_id": self.account.vault_id, "item_id": self.item["id"], "to_vault_id": self.target, "options": options,
        });
        invoke(&self.core, "ItemsMove", parameters).await
    }

    async fn original(&self) -> Result<Value, Value> {
        let id = json!({ "vault_id": self.account.vault_id, "item_id": self.item["id"] });
        invoke(&self.core, "ItemsGet", id).await
    }

    async fn contents(&self, item: &Value) -> Vec<Value> {
        let mut contents = Vec::new();
        for file in files(item) {
            let parameters = json!({ "vault_id": item["vaultId"], "item_id": item["id"], "attr": file });
            contents.push(invoke(&self.core, "ItemsFilesRead", parameters).await.unwrap());
        }
        contents
    }

    /// The move fails, and once the network is as it should be, the original is there and no copy.
    async fn fails_and_nothing_has_moved(&self, error: &str) {
        assert_eq!(self.moved(Value::Null).await.unwrap_err()["name"], error);
        self.wire.repair();
        assert_eq!(self.original().await.unwrap()["version"], self.item["version"]);
        assert_eq!(self.in_target().await, [json!(null); 0]);
    }

    async fn in_target(&self) -> Vec<Value> {
        let listed = json!({ "vault_id": self.target, "filters": [] });
        invoke(&self.core, "ItemsList", listed).await.unwrap().as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn an_item_moves_whole_and_its_original_is_archived_or_deleted() {
    let two = two_vaults("read_items,write_items").await;
    let answer = two.moved(Value::Null).await.unwrap();
    assert_eq!((&answer["original"], &answer["problem"]), (&json!("archived"), &Value::Null));
    let copy = &answer["item"];
    assert_ne!(copy["id"], two.item["id"]);
    assert_eq!(copy["vaultId"], two.target);
    for member in ["title", "category", "notes", "tags", "sections", "createdAt", "updatedAt"] {
        assert_eq!(copy[member], two.item[member], "{member}");
    }
    assert_eq!(copy["fields"][0], two.item["fields"][0]);
    assert_eq!(two.original().await.unwrap_err()["name"], "ItemNotActive");
    let got = invoke(&two.core, "ItemsGet", json!({ "vault_id": two.target, "item_id": copy["id"] })).await.unwrap();
    assert_eq!(got["fields"][1]["value"], "JBSWY3DPEHPK3PXP");
    assert_eq!(two.moved(Value::Null).await.unwrap_err()["name"], "ItemNotActive");

    let two = two_vaults("read_items,write_items").await;
    let answer = two.moved(json!({ "deleteOriginal": true })).await.unwrap();
    assert_eq!(answer["original"], "deleted");
    assert_eq!(two.original().await.unwrap_err()["name"], "NotFound");
}

#[tokio::test]
async fn files_move_with_their_item_and_the_archived_original_keeps_its_own() {
    let two = two_vaults_with("read_items,write_items", document_with_files()).await;
    let contents = two.contents(&two.item).await;
    let answer = two.moved(Value::Null).await.unwrap();
    assert_eq!((&answer["original"], &answer["problem"]), (&json!("archived"), &Value::Null));
    let copy = &answer["item"];
    assert_eq!(two.contents(copy).await, contents);
    for (copied, original) in files(copy).into_iter().zip(files(&two.item)) {
        assert_eq!((&copied["name"], &copied["size"]), (&original["name"], &original["size"]));
        assert_ne!(copied["id"], original["id"]);
    }
    assert_eq!(copy["sections"], two.item["sections"]);
    // Only active items are read; that the original has its files shows once it is put away a second time.
    let original = json!({ "vault_id": two.account.vault_id, "item_id": two.item["id"] });
    assert_eq!(invoke(&two.core, "ItemsArchive", original).await, Ok(Value::Null));

    let two = two_vaults_with("read_items,write_items", document_with_files()).await;
    let answer = two.moved(json!({ "deleteOriginal": true })).await.unwrap();
    assert_eq!(answer["original"], "deleted");
    assert_eq!(two.contents(&answer["item"]).await, contents);
}

#[tokio::test]
async fn a_file_that_cannot_be_copied_whole_keeps_its_item_where_it_is() {
    let two = two_vaults_with("read_items,write_items", document_with_files()).await;
    let contents = two.contents(&two.item).await;
    for vault in [two.account.vault_id.clone(), two.target.clone()] {
        let reads_file = format!("/file/{vault}/");
        two.wire.tamper(move |request, mut response| {
            if request.method == HttpMethod::Get
                && request.url.contains(&reads_file)
                && let Some(byte) = response.body.get_mut(50_000)
            {
                *byte ^= 1;
            }
            Ok(response)
        });
        assert_eq!(two.moved(Value::Null).await.unwrap_err()["name"], "Decryption", "{vault}");
        two.wire.repair();
        assert_eq!(two.original().await.unwrap(), two.item);
        assert_eq!(two.contents(&two.item).await, contents);
        assert_eq!(two.in_target().await, [json!(null); 0]);
    }
}

#[tokio::test]
async fn what_fails_before_the_copy_is_proved_leaves_all_as_it_was() {
    let two = two_vaults("read_items").await;
    assert_eq!(two.moved(Value::Null).await.unwrap_err()["name"], "PermissionDenied");
    assert_eq!(two.original().await.unwrap(), two.original().await.unwrap());
    assert_eq!(two.in_target().await, [json!(null); 0]);

    // The copy is written, and cannot be read back: it is taken away again.
    let two = two_vaults("read_items,write_items").await;
    let target = two.target.clone();
    let reads = std::sync::atomic::AtomicUsize::new(0);
    two.wire.tamper(move |request, mut response| {
        let reads_copy = request.method == HttpMethod::Get && request.url.contains(&format!("{target}/item/"));
        if reads_copy && reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            response.status = 404;
        }
        Ok(response)
    });
    two.fails_and_nothing_has_moved("NotFound").await;
}

#[tokio::test]
async fn an_original_that_cannot_be_put_away_is_told() {
    let two = two_vaults("read_items,write_items").await;
    let source = two.account.vault_id.clone();
    two.wire.tamper(move |request, mut response| {
        if request.method == HttpMethod::Patch && request.url.contains(&source) {
            response.status = 403;
        }
        Ok(response)
    });
    let answer = two.moved(Value::Null).await.unwrap();
    assert_eq!(answer["original"], "kept");
    assert!(answer["problem"].as_str().unwrap().contains("right permissions"), "{answer}");
    assert_eq!(two.in_target().await.len(), 1);
}

#[tokio::test]
async fn bad_vaults_are_refused_before_anything_is_written() {
    let two = two_vaults("read_items,write_items").await;
    two.wire.take_requests();
    for (to, name) in [("x".to_owned(), "InvalidConfiguration"), (two.account.vault_id.clone(), "BadInput")] {
        let parameters = json!({ "vault_id": two.account.vault_id, "item_id": two.item["id"], "to_vault_id": to });
        let error = invoke(&two.core, "ItemsMove", parameters).await.unwrap_err();
        assert_eq!((&error["name"], &error["field"]), (&json!(name), &json!("to_vault_id")));
    }
    assert_eq!(two.wire.take_requests().len(), 0);
}

#[tokio::test]
async fn a_copy_whose_writing_is_in_doubt_is_taken_away_again() {
    let two = two_vaults("read_items,write_items").await;
    let target = two.target.clone();
    two.wire.tamper(move |request, mut response| {
        if request.method == HttpMethod::Patch && request.url.contains(&target) && response.status == 200 {
            // The server has written it; the answer is lost.
            response.body = b"<html>".to_vec();
            response.status = 502;
        }
        Ok(response)
    });
    two.fails_and_nothing_has_moved("UnexpectedStatus").await;
}
