//! Sharing items, by those who do it.

use op_protocol::permissions::{ALL, READ_ITEMS, REVEAL_ITEM_PASSWORD, SEND_ITEMS, UPDATE_ITEM_HISTORY};
use op_protocol::rest::{CreateShareResponse, ItemState, ShareRecord, ShareState};
use op_testkit::TestServer;
use serde_json::{Value, json};

use crate::links::{CREATE, NewShare, SHARES, item_of, mailing_server, new_share, record};
use crate::support::{Client, http, new_id, new_item, next, owner, sealed, send};
use crate::team::{Team, group_access};

#[tokio::test]
async fn an_item_is_shared_and_opened_by_anyone_with_the_link() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).create(&client).await;

    let tab = share.tab(&server.url);
    let status = tab.status().await;
    assert_eq!((status.state, status.sender.as_str(), status.account.as_str()), (ShareState::Active, "owner", "Acme"));
    assert_eq!((status.needs_email, status.needs_password, status.is_open, status.files), (false, false, false, 0));
    assert_eq!(status.views_left, None);
    let content = tab.opened().await;
    assert_eq!(content.enc_overview, share.request.enc_overview);
    assert_eq!(content.enc_details.open(&share.secret.key()).unwrap().as_slice(), b"details of a shared item");
    assert_eq!(content.template_uuid, "001");
    assert!(tab.status().await.is_open);

    // A reload is the same view, another tab is not.
    tab.opened().await;
    share.tab(&server.url).opened().await;
    let record = record(&client, &share).await;
    assert_eq!((record.state, record.views, record.item_version), (ShareState::Active, 2, 1));
    assert_eq!((&record.vault_uuid, &record.item_uuid), (&vault, &item.uuid));
    assert_eq!(record.enc_share_secret.as_ref(), Some(&share.request.enc_share_secret));
    let views = record.views_log.unwrap();
    assert_eq!(views.len(), 2);
    assert!(views.iter().all(|view| view.address == "127.0.0.1" && view.email.is_none() && view.at.ends_with('Z')));
}

#[tokio::test]
async fn a_share_that_is_malformed_is_refused() {
    let server = mailing_server().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    type Change = fn(&mut Value);
    let cases: &[(&str, Change)] = &[
        ("uuid", |share| share["uuid"] = json!("short")),
        ("token", |share| share["token"] = json!("short")),
        ("passwordProof", |share| share["passwordProof"] = json!("short")),
        ("encOverview", |share| share["encOverview"]["kid"] = json!("other")),
        ("encDetails", |share| share["encDetails"]["enc"] = json!("none")),
        ("encShareSecret", |share| share["encShareSecret"]["data"] = json!("A".repeat(1025))),
        ("type", |share| share["type"] = json!("X")),
        ("type", |share| share["type"] = json!("A")),
        ("type", |share| share["recipients"] = json!([{"type": "E", "email": "a@example.com"}])),
        ("expiry", |share| share["expiry"] = json!(60)),
        ("maxViews", |share| share["maxViews"] = json!(0)),
        ("unknown variant `X`", |share| share["recipients"] = json!([{"type": "X", "email": "a@example.com"}])),
        ("recipients", |share| {
            share["type"] = json!("A");
            share["recipients"] = json!([{"type": "E", "email": "Upper@example.com"}]);
        }),
        ("recipients", |share| {
            share["type"] = json!("A");
            share["recipients"] = json!([{"type": "D", "domain": "b.com"}, {"type": "D", "domain": "b.com"}]);
        }),
        ("recipients", |share| {
            let many: Vec<_> = (0..101).map(|n| json!({"type": "E", "email": format!("{n}@example.com")})).collect();
            share["type"] = json!("A");
            share["recipients"] = json!(many);
        }),
        ("fileReferences", |share| share["fileReferences"] = json!([{"fileUuid": "f"}, {"fileUuid": "f"}])),
        // An option that is not known must not be lost.
        ("unknown field `onlyFrom`", |share| share["onlyFrom"] = json!("192.0.2.1")),
        ("larger", |share| share["encDetails"]["data"] = json!("A".repeat(2 << 20))),
    ];
    for (word, change) in cases {
        let mut request = json!(new_share(&vault, &item, 1).request);
        change(&mut request);
        let body = client.post(CREATE, &request).await.refused(400);
        assert!(body["errorMessage"].as_str().unwrap().contains(word), "{word}: {body}");
    }
    assert_eq!(client.read::<Vec<Value>>(SHARES).await.len(), 0);
}

#[tokio::test]
async fn what_is_shared_is_the_item_as_it_is() {
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    new_share(&vault, &new_item("missing"), 1).post(&client).await.refused(404);
    new_share(&new_id(), &item, 1).post(&client).await.refused(404);
    new_share(&vault, &item, 2).post(&client).await.refused(409);
    let mut share = new_share(&vault, &item, 1);
    share.request.enc_share_secret = sealed("old-vault-key", "secret");
    share.post(&client).await.refused(409);
    let file = client.uploaded(b"of no item").await;
    new_share(&vault, &item, 1).files(&[&file]).post(&client).await.refused(404);

    let share = new_share(&vault, &item, 1).create(&client).await;
    share.post(&client).await.refused(409);
    client.change(&vault, &next(&item, 1, ItemState::Archived)).await;
    new_share(&vault, &item, 2).post(&client).await.refused(400);
    client.change(&vault, &next(&item, 2, ItemState::Deleted)).await;
    new_share(&vault, &item, 3).post(&client).await.refused(404);
}

