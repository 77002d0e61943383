//! The people of an account: invited, confirmed, with their passwords, sessions and tokens.

use op_core::{
    Core, ErrorKind,
    admin::{self, Invitation, NewPerson},
    methods::{
        ClientMethod, GroupsList, UsersGet, UsersList, VaultsGetOverview, VaultsGrantUserPermissions, VaultsList,
    },
    types::{UserAccess, UserState},
};
use op_protocol::{id::UserId, permissions::READ_ITEMS};
use op_testkit::{
    TestAccount,
    account::{PASSWORD, config, host, new_vault, rsa_key},
};

use crate::support::{failure, id};

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn a_person_joins_by_invitation_and_confirmation() {
    let account = TestAccount::create().await;
    let owner = &account.owner;
    let invitation = admin::invite(owner, &account.server.url, ADA, "Ada").await.unwrap();
    let text = invitation.text();
    assert_eq!(admin::invites(owner).await.unwrap()[0].email, ADA);

    let invited = admin::open_invitation(&host(), Invitation::parse(&text).unwrap()).await.unwrap();
    assert_eq!((invited.details.account_name.as_str(), invited.details.name.as_str()), ("Tests", "Ada"));
    let person = admin::NewPerson { name: "Ada L.", password: PASSWORD };
    let kit = admin::join(&host(), &invited, &person, &rsa_key).await.unwrap();
    let again = admin::open_invitation(&host(), Invitation::parse(&text).unwrap()).await;
    assert!(again.is_err_and(|error| error.message().contains("ask for a new one")));

    let sign_in = |password| account.sign_in(ADA, kit.secret_key.clone(), password);
    let pending = failure(sign_in(PASSWORD).await, ErrorKind::UserNotConfirmed);
    assert!(pending.message().contains("an administrator of the account has yet to confirm you"), "{pending}");
    // Who has not proved who they are learns nothing of that.
    let refused = failure(sign_in("a wrong password").await, ErrorKind::Auth);
    let unknown = account.sign_in("eve@example.com", kit.secret_key.clone(), PASSWORD).await;
    assert_eq!(refused.message(), failure(unknown, ErrorKind::Auth).message());
    assert!(refused.message().contains("the password is wrong"), "{refused}");
    let ada = UsersList {}.run(owner).await.unwrap().into_iter().find(|user| user.email == ADA).unwrap();
    assert_eq!((ada.name.as_str(), ada.state), ("Ada L.", UserState::Pending));
    admin::confirm_user(owner, &id(&ada.id)).await.unwrap();
    let client = account.sign_in(ADA, kit.secret_key.clone(), PASSWORD).await.unwrap();
    VaultsList { params: None }.run(&client).await.unwrap();
    failure(admin::invite(&client, &account.server.url, "eve@example.com", "Eve").await, ErrorKind::PermissionDenied);

    admin::suspend_user(owner, &id(&ada.id)).await.unwrap();
    assert!(VaultsList { params: None }.run(&client).await.is_err(), "its sessions end");
    let suspended = failure(sign_in(PASSWORD).await, ErrorKind::UserSuspended);
    assert!(suspended.message().contains("ask an administrator of the account to reactivate you"), "{suspended}");
    assert_eq!(failure(sign_in("a wrong password").await, ErrorKind::Auth).message(), refused.message());
    admin::reactivate_user(owner, &id(&ada.id)).await.unwrap();
    account.sign_in(ADA, kit.secret_key, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn refusals_say_what_is_wrong_and_of_whom() {
    let account = TestAccount::create().await;
    let owner = &account.owner;
    let invited = failure(admin::invite(owner, &account.server.url, "ada", "Ada").await, ErrorKind::BadRequest);
    assert_eq!(invited.message(), "bad request: `ada` is not an e-mail address");
    let unnamed = failure(admin::invite(owner, &account.server.url, ADA, " ").await, ErrorKind::BadRequest);
    assert!(unnamed.message().contains("not blank"), "{unnamed}");

    let own = UsersList {}.run(owner).await.unwrap().remove(0).id;
    let suspended = failure(admin::suspend_user(owner, &id(&own)).await, ErrorKind::BadRequest);
    assert!(
        suspended.message().starts_with("bad request: ") && suspended.message().contains("yourself"),
        "{suspended}"
    );
    assert!(suspended.message().ends_with(&format!("user `{own}`")), "{suspended}");
    failure(admin::reactivate_user(owner, &id(&own)).await, ErrorKind::Conflict);

    let groups = GroupsList {}.run(owner).await.unwrap();
    let kept = failure(admin::delete_group(owner, &id(&groups[0].id)).await, ErrorKind::BadRequest);
    assert!(kept.message().contains(&groups[0].title) && kept.message().contains("built-in"), "{kept}");

    let missing = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    for error in [
        failure(admin::suspend_user(owner, &id(missing)).await, ErrorKind::NotFound),
        failure(admin::delete_group(owner, &id(missing)).await, ErrorKind::NotFound),
        failure(admin::withdraw_invite(owner, &id(missing)).await, ErrorKind::NotFound),
        failure(VaultsGetOverview { vault_id: id(missing) }.run(owner).await, ErrorKind::NotFound),
        failure(UsersGet { user_id: id(missing) }.run(owner).await, ErrorKind::NotFound),
    ] {
        assert_eq!(error.message().matches(missing).count(), 1, "{error}");
    }
}

#[tokio::test]
async fn texts_that_are_no_invitations_are_refused() {
    for text in ["", "https://x.example", "https://x.example#invite.short.secret", "#invite."] {
        let error = Invitation::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration, "{text}");
    }
}

#[tokio::test]
async fn a_recovery_gives_back_what_opens() {
    let account = TestAccount::create().await;
    let insider = account.person("insider@example.com").await;
    let wendy = account.person("wendy@example.com").await;
    let users = UsersList {}.run(&account.owner).await.unwrap();
    let wendy_id = users.iter().find(|user| user.email == "wendy@example.com").unwrap().id.clone();
    let mut shared = Vec::new();
    for title in ["Fine", "Without the recovery group", "With a key that does not open"] {
        let vault_id = new_vault(&insider, title).await;
        let access = vec![UserAccess { user_id: wendy_id.clone(), permissions: READ_ITEMS }];
        VaultsGrantUserPermissions { vault_id: id(&vault_id), user_permissions_list: access }
            .run(&insider)
            .await
            .unwrap();
        shared.push(vault_id);
    }
    let recovery = "(SELECT uuid FROM account_groups WHERE type = 'R')";
    let delete = format!("DELETE FROM vault_access WHERE vault_uuid = '{}' AND accessor_uuid = {recovery}", shared[1]);
    account.server.execute(&delete).await;
    let other_key = format!(
        "UPDATE vault_access SET enc_vault_key = replace(enc_vault_key, '\"data\":\"', '\"data\":\"AAAA')
         WHERE vault_uuid = '{}' AND accessor_uuid = {recovery}",
        shared[2]
    );
    account.server.execute(&other_key).await;

    let user_id = UserId::from_server(&wendy_id);
    let invitation = admin::recover_user(&account.owner, &account.server.url, &user_id).await.unwrap();
    let invited = admin::open_invitation(&host(), invitation).await.unwrap();
    let person = NewPerson { name: "Wendy", password: PASSWORD };
    let kit = admin::join(&host(), &invited, &person, &rsa_key).await.unwrap();
    let mut left = admin::complete_recovery(&account.owner, &user_id).await.unwrap();
    left.vaults.sort_unstable();
    let mut lost = shared.split_off(1);
    lost.sort_unstable();
    assert_eq!((left.vaults, left.groups), (lost, vec![]));
    drop(wendy);
    let wendy = account.sign_in("wendy@example.com", kit.secret_key, PASSWORD).await.unwrap();
    let titles: Vec<_> =
        VaultsList { params: None }.run(&wendy).await.unwrap().into_iter().map(|vault| vault.title).collect();
    assert!(titles.contains(&"Fine".to_owned()) && titles.len() == 2, "{titles:?}");
}

#[tokio::test]
async fn a_changed_password_opens_everything_and_the_old_one_nothing() {
    let account = TestAccount::create().await;
    let item = account.login("Example", "hunter2").await;
    // An old session is not enough, so the client proves the password anew.
    account.server.execute_volatile("UPDATE sessions SET started_at = started_at - 3600").await;
    admin::change_password(&account.owner, "another password").await.unwrap();
    let sign_in = |password| account.sign_in("owner@example.com", account.secret_key.clone(), password);
    failure(sign_in(PASSWORD).await, ErrorKind::Auth);
    let client = sign_in("another password").await.unwrap();
    let get = op_core::methods::ItemsGet { vault_id: id(&account.vault_id), item_id: id(&item.id) };
    assert_eq!(get.run(&client).await.unwrap().fields[0].value, "hunter2");
    // The client that changed it goes on.
    VaultsList { params: None }.run(&account.owner).await.unwrap();
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let account = TestAccount::create().await;
    let other = account.sign_in("owner@example.com", account.secret_key.clone(), PASSWORD).await.unwrap();
    let sessions = admin::sessions(&account.owner).await.unwrap();
    assert_eq!(sessions.iter().filter(|session| session.current).count(), 1);
    assert!(sessions.len() >= 2, "{sessions:?}");
    admin::sign_out_everywhere_else(&account.owner).await.unwrap();
    assert_eq!(admin::sessions(&account.owner).await.unwrap().len(), 1);
    // A client whose session was ended signs in again by itself.
    VaultsList { params: None }.run(&other).await.unwrap();
    assert_eq!(admin::sessions(&account.owner).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_rotated_token_takes_the_old_ones_place() {
    let account = TestAccount::create().await;
    let all = admin::service_accounts(&account.owner).await.unwrap();
    let account_id = id(&all[0].uuid);
    let token =
        admin::rotate_service_account(&account.owner, &account.server.url, &account_id, &rsa_key).await.unwrap();
    let sign_in = |token: String| async move { Core::new(host()).init_client(&config(&token).to_string()).await };
    failure(sign_in(account.token.clone()).await, ErrorKind::Auth);

    let core = Core::new(host());
    core.init_client(&config(&token).to_string()).await.unwrap();
    let vaults = op_testkit::account::invoke(&core, "VaultsList", serde_json::json!({})).await.unwrap();
    assert_eq!(vaults[0]["title"], "Development");

    admin::revoke_service_account(&account.owner, &account_id).await.unwrap();
    failure(sign_in(token.to_string()).await, ErrorKind::Auth);
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what_without_a_secret() {
    let account = TestAccount::create().await;
    account.login("Example", "hunter2").await;
    admin::rotate_vault_key(&account.owner, &id(&account.vault_id)).await.unwrap();
    let page = admin::audit(&account.owner, 100, None).await.unwrap();
    let text = serde_json::to_string(&page.events).unwrap();
    for secret in ["hunter2", "Example", "Development", PASSWORD] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(page.events.iter().any(|event| event.object_uuid == account.vault_id), "{text}");
    let first = admin::audit(&account.owner, 1, None).await.unwrap();
    let second = admin::audit(&account.owner, 1, first.next.as_deref()).await.unwrap();
    assert_eq!(first.events[0], page.events[0]);
    assert_eq!(second.events[0], page.events[1]);
}
