use std::time::Duration;

use op_protocol::permissions::{CREATE_ITEMS, READ_ITEMS, REVEAL_ITEM_PASSWORD};
use op_protocol::rest::{FileReference, ItemPatch, ItemState, UploadResponse, failed_item};
use op_testkit::TestServer;
use serde_json::json;

use crate::support::{Client, http, new_id, new_item, next, owner, send, stored_files, until, with_files};

#[tokio::test]
async fn a_file_belongs_to_the_item_that_it_is_signed_for() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let file = client.uploaded(b"ciphertext").await;
    let item = with_files(new_item("with a file"), &[&file]);
    client.download(&vault, &item.uuid, &file.file_id).await.refused(404);

    let wrong = |change: fn(&mut FileReference)| {
        let mut item = item.clone();
        item.file_references.iter_mut().flatten().for_each(change);
        item
    };
    for item in [
        wrong(|file| file.signature.clear()),
        wrong(|file| file.file_id = new_id()),
        with_files(new_item("other"), &[&file])
            .file_references
            .map(|files| ItemPatch { file_references: Some(files), ..item.clone() })
            .unwrap(),
    ] {
        let refused = client.change(&vault, &item).await.failed_items.unwrap();
        assert_eq!(refused.get(&item.uuid), Some(&failed_item::FILE_NOT_FOUND));
    }

    client.change(&vault, &item).await.updated_items.unwrap();
    let answer = client.download(&vault, &item.uuid, &file.file_id).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (200, &b"ciphertext"[..]));
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(answer.headers["content-length"], "10");

    // It is this item's now, and no other's.
    let other = with_files(new_item("thief"), &[&file]);
    let refused = client.change(&vault, &other).await.failed_items.unwrap();
    assert_eq!(refused.get(&other.uuid), Some(&failed_item::FILE_NOT_FOUND));
    client.download(&vault, &new_id(), &file.file_id).await.refused(404);

    // An edit keeps what it refers to.
    let second = client.uploaded(b"second").await;
    let edited = with_files(next(&item, 1, ItemState::Active), &[&file, &second]);
    client.change(&vault, &edited).await.updated_items.unwrap();
    let edited = with_files(next(&item, 2, ItemState::Active), &[&second]);
    client.change(&vault, &edited).await.updated_items.unwrap();
    client.download(&vault, &item.uuid, &file.file_id).await.refused(404);
    assert_eq!(client.download(&vault, &item.uuid, &second.file_id).await.body, b"second");
    let deleted = ItemPatch { file_references: None, ..next(&item, 3, ItemState::Deleted) };
    client.change(&vault, &deleted).await.updated_items.unwrap();
    client.download(&vault, &item.uuid, &second.file_id).await.refused(404);
}

#[tokio::test]
async fn files_are_others_business_only_where_they_may_read() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let file = client.uploaded(b"ciphertext").await;
    let item = with_files(new_item("with a file"), &[&file]);
    client.change(&vault, &item).await.updated_items.unwrap();

    let sign_in = async |acl: u32| {
        let person = client.make_service_account(&vault, acl).await;
        Client::sign_in(&server.url, &person).await
    };
    let reader = sign_in(READ_ITEMS | REVEAL_ITEM_PASSWORD).await;
    assert_eq!(reader.download(&vault, &item.uuid, &file.file_id).await.body, b"ciphertext");
    reader.upload(b"x".to_vec()).await.refused(403);
    let lister = sign_in(READ_ITEMS).await;
    lister.download(&vault, &item.uuid, &file.file_id).await.refused(403);
    // What somebody else uploaded cannot be made one's own.
    let writer = sign_in(READ_ITEMS | REVEAL_ITEM_PASSWORD | CREATE_ITEMS).await;
    let unused = client.uploaded(b"not yet used").await;
    let stolen = with_files(new_item("thief"), &[&unused]);
    let refused = writer.change(&vault, &stolen).await.failed_items.unwrap();
    assert_eq!(refused.get(&stolen.uuid), Some(&failed_item::FILE_NOT_FOUND));
    // Nor seen from another account.
    let stranger = owner(&server).await;
    stranger.download(&vault, &item.uuid, &file.file_id).await.refused(404);
    let url = format!("{}/api/v3/file", server.url);
    send(http().post(url).body("x")).await.refused(401);
}

