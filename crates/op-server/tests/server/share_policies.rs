//! What may be shared.

use op_protocol::permissions::MANAGE_VAULT;
use op_protocol::rest::{ItemState, SharePolicy, ShareState};
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::links::{CREATE, NewShare, item_of, mailing_server, new_share, open_policy, record};
use crate::support::{Client, new_id, new_item, next, owner, with_files};
use crate::team::{Team, group_access};

/// A change of a policy.
type Edit = fn(&mut Value);

const POLICY: &str = "/api/opwire/v1/share-policy";
const REFUSED: &str = "the policy for sharing does not allow";

fn of_vault(vault: &str) -> String {
    format!("/api/opwire/v1/vaults/{vault}/share-policy")
}

/// The open policy with changes.
fn policy(change: impl FnOnce(&mut Value)) -> Value {
    let mut policy = open_policy();
    change(&mut policy);
    policy
}

async fn preflight(client: &Client, vault: &str, item: &str) -> SharePolicy {
    client.read(&format!("{CREATE}/preflight/{vault}/{item}")).await
}

async fn refused(client: &Client, share: NewShare) -> String {
    let body = share.post(client).await.refused(400);
    let message = body["errorMessage"].as_str().unwrap();
    message.strip_prefix(REFUSED).unwrap_or_else(|| panic!("{message}")).trim().to_owned()
}

#[tokio::test]
async fn an_account_that_set_nothing_allows_everything() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let found: Value = client.read(&format!("{CREATE}/preflight/{vault}/{}", item.uuid)).await;
    let mut expected = open_policy();
    expected["files"]["maxSize"] = json!(op_protocol::file::MAX_CIPHERTEXT);
    assert_eq!(found, expected);
    assert_eq!(client.read::<Value>(POLICY).await, expected);
    assert_eq!(client.read::<Value>(&of_vault(&vault)).await, expected);
}

#[tokio::test]
async fn there_is_a_policy_only_for_an_item_that_exists() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let policy = async |vault: &str, item: &str| client.get(&format!("{CREATE}/preflight/{vault}/{item}")).await;
    let (missing, (other, _)) = (new_id(), item_of(&client).await);
    assert_eq!(policy(&vault, &missing).await.refused(404)["errorMessage"], "no such item");
    assert_eq!(policy(&other, &item.uuid).await.refused(404)["errorMessage"], "no such item");
    assert_eq!(policy(&missing, &item.uuid).await.refused(404)["errorMessage"], "no such vault");

    let deleted = next(&item, 1, ItemState::Deleted);
    client.change(&vault, &deleted).await.updated_items.unwrap();
    assert_eq!(policy(&vault, &item.uuid).await.refused(404)["errorMessage"], "no such item");
}

