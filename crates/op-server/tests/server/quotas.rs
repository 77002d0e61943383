//! How much one user, vault or account may store.

use op_protocol::rest::{ItemPatch, ItemState, PatchResponse, failed_item};
use op_testkit::TestServer;
use serde_json::json;

use crate::rotation::Rotation;
use crate::support::{Client, new_item, next, owner, sealed};

const OVERVIEW: usize = 64 * 1024;

/// The code with which a change of one item is refused.
async fn refusal(client: &Client, vault: &str, item: &ItemPatch) -> Option<u32> {
    let answer: PatchResponse = client.change(vault, item).await;
    answer.failed_items.and_then(|failed| failed.get(&item.uuid).copied())
}

#[tokio::test]
async fn overviews_have_64_kib_at_most() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let vault = client.make_vault().await;
    let full = ItemPatch { enc_overview: sealed("vault-key", &"o".repeat(OVERVIEW)), ..new_item("full") };
    assert_eq!(refusal(&client, &vault, &full).await, None);
    let over = |item: ItemPatch| ItemPatch { enc_overview: sealed("vault-key", &"o".repeat(OVERVIEW + 3)), ..item };
    assert_eq!(refusal(&client, &vault, &over(new_item("over"))).await, Some(failed_item::TOO_BIG));
    for state in [ItemState::Active, ItemState::Archived] {
        assert_eq!(refusal(&client, &vault, &over(next(&full, 1, state))).await, Some(failed_item::TOO_BIG));
    }

    let rotation = Rotation::new(&client, &vault);
    let with = |size: usize| {
        let overview = sealed(&rotation.key, &"o".repeat(size));
        json!([{"uuid": full.uuid, "itemVersion": 1, "encOverview": overview, "encDetails": sealed(&rotation.key, "")}])
    };
    let path = format!("{}/items", rotation.path());
    let body = client.put(&path, &with(OVERVIEW + 3)).await.refused(413);
    assert!(body["errorMessage"].as_str().unwrap().contains(&full.uuid), "{body}");
    client.put(&path, &with(OVERVIEW)).await.succeeded();

    // However large it is: it can be deleted.
    assert_eq!(refusal(&client, &vault, &over(next(&full, 1, ItemState::Deleted))).await, None);
}