#[tokio::test]
async fn a_file_has_a_size_that_is_bounded() {
    let server = TestServer::start_with(|config| config.max_file_size = 1 << 20).await;
    let client = owner(&server).await;
    client.make_vault().await;
    client.open::<UploadResponse>(&client.upload(vec![7; 1 << 20]).await);
    let refusal = client.upload(vec![7; (1 << 20) + 1]).await.refused(413);
    assert_eq!(refusal["errorMessage"], "an encrypted file can have at most 1048576 bytes");
    assert_eq!(stored_files(&server.dir), 1, "nothing is left of what was refused");
    client.open::<UploadResponse>(&client.upload(Vec::new()).await);
}

#[tokio::test]
async fn what_nothing_needs_is_removed() {
    let server = TestServer::start_with(|config| config.upload_ttl = Duration::ZERO).await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let file = client.uploaded(b"never used").await;
    // A server looks for them as it starts, and every minute.
    let server = server.restart(|_| {}).await;
    let client = Client::sign_in(&server.url, &client.person).await;
    until(|| stored_files(&server.dir) == 0).await;
    let late = with_files(new_item("late"), &[&file]);
    let refused = client.change(&vault, &late).await.failed_items.unwrap();
    assert_eq!(refused.get(&late.uuid), Some(&failed_item::FILE_NOT_FOUND));

    // A file that an item holds stays over a restart; the deleted item's goes.
    let server = server.restart(|_| {}).await;
    let client = Client::sign_in(&server.url, &client.person).await;
    let (kept, gone) = (client.uploaded(b"kept").await, client.uploaded(b"gone").await);
    let (one, two) = (with_files(new_item("one"), &[&kept]), with_files(new_item("two"), &[&gone]));
    client.change(&vault, &one).await.updated_items.unwrap();
    client.change(&vault, &two).await.updated_items.unwrap();
    client.change(&vault, &next(&ItemPatch { file_references: None, ..two }, 1, ItemState::Deleted)).await;
    let server = server.restart(|_| {}).await;
    let client = Client::sign_in(&server.url, &client.person).await;
    until(|| stored_files(&server.dir) == 1).await;
    assert_eq!(client.download(&vault, &one.uuid, &kept.file_id).await.body, b"kept");
}

#[tokio::test]
async fn half_an_upload_is_no_file() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    client.make_vault().await;
    let url = format!("{}/api/v3/file", server.url);
    let chunks = futures_util::stream::iter([Ok(vec![7_u8; 100_000]), Err(std::io::Error::other("the line breaks"))]);
    let request = http()
        .post(&url)
        .header("x-agilebits-session-id", &client.keys.id)
        .header("x-agilebits-mac", client.signature("POST", &url))
        .body(reqwest::Body::wrap_stream(chunks));
    assert!(request.send().await.is_err());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(stored_files(&server.dir), 0);
    assert_eq!(
        client.open::<serde_json::Value>(&client.upload(b"x".to_vec()).await)["fileId"].as_str().map(str::len),
        Some(26)
    );
    assert_ne!(json!(null), client.open::<serde_json::Value>(&client.upload(b"x".to_vec()).await)["signingKey"]["k"]);
}

#[tokio::test]
async fn one_file_that_stays_keeps_no_other() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    client.make_vault().await;
    let mut files = Vec::new();
    for _ in 0..4 {
        files.push(client.uploaded(b"never used").await.file_id);
    }
    files.sort_unstable();
    let path = |file: &str| server.dir.join("files").join(&file[..2]).join(file);
    // A folder is not removed as a file is.
    std::fs::remove_file(path(&files[0])).unwrap();
    std::fs::create_dir(path(&files[0])).unwrap();
    // What an upload left when its server died.
    std::fs::write(path(&format!("{}#1", files[1])), b"never").unwrap();
    assert_eq!(stored_files(&server.dir), 5);
    server.execute("UPDATE files SET expires_at = 1").await;
    let server = server.restart(|_| {}).await;
    until(|| stored_files(&server.dir) == 1).await;
    assert!(server.rows("files").await.iter().any(|row| row.contains(&files[0])), "it is tried again");
}