#[tokio::test]
async fn an_administrators_policy_holds_for_every_share() {
    let server = mailing_server().await;
    let team = Team::on(&server).await;
    let client = &team.owner;
    let (vault, item) = item_of(client).await;
    let share = || new_share(&vault, &item, 1);
    let set = async |change: Edit| client.put(POLICY, &policy(change)).await.succeeded();

    set(|policy| policy["allowedTypes"] = json!(["A"])).await;
    assert_eq!(refused(client, share()).await, "shares for anyone who has the link");
    share().recipients(&["a@example.com"]).create(client).await;
    set(|policy| policy["allowedTypes"] = json!([])).await;
    assert_eq!(refused(client, share().recipients(&["a@example.com"])).await, "shares for named recipients");

    set(|policy| policy["allowedRecipientTypes"] = json!(["E"])).await;
    assert_eq!(refused(client, share().recipients(&["example.com"])).await, "one of these recipients");
    set(|policy| {
        policy["allowedRecipients"] =
            json!([{"type": "D", "domain": "example.com"}, {"type": "E", "email": "a@other.com"}])
    })
    .await;
    for list in [&["b@other.com"][..], &["other.com"], &["a@example.com", "a@sub.example.com"]] {
        assert_eq!(refused(client, share().recipients(list)).await, "one of these recipients");
    }
    share().recipients(&["a@example.com", "example.com", "a@other.com"]).create(client).await;
    let list = json!([
        {"type": "E", "email": "a@example.com"}, {"type": "E", "email": "b@other.com"}, {"type": "D", "domain": "other.com"},
        {"type": "E", "email": "not an address"},
    ]);
    let body = json!({"recipients": list});
    let answer: Value = client.open(&client.post(&format!("{CREATE}/validate-recipients"), &body).await);
    assert_eq!(answer, json!({"rejectedRecipients": [list[1], list[2], list[3]]}));

    set(|policy| {
        policy["maxExpiry"] = json!(86_400);
        policy["defaultExpiry"] = json!(3_600);
    })
    .await;
    assert_eq!(refused(client, share()).await, "an expiry of more than 86400 seconds");
    let mut day = share();
    day.request.expiry = 86_400;
    day.create(client).await;

    // Public clients do not send the policy's number, so it holds where they send none.
    set(|policy| policy["maxViews"] = json!(2)).await;
    share().max_views(3).post(client).await.refused(400);
    let two = share().create(client).await;
    assert_eq!(record(client, &two).await.max_views, Some(2));
    for _ in 0..2 {
        two.tab(&server.url).opened().await;
    }
    two.tab(&server.url).gone(41_002).await;
    assert_eq!(record(client, &two).await.state, ShareState::Spent);
}

#[tokio::test]
async fn items_with_files_have_rules_of_their_own() {
    let server = mailing_server().await;
    let team = Team::on(&server).await;
    let client = &team.owner;
    let vault = client.make_vault().await;
    let (small, large) = (client.uploaded(&[7; 100]).await, client.uploaded(&[7; 1_001]).await);
    let item = with_files(new_item("with files"), &[&small, &large]);
    client.change(&vault, &item).await.updated_items.unwrap();
    let share = || new_share(&vault, &item, 1);
    let set = async |change: Edit| client.put(POLICY, &policy(change)).await.succeeded();
    let with_small = || share().files(&[&small]);

    set(|_| {}).await;
    assert_eq!(refused(client, share().files(&[&small, &large])).await, "files of more than 1000 bytes, encrypted");
    with_small().create(client).await;
    let cases: [(Edit, NewShare, &str); 4] = [
        (|policy| policy["files"]["allowed"] = json!(false), with_small(), "to share items with files"),
        (
            |policy| policy["files"]["allowedTypes"] = json!(["A"]),
            with_small(),
            "shares for anyone who has the link of an item with files",
        ),
        (
            |policy| policy["files"]["allowedRecipientTypes"] = json!(["D"]),
            with_small().recipients(&["a@example.com"]),
            "one of these recipients for an item with files",
        ),
        (
            |policy| {
                policy["files"]["maxExpiry"] = json!(86_400);
                policy["files"]["defaultExpiry"] = json!(86_400);
            },
            with_small(),
            "an expiry of more than 86400 seconds for an item with files",
        ),
    ];
    for (change, with_file, what) in cases {
        set(change).await;
        assert_eq!(refused(client, with_file).await, what);
        share().create(client).await;
    }
    set(|policy| policy["files"]["maxViews"] = json!(1)).await;
    assert_eq!(record(client, &with_small().create(client).await).await.max_views, Some(1));
    assert_eq!(record(client, &share().create(client).await).await.max_views, None);
}

