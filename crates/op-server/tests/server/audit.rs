//! The audit log.

use op_protocol::rest::{AuditAction, AuditEvent, AuditPage, ItemState, PatchResponse, Session};
use op_testkit::TestServer;

use crate::support::{new_id, new_item};
use crate::team::{Team, group_access};

const AUDIT: &str = "/api/opwire/v1/audit";

#[test]
fn the_documentation_lists_every_action() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol.md")).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with("The audit log\n")).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let listed: Vec<&str> = rows.map(|(action, _)| action).collect();
    assert_eq!(listed, AuditAction::ALL.iter().map(|action| action.as_str()).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_change_leaves_a_line_and_a_refused_one_none() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let member = team.join("wendy").await;
    let vault = team.owner.make_vault().await;
    team.owner.grant(&vault, &[group_access(&team.members, &vault, 48)]).await.succeeded();
    let refused = team.owner.grant(&vault, &[group_access(&team.members, &vault, 64)]).await.refused(400);
    let page: AuditPage = team.owner.read(AUDIT).await;
    let actions = page.events.iter().rev().map(|event| event.action.as_str());
    let actions: Vec<&str> = actions.filter(|action| *action != "session.start").collect();
    let mut expected = vec!["account.create"];
    expected.extend(["group.create"; 4]);
    expected.extend(["group.add-member"; 4]);
    expected.extend(["invite.create", "invite.accept", "user.confirm", "vault.create", "vault.grant", "vault.grant"]);
    assert_eq!(actions, expected);
    assert_eq!(page.next, None);

    let grant = &page.events[0];
    assert_eq!((grant.object_uuid.as_str(), grant.acl), (vault.as_str(), Some(48)));
    assert_eq!(grant.other_uuid.as_ref(), Some(&team.members.uuid));
    assert_eq!(
        (grant.actor_uuid.as_str(), grant.address.as_str()),
        (team.owner.person.user.uuid.as_str(), "127.0.0.1")
    );
    assert!(op_protocol::id::is_id(&grant.request_id));
    assert!(page.events.iter().all(|event| refused["requestId"] != event.request_id.as_str()));
    let accepted = page.events.iter().find(|event| event.action == "invite.accept").unwrap();
    assert_eq!(accepted.actor_uuid, member.person.user.uuid);

    for user in [&team.owner, &member] {
        let signed_in =
            |event: &&AuditEvent| event.action == "session.start" && event.actor_uuid == user.person.user.uuid;
        let signed_in: Vec<&AuditEvent> = page.events.iter().filter(signed_in).collect();
        let sessions: Vec<Session> = user.read("/api/opwire/v1/sessions").await;
        let names: Vec<&str> = sessions.iter().map(|session| session.uuid.as_str()).collect();
        assert_eq!(signed_in.iter().map(|event| event.object_uuid.as_str()).collect::<Vec<_>>(), names);
    }

    // Nothing in it but ids, numbers and times.
    let text = serde_json::to_string(&page).unwrap();
    for secret in [
        &member.person.user.email,
        &member.person.user.name,
        &member.person.user.verifier,
        &member.keys.id,
        "ciphertext",
    ] {
        assert!(!text.contains(secret));
    }
}

#[tokio::test]
async fn changes_of_items_are_told_one_by_one() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let mut item = new_item("item");
    for (version, state) in [
        (0, ItemState::Active),
        (1, ItemState::Active),
        (2, ItemState::Archived),
        (3, ItemState::Active),
        (4, ItemState::Deleted),
    ] {
        item.item_version = version;
        item.trashed = state;
        team.owner.change(&vault, &item).await;
    }
    let page: AuditPage = team.owner.read(AUDIT).await;
    let events: Vec<_> = page.events.iter().rev().filter(|event| event.object_uuid == item.uuid).collect();
    let actions: Vec<&str> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["item.create", "item.update", "item.archive", "item.restore", "item.delete"]);
    assert!(events.iter().all(|event| event.other_uuid.as_ref() == Some(&vault)));
}

#[tokio::test]
async fn a_change_of_more_items_than_one_statement_records_is_told_whole() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    let items: Vec<_> = (0..1_001).map(|_| new_item("item")).collect();
    let answer: PatchResponse = team.owner.open(&team.owner.patch(&vault, 1, &items).await);
    assert_eq!(answer.failed_items, None);
    let newest: AuditPage = team.owner.read(&format!("{AUDIT}?limit=1000")).await;
    let before = newest.next.unwrap();
    let older: AuditPage = team.owner.read(&format!("{AUDIT}?limit=1000&before={before}")).await;
    let events = older.events.iter().rev().chain(newest.events.iter().rev());
    let created: Vec<_> =
        events.filter(|event| event.action == "item.create").map(|event| &event.object_uuid).collect();
    assert_eq!(created, items.iter().map(|item| &item.uuid).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_log_is_read_page_by_page() {
    let server = TestServer::start().await;
    let team = Team::on(&server).await;
    for _ in 0..3 {
        team.owner.make_vault().await;
    }
    let all: AuditPage = team.owner.read(AUDIT).await;
    let (mut pages, mut before): (Vec<AuditEvent>, String) = (Vec::new(), String::new());
    loop {
        let page: AuditPage = team.owner.read(&format!("{AUDIT}?limit=4{before}")).await;
        assert!(page.events.len() <= 4);
        pages.extend(page.events);
        match page.next {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    assert_eq!(pages, all.events);
    assert!(pages.windows(2).all(|pair| pair[0].id > pair[1].id));
    for wrong in ["0", "1001", "many", "-1"] {
        team.owner.get(&format!("{AUDIT}?limit={wrong}")).await.refused(400);
    }
    let other = Team::on(&server).await;
    let theirs: AuditPage = other.owner.read(&format!("{AUDIT}?before={}", all.events[0].id)).await;
    assert!(theirs.events.iter().all(|event| event.actor_uuid == other.owner.person.user.uuid));
    team.owner.delete(&format!("/api/v4/vault/{}", new_id())).await.refused(404);
    assert_eq!(team.owner.read::<AuditPage>(AUDIT).await, all);
}

#[tokio::test]
async fn old_lines_are_deleted_and_others_kept() {
    let server = TestServer::start_with(|config| config.audit_days = Some(30)).await;
    let team = Team::on(&server).await;
    let vault = team.owner.make_vault().await;
    // As if all but the vault's lines were of 1970.
    server.execute(&format!("UPDATE audit SET id = '0000' || substr(id, 5) WHERE object_uuid <> '{vault}'")).await;
    let server = server.restart(|config| config.audit_days = Some(30)).await;
    for _ in 0..300 {
        let rows = server.rows("audit").await;
        assert!(rows.iter().any(|row| row.contains(&vault)), "{rows:?}");
        if rows.iter().all(|row| row.contains(&vault)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the old lines are still there");
}
