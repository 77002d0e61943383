use futures_util::future::join_all;
use op_protocol::rest::{BatchResponse, ItemResponse, ItemState, OverviewsResponse, PatchResponse, failed_item};
use op_testkit::TestServer;
use serde_json::json;

use crate::support::{new_id, new_item, next, owner, sealed};

#[tokio::test]
async fn an_item_lives_and_dies() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let item = new_item("first");
    let path = format!("/api/v1/vault/{vault}/item/{}", item.uuid);

    let created = client.change(&vault, &item).await;
    assert_eq!(created.content_version, 2);
    assert_eq!(created.updated_items.unwrap().get(&item.uuid), Some(&1));
    let stored: ItemResponse = client.open(&client.get(&path).await);
    assert_eq!(stored.content_version, 2);
    assert_eq!(stored.item.enc_details.as_ref(), Some(&item.enc_details));
    assert_eq!(stored.item.changer_uuid, client.person.user.uuid);
    assert_eq!(stored.item.created_at, item.created_at);

    let mut changed = next(&item, 1, ItemState::Active);
    changed.created_at = "1999-01-01T00:00:00Z".to_owned();
    changed.updated_at = "2026-11-23T01:00:00+01:00".to_owned();
    client.change(&vault, &changed).await;
    let stored: ItemResponse = client.open(&client.get(&path).await);
    assert_eq!((stored.item.item_version, stored.content_version), (2, 3));
    assert_eq!(stored.item.enc_overview, changed.enc_overview);
    assert_eq!(stored.item.created_at, item.created_at, "an item is created once");
    assert_eq!(stored.item.updated_at, "2026-11-23T00:00:00Z");

    client.change(&vault, &next(&item, 2, ItemState::Archived)).await;
    let overviews: OverviewsResponse =
        client.open(&client.get(&format!("/api/v1/vault/{vault}/items/overviews")).await);
    let listed = overviews.items.unwrap();
    assert!(overviews.batch_complete);
    assert_eq!(listed.len(), 1, "archived items are listed");
    assert_eq!((listed[0].trashed, &listed[0].enc_details), (ItemState::Archived, &None));
    assert_eq!(client.vault(&vault).await.active_item_count, 0);

    client.change(&vault, &next(&item, 3, ItemState::Deleted)).await;
    client.get(&path).await.refused(404);
    let overviews: OverviewsResponse =
        client.open(&client.get(&format!("/api/v1/vault/{vault}/items/overviews")).await);
    assert_eq!(overviews.items, Some(vec![]));
    let again = client.change(&vault, &item).await;
    assert_eq!(again.failed_items.unwrap().get(&item.uuid), Some(&failed_item::CONFLICT), "an id is never taken again");
}

#[tokio::test]
async fn a_batch_answers_by_position() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let (one, two) = (new_item("one"), new_item("two"));
    let version = client.vault(&vault).await.content_version;
    let _: PatchResponse = client.open(&client.patch(&vault, version, &[one.clone(), two.clone()]).await);
    let wanted = [&two.uuid, &new_id(), &one.uuid, &two.uuid, &"not an id".to_owned()].map(Clone::clone);
    let path = format!("/api/v3/vault/{vault}/items/batch");
    let batch: BatchResponse = client.open(&client.post(&path, &json!({"itemUuids": wanted})).await);
    let found: Vec<_> = batch.items.iter().map(|item| item.as_ref().map(|item| item.uuid.clone())).collect();
    assert_eq!(found, [Some(two.uuid.clone()), None, Some(one.uuid), Some(two.uuid), None]);
    assert!(batch.items[0].as_ref().unwrap().enc_details.is_some());
    let empty: BatchResponse = client.open(&client.post(&path, &json!({"itemUuids": []})).await);
    assert_eq!((empty.content_version, empty.items), (2, vec![]));
}

#[tokio::test]
async fn patches_of_different_items_are_in_nobodys_way() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let (one, two) = (new_item("one"), new_item("two"));
    let version = client.vault(&vault).await.content_version;
    client.patch(&vault, version, &[one.clone(), two.clone()]).await;
    // Everybody saw the vault as it was then.
    let version = version + 1;
    let new: Vec<_> = (0..10).map(|number| new_item(&number.to_string())).collect();
    let mut patches: Vec<_> = new.iter().map(|item| vec![item.clone()]).collect();
    patches.push(vec![next(&one, 1, ItemState::Archived)]);
    patches.push(vec![next(&two, 1, ItemState::Deleted)]);
    let answers = patches.iter().map(|patch| client.patch(&vault, version, patch));
    for (answer, patch) in join_all(answers).await.iter().zip(&patches) {
        let answer: PatchResponse = client.open(answer);
        assert_eq!(answer.failed_items, None);
        assert!(answer.updated_items.unwrap().contains_key(&patch[0].uuid));
        assert!(answer.content_version > version);
    }
    let now = client.vault(&vault).await;
    assert_eq!((now.content_version, now.active_item_count), (version + 12, 10));
}