#[tokio::test]
async fn a_vaults_policy_can_only_narrow() {
    let server = mailing_server().await;
    let team = Team::on(&server).await;
    let member = team.join("member").await;
    let client = &team.owner;
    let (vault, item) = item_of(client).await;
    let (other, other_item) = item_of(client).await;
    client.grant(&vault, &[group_access(&team.members, &vault, MANAGE_VAULT | 0x0010_0430)]).await.succeeded();
    let of_account = policy(|policy| {
        policy["maxViews"] = json!(5);
        policy["maxExpiry"] = json!(604_800);
        policy["allowedRecipients"] = json!([{"type": "D", "domain": "example.com"}]);
    });
    client.put(POLICY, &of_account).await.succeeded();
    member.put(POLICY, &of_account).await.refused(403);
    assert_eq!(member.read::<Value>(POLICY).await, of_account);

    let set = async |change: Edit| {
        let mut policy = of_account.clone();
        change(&mut policy);
        member.put(&of_vault(&vault), &policy).await
    };
    let wider: &[(&str, Edit)] = &[
        ("maxViews", |policy| policy["maxViews"] = json!(6)),
        ("maxExpiry", |policy| policy["maxExpiry"] = json!(1_209_600)),
        ("files.maxSize", |policy| policy["files"]["maxSize"] = json!(2_000)),
        ("allowedRecipients", |policy| policy["allowedRecipients"] = json!([{"type": "E", "email": "a@other.com"}])),
    ];
    for (member, change) in wider {
        let message = set(*change).await.refused(400)["errorMessage"].clone();
        assert_eq!(message, format!("the policy of a vault can only narrow the account's: {member} allows more"));
    }
    set(|policy| {
        policy["allowedTypes"] = json!(["A"]);
        policy["maxViews"] = json!(null);
        policy["allowedRecipients"] = json!([{"type": "E", "email": "a@example.com"}]);
    })
    .await
    .succeeded();
    let found = preflight(&member, &vault, &item.uuid).await;
    assert_eq!((found.allowed_types, found.max_views), (vec!["A".to_owned()], Some(5)));
    assert_eq!(json!(found.allowed_recipients), json!([{"type": "E", "email": "a@example.com"}]));
    new_share(&vault, &item, 1).post(client).await.refused(400);
    new_share(&vault, &item, 1).recipients(&["b@example.com"]).post(client).await.refused(400);
    new_share(&vault, &item, 1).recipients(&["a@example.com"]).create(client).await;
    new_share(&other, &other_item, 1).create(client).await;

    // What the account narrows later holds too.
    client.put(POLICY, &policy(|policy| policy["allowedTypes"] = json!(["P"]))).await.succeeded();
    assert!(preflight(&member, &vault, &item.uuid).await.allowed_types.is_empty());
    member.delete(&of_vault(&vault)).await.succeeded();
    assert_eq!(preflight(&member, &vault, &item.uuid).await.allowed_types, ["P"]);
    new_share(&vault, &item, 1).create(client).await;
    let audit: Value = client.read("/api/opwire/v1/audit").await;
    let updates = audit["events"].as_array().unwrap().iter().filter(|event| event["action"] == "share-policy.update");
    assert_eq!(updates.count(), 4);
}

#[tokio::test]
async fn a_policy_that_means_nothing_is_refused() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let cases: &[(&str, Edit)] = &[
        ("allowedTypes", |policy| policy["allowedTypes"] = json!(["X"])),
        ("allowedTypes", |policy| policy["allowedTypes"] = json!(["P", "P"])),
        ("allowedRecipientTypes", |policy| policy["allowedRecipientTypes"] = json!(["P"])),
        ("files.allowedTypes", |policy| policy["files"]["allowedTypes"] = json!(["E"])),
        ("maxExpiry", |policy| policy["maxExpiry"] = json!(7)),
        ("files.defaultExpiry", |policy| policy["files"]["defaultExpiry"] = json!(7)),
        ("defaultExpiry", |policy| policy["maxExpiry"] = json!(3_600)),
        ("maxViews", |policy| policy["maxViews"] = json!(0)),
        ("allowedRecipients", |policy| policy["allowedRecipients"] = json!([{"type": "D", "domain": "nowhere"}])),
    ];
    for (member, change) in cases {
        let body = client.put(POLICY, &policy(change)).await.refused(400);
        assert!(body["errorMessage"].as_str().unwrap().contains(member), "{member}: {body}");
    }
}