#[tokio::test]
async fn shares_are_their_senders_business_and_that_of_the_vaults_managers() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("member").await;
    let (vault, item) = item_of(&team.owner).await;
    let (other_vault, other_item) = item_of(&team.owner).await;
    let sender = READ_ITEMS | REVEAL_ITEM_PASSWORD | UPDATE_ITEM_HISTORY | SEND_ITEMS;
    team.owner.grant(&vault, &[group_access(&team.members, &vault, sender)]).await.succeeded();
    let program = team.owner.make_service_account(&vault, ALL & !3).await;
    let program = Client::sign_in(&server.url, &program).await;
    let stranger = owner(&server).await;

    let of_member = new_share(&vault, &item, 1).create(&member).await;
    let of_program = new_share(&vault, &item, 1).create(&program).await;
    let of_owner = new_share(&other_vault, &other_item, 1).create(&team.owner).await;
    let ids = async |client: &Client, query: &str| {
        let list: Vec<ShareRecord> = client.read(&format!("{SHARES}{query}")).await;
        assert!(list.iter().all(|share| share.views_log.is_none()));
        let mut ids: Vec<String> = list.into_iter().map(|share| share.uuid).collect();
        ids.sort_unstable();
        ids
    };
    let sorted = |list: &[&NewShare]| {
        let mut ids: Vec<String> = list.iter().map(|share| share.id().to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids(&team.owner, "").await, sorted(&[&of_member, &of_program, &of_owner]));
    assert_eq!(ids(&team.owner, &format!("?vault={vault}")).await, sorted(&[&of_member, &of_program]));
    assert_eq!(ids(&team.owner, &format!("?vault={other_vault}&item={}", other_item.uuid)).await, sorted(&[&of_owner]));
    assert_eq!(ids(&team.owner, &format!("?item={}", new_id())).await, sorted(&[]));
    assert_eq!(ids(&member, "").await, sorted(&[&of_member]));
    assert_eq!(ids(&program, "").await, sorted(&[&of_program]));
    assert_eq!(ids(&stranger, "").await, sorted(&[]));

    for client in [&program, &stranger] {
        let path = format!("{SHARES}/{}", of_member.id());
        client.get(&path).await.refused(404);
        client.delete(&path).await.refused(404);
    }
    of_member.tab(&server.url).opened().await;
    // The manager revokes what another one shared; the sender may revoke their own.
    team.owner.delete(&format!("{SHARES}/{}", of_member.id())).await.succeeded();
    program.delete(&format!("{SHARES}/{}", of_program.id())).await.succeeded();
    for share in [&of_member, &of_program] {
        let tab = share.tab(&server.url);
        tab.gone(41_003).await;
        assert_eq!(tab.status().await.state, ShareState::Revoked);
        let record = record(&team.owner, share).await;
        assert_eq!((record.state, record.enc_overview, record.enc_share_secret), (ShareState::Revoked, None, None));
        assert!(record.ended_at.is_some());
        // Again, as after a response that was lost.
        team.owner.delete(&format!("{SHARES}/{}", share.id())).await.succeeded();
    }
    assert_eq!(record(&member, &of_member).await.views_log.unwrap().len(), 1, "the log outlives the share");
    of_owner.tab(&server.url).opened().await;

    let audit: Value = team.owner.read("/api/opwire/v1/audit").await;
    let lines = |action: &str| {
        let events = audit["events"].as_array().unwrap().iter().filter(|event| event["action"] == action);
        events.map(|event| (event["objectUuid"].clone(), event["otherUuid"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(lines("share.create").len(), 3);
    let revoked = [&of_program, &of_member].map(|share| (json!(share.id()), json!(item.uuid)));
    assert_eq!(lines("share.revoke"), revoked);
}

#[tokio::test]
async fn links_lead_to_where_shares_are_opened() {
    let share_url = "https://share.example.com";
    let server = TestServer::start_with(|config| config.share_url = Some(share_url.parse().unwrap())).await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1);
    let response: CreateShareResponse = client.open(&share.post(&client).await);
    assert_eq!(response.url, "https://share.example.com/s");
    assert_eq!(record(&client, &share).await.url, "https://share.example.com/s");

    // Without it, to the host that the client called.
    let server = TestServer::start().await;
    let client = owner(&server).await;
    let (vault, item) = item_of(&client).await;
    let share = new_share(&vault, &item, 1).create(&client).await;
    let path = format!("{SHARES}/{}", share.id());
    let url = format!("{}{path}", server.url);
    let elsewhere = client.keys.mac.header("GET", &format!("https://accounts.example.com{path}"), 77);
    let request =
        http().get(url).header("x-agilebits-session-id", &client.keys.id).header("x-agilebits-mac", elsewhere);
    let record: ShareRecord = client.open(&send(request.header("host", "accounts.example.com")).await);
    assert_eq!(record.url, "https://accounts.example.com/s");
}