#[tokio::test]
async fn of_two_patches_of_one_item_exactly_one_wins() {
    use ItemState::{Active, Archived, Deleted};
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let version = client.vault(&vault).await.content_version;
    let (mut raised, mut active) = (0, 0);
    let pairs = [(Active, Active), (Active, Archived), (Active, Deleted), (Archived, Deleted), (Deleted, Deleted)];
    for (left, right) in pairs {
        let item = new_item("contested");
        client.change(&vault, &item).await;
        let (left, right) = ([next(&item, 1, left)], [next(&item, 1, right)]);
        let answers = tokio::join!(client.patch(&vault, version, &left), client.patch(&vault, version, &right));
        let answers = [answers.0, answers.1].map(|answer| client.open::<PatchResponse>(&answer));
        let failed =
            |answer: &PatchResponse| answer.failed_items.as_ref().and_then(|failed| failed.get(&item.uuid)).copied();
        let winner = usize::from(failed(&answers[0]).is_some());
        assert_eq!(answers[winner].updated_items.as_ref().unwrap().get(&item.uuid), Some(&2));
        assert_eq!(failed(&answers[1 - winner]), Some(failed_item::CONFLICT), "{:?}", [&left, &right]);
        raised += 2;
        active += u32::from([left, right][winner][0].trashed == Active);
        let now = client.vault(&vault).await;
        assert_eq!((now.content_version, now.active_item_count), (version + raised, active));
    }
}

#[tokio::test]
async fn of_two_creates_of_one_id_exactly_one_wins() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let (left, mut right) = (new_item("left"), new_item("right"));
    right.uuid.clone_from(&left.uuid);
    let (left, right) = ([left], [right]);
    let answers = tokio::join!(client.patch(&vault, 1, &left), client.patch(&vault, 1, &right));
    let answers = [answers.0, answers.1].map(|answer| client.open::<PatchResponse>(&answer));
    let winner = usize::from(answers[0].failed_items.is_some());
    assert_eq!(answers[1 - winner].failed_items.as_ref().unwrap().get(&left[0].uuid), Some(&failed_item::CONFLICT));
    let stored: ItemResponse = client.read(&format!("/api/v1/vault/{vault}/item/{}", left[0].uuid)).await;
    assert_eq!(stored.item.enc_details.as_ref(), Some(&[left, right][winner][0].enc_details));
}

#[tokio::test]
async fn a_patch_applies_as_a_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let good = new_item("good");
    let mut wrong = Vec::new();
    let mut push = |code: u32, change: &dyn Fn(&mut op_protocol::rest::ItemPatch)| {
        let mut item = new_item("wrong");
        change(&mut item);
        wrong.push((item, code));
    };
    push(failed_item::CONFLICT, &|item| item.item_version = 4);
    push(failed_item::BAD_REQUEST, &|item| item.trashed = ItemState::Deleted);
    push(failed_item::BAD_REQUEST, &|item| item.uuid = "short".to_owned());
    push(failed_item::BAD_REQUEST, &|item| item.updated_at = "yesterday".to_owned());
    push(failed_item::BAD_REQUEST, &|item| item.enc_details.cty = "text/plain".to_owned());
    push(failed_item::BAD_REQUEST, &|item| item.enc_details = sealed("another-key", "x"));
    push(failed_item::BAD_REQUEST, &|item| item.uuid.clone_from(&good.uuid));
    push(failed_item::TOO_BIG, &|item| item.enc_details.data = "A".repeat(3 * 1024 * 1024));
    push(failed_item::FILE_NOT_FOUND, &|item| {
        let reference = json!([{"fileId": "f", "signature": "s"}]);
        item.file_references = Some(serde_json::from_value(reference).unwrap());
    });
    for (item, code) in wrong {
        let answer: PatchResponse = client.open(&client.patch(&vault, 1, &[good.clone(), item.clone()]).await);
        assert_eq!(answer.failed_items.unwrap().get(&item.uuid), Some(&code));
        assert_eq!((answer.content_version, answer.updated_items.unwrap().len()), (1, 0));
        client.get(&format!("/api/v1/vault/{vault}/item/{}", good.uuid)).await.refused(404);
    }
    assert_eq!(client.vault(&vault).await.content_version, 1);
}

#[tokio::test]
async fn an_empty_patch_changes_nothing() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let answer: PatchResponse = client.open(&client.patch(&vault, 1, &[]).await);
    assert_eq!((answer.content_version, answer.updated_items.unwrap().len()), (1, 0));
    client.patch(&vault, 9, &[]).await.refused(409);
}

#[tokio::test]
async fn a_category_stays() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let item = new_item("login");
    client.change(&vault, &item).await;
    let mut note = next(&item, 1, ItemState::Active);
    note.template_uuid = "003".to_owned();
    let refused = client.change(&vault, &note).await;
    assert_eq!(refused.failed_items.unwrap().get(&item.uuid), Some(&failed_item::BAD_REQUEST));
}

#[tokio::test]
async fn a_batch_is_no_larger_than_clients_read() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let mut item = new_item("large");
    item.enc_details.data = "A".repeat(2_000_000);
    client.change(&vault, &item).await.updated_items.unwrap();
    let batch = format!("/api/v3/vault/{vault}/items/batch");
    client.post(&batch, &json!({"itemUuids": vec![&item.uuid; 24]})).await.refused(413);
    let answer = client.post(&batch, &json!({"itemUuids": vec![&item.uuid; 23]})).await;
    assert!(answer.body.len() < 64 << 20);
    assert_eq!(client.open::<BatchResponse>(&answer).items.len(), 23);
}
