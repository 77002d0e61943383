//! Groups, their members, and what they can open.

use futures_util::future::{join, join_all};
use op_core::{
    Client, ErrorKind, admin,
    methods::{
        ClientMethod, GroupsAddMember, GroupsCreate, GroupsDelete, GroupsGet, GroupsList, GroupsListMembers,
        GroupsRemoveMember, ItemsGet, UsersGet, UsersList, UsersListVaultAccess, VaultsGrantGroupPermissions,
        VaultsGrantUserPermissions, VaultsLeave, VaultsList, VaultsRevokeGroupPermissions, VaultsRevokeUserPermissions,
        VaultsUpdateGroupPermissions,
    },
    types::{
        Group, GroupAccess, GroupCreateParams, GroupGetParams, GroupState, GroupType, GroupVaultAccess, User,
        UserAccess, VaultAccessorType,
    },
};
use op_protocol::permissions::{CREATE_ITEMS, READ_ITEMS, REVEAL_ITEM_PASSWORD, UPDATE_ITEM_HISTORY};
use op_testkit::{
    TestAccount, Wire,
    account::{PASSWORD, host, invoke, new_vault},
};
use serde_json::json;

use crate::support::{failure, id};

const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;

async fn user(client: &Client, email: &str) -> User {
    let people = UsersList {}.run(client).await.unwrap();
    people.into_iter().find(|user| user.email == email).unwrap()
}

fn grant(vault_id: &str, group_id: &str, permissions: u32) -> VaultsGrantGroupPermissions {
    let group_id = group_id.to_owned();
    VaultsGrantGroupPermissions {
        vault_id: id(vault_id),
        group_permissions_list: vec![GroupAccess { group_id, permissions }],
    }
}

fn update(vault_id: &str, group_id: &str, permissions: u32) -> VaultsUpdateGroupPermissions {
    let (vault_id, group_id) = (vault_id.to_owned(), group_id.to_owned());
    VaultsUpdateGroupPermissions { group_permissions_list: vec![GroupVaultAccess { vault_id, group_id, permissions }] }
}

#[tokio::test]
async fn many_grants_and_a_new_vault_key_at_once_all_hold() {
    let account = TestAccount::create().await;
    let vault_id = account.vault_id.as_str();
    let item = account.login("Example", "hunter2").await;
    let mut clients = Vec::new();
    for number in 0..8 {
        let params = GroupCreateParams { title: format!("Group {number}"), description: None };
        let group = GroupsCreate { params }.run(&account.owner).await.unwrap();
        clients.push((account.owner_on(host()).await, group.id));
    }
    let grants = clients.iter().map(|(client, group_id)| grant(vault_id, group_id, READ).run(client));
    let (granted, rotated) = join(join_all(grants), admin::rotate_vault_key(&account.owner, &id(vault_id))).await;
    rotated.unwrap();
    for granted in granted {
        granted.unwrap();
    }

    // Each group has the key that the vault has now.
    let key = account.joined("ada@example.com").await;
    let user_id = user(&account.owner, "ada@example.com").await.id;
    admin::confirm_user(&account.owner, &id(&user_id)).await.unwrap();
    for (_, group_id) in &clients {
        GroupsAddMember { group_id: id(group_id), user_id: id(&user_id) }.run(&account.owner).await.unwrap();
        let get = ItemsGet { vault_id: id(vault_id), item_id: id(&item.id) };
        let client = account.sign_in("ada@example.com", key.clone(), PASSWORD).await.unwrap();
        assert_eq!(get.run(&client).await.unwrap().fields[0].value, "hunter2");
        GroupsRemoveMember { group_id: id(group_id), user_id: id(&user_id) }.run(&account.owner).await.unwrap();
    }
}

#[tokio::test]
async fn keys_follow_membership_and_permissions() {
    let account = TestAccount::create().await;
    let (owner, vault_id) = (&account.owner, account.vault_id.clone());
    let item = account.login("Example", "hunter2").await;
    let member = account.person("ada@example.com").await;
    let read = |client| {
        let get = ItemsGet { vault_id: id(&account.vault_id), item_id: id(&item.id) };
        async move { get.run(client).await }
    };
    // The member's client has read its keysets by now, and does not know the group's.
    failure(read(&member).await, ErrorKind::NotFound);

    let params = GroupCreateParams { title: "Developers".to_owned(), description: Some("They develop".to_owned()) };
    failure(GroupsCreate { params: params.clone() }.run(&member).await, ErrorKind::PermissionDenied);
    let made = GroupsCreate { params }.run(owner).await.unwrap();
    let group_id = made.id.clone();
    let user_id = user(owner, "ada@example.com").await.id;
    let add = || GroupsAddMember { group_id: id(&group_id), user_id: id(&user_id) };
    add().run(owner).await.unwrap();
    add().run(owner).await.unwrap();
    grant(&vault_id, &group_id, READ).run(owner).await.unwrap();
    assert_eq!(read(&member).await.unwrap().fields[0].value, "hunter2");

    let group = GroupsGet { group_id: id(&group_id), group_params: GroupGetParams { vault_permissions: Some(true) } };
    let group = group.run(owner).await.unwrap();
    assert_eq!(Group { vault_access: None, ..group.clone() }, made);
    assert_eq!((group.title.as_str(), group.description.as_str()), ("Developers", "They develop"));
    assert_eq!((group.group_type, group.state), (GroupType::UserDefined, GroupState::Active));
    let access = group.vault_access.unwrap();
    assert_eq!((access[0].vault_uuid.as_str(), access[0].permissions), (vault_id.as_str(), READ));

    update(&vault_id, &group_id, READ | CREATE_ITEMS).run(owner).await.unwrap();
    let access = UsersListVaultAccess { user_id: id(&user_id) }.run(owner).await.unwrap();
    let of_vault = access.iter().find(|access| access.vault_id == vault_id).unwrap();
    assert_eq!(of_vault.permissions, READ | CREATE_ITEMS);
    assert_eq!(of_vault.access[0].accessor_uuid, group_id);

    let members = GroupsListMembers { group_id: id(&group_id) }.run(&member).await.unwrap();
    assert_eq!(members.iter().map(|member| member.email.as_str()).collect::<Vec<_>>(), ["ada@example.com"]);
    assert!(UsersGet { user_id: id(&user_id) }.run(owner).await.unwrap().group_ids.contains(&group_id));

    GroupsRemoveMember { group_id: id(&group_id), user_id: id(&user_id) }.run(owner).await.unwrap();
    failure(read(&member).await, ErrorKind::NotFound);
    add().run(owner).await.unwrap();
    read(&member).await.unwrap();
    let revoke = VaultsRevokeGroupPermissions { vault_id: id(&vault_id), group_id: id(&group_id) };
    revoke.run(owner).await.unwrap();
    failure(read(&member).await, ErrorKind::NotFound);

    failure(GroupsDelete { group_id: id(&group_id) }.run(&member).await, ErrorKind::PermissionDenied);
    GroupsDelete { group_id: id(&group_id) }.run(owner).await.unwrap();
    assert!(!GroupsList {}.run(owner).await.unwrap().iter().any(|group| group.id == group_id));
}

#[tokio::test]
async fn a_person_has_access_by_itself() {
    let account = TestAccount::create().await;
    let (owner, vault_id) = (&account.owner, account.vault_id.clone());
    let item = account.login("Example", "hunter2").await;
    let member = account.person("ada@example.com").await;
    let user_id = user(owner, "ada@example.com").await.id;
    let read = || {
        let get = ItemsGet { vault_id: id(&account.vault_id), item_id: id(&item.id) };
        get.run(&member)
    };
    let grant = |permissions| {
        let user_permissions_list = vec![UserAccess { user_id: user_id.clone(), permissions }];
        VaultsGrantUserPermissions { vault_id: id(&vault_id), user_permissions_list }
    };
    failure(read().await, ErrorKind::NotFound);
    failure(grant(READ).run(&member).await, ErrorKind::NotFound);
    grant(READ).run(owner).await.unwrap();
    assert_eq!(read().await.unwrap().fields[0].value, "hunter2");
    // What is given again takes the place of what was given before.
    grant(READ | CREATE_ITEMS).run(owner).await.unwrap();
    let access = UsersListVaultAccess { user_id: id(&user_id) }.run(&member).await.unwrap();
    let of_vault = access.iter().find(|access| access.vault_id == vault_id).unwrap();
    assert_eq!(of_vault.permissions, READ | CREATE_ITEMS);
    assert_eq!(of_vault.access[0].accessor_type, VaultAccessorType::User);
    admin::rotate_vault_key(owner, &id(&vault_id)).await.unwrap();
    assert_eq!(read().await.unwrap().fields[0].value, "hunter2");

    let error = grant(CREATE_ITEMS).run(owner).await.unwrap_err();
    assert_eq!(error.field(), Some("user_permissions_list[0].permissions"));
    let error = grant(0).run(owner).await.unwrap_err();
    assert!(error.to_string().contains(&format!("for user {user_id} can't be 0")), "{error}");
    let revoke = || VaultsRevokeUserPermissions { vault_id: id(&vault_id), user_id: id(&user_id) };
    revoke().run(owner).await.unwrap();
    failure(read().await, ErrorKind::NotFound);
    failure(revoke().run(owner).await, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_person_leaves_a_vault_that_others_manage() {
    let account = TestAccount::create().await;
    let member = account.person("wendy@example.com").await;
    let people = UsersList {}.run(&account.owner).await.unwrap();
    let user_id = people.iter().find(|user| user.email == "wendy@example.com").unwrap().id.clone();
    let vault_id = new_vault(&account.owner, "Unwanted").await;
    let access = vec![UserAccess { user_id, permissions: READ }];
    VaultsGrantUserPermissions { vault_id: id(&vault_id), user_permissions_list: access }
        .run(&account.owner)
        .await
        .unwrap();
    let leave = || VaultsLeave { vault_id: id(&vault_id) };
    leave().run(&member).await.unwrap();
    let left = VaultsList { params: None }.run(&member).await.unwrap();
    assert!(left.iter().all(|vault| vault.id != vault_id));
    failure(leave().run(&member).await, ErrorKind::NotFound);
    // The owner of the account also has access through its groups, which goes on.
    leave().run(&account.owner).await.unwrap();
    let error = failure(leave().run(&account.owner).await, ErrorKind::BadRequest);
    assert!(error.to_string().contains("your access comes through a group"), "{error}");
    for vault in &left {
        let error = failure(VaultsLeave { vault_id: id(&vault.id) }.run(&member).await, ErrorKind::BadRequest);
        assert!(error.to_string().contains("a personal vault cannot be left"), "{error}");
    }
}

#[tokio::test]
async fn permissions_are_checked_before_anything_is_sent() {
    let account = TestAccount::create().await;
    let wire = Wire::new();
    let core = account.core_on(wire.clone()).await;
    wire.take_requests();
    let group = "b".repeat(26);
    for (permissions, problem) in [
        (0, format!("assigned permissions for group {group} can't be 0")),
        (READ_ITEMS | UPDATE_ITEM_HISTORY, "UPDATE_ITEM_HISTORY also needs REVEAL_ITEM_PASSWORD".to_owned()),
    ] {
        let grant = json!({
            "vault_id": account.vault_id,
            "group_permissions_list": [{ "groupId": group, "permissions": permissions }],
        });
        let update = json!({
            "group_permissions_list": [{ "vaultId": account.vault_id, "groupId": group, "permissions": permissions }],
        });
        for (method, parameters) in [("VaultsGrantGroupPermissions", grant), ("VaultsUpdateGroupPermissions", update)] {
            let error = invoke(&core, method, parameters).await.unwrap_err();
            assert_eq!(error["name"], "InvalidConfiguration");
            assert_eq!(error["message"], format!("invalid user input: encountered the following errors: {problem}"));
            assert_eq!(error["field"], "group_permissions_list[0].permissions");
        }
    }
    assert_eq!(wire.take_requests(), Vec::<String>::new());
}

#[tokio::test]
async fn a_group_that_is_not_there_is_named() {
    let account = TestAccount::create().await;
    let missing = "b".repeat(26);
    let error =
        failure(grant(&account.vault_id, &missing, READ).run(&account.owner).await, ErrorKind::InvalidConfiguration);
    assert!(error.message().ends_with(&format!("group not found for id {missing}")), "{error}");
    let error = failure(update(&account.vault_id, &missing, READ).run(&account.owner).await, ErrorKind::NotFound);
    assert!(error.message().starts_with("error updating group vault permissions: "), "{error}");
    let get = GroupsGet { group_id: id(&missing), group_params: GroupGetParams::default() };
    let error = failure(get.run(&account.owner).await, ErrorKind::NotFound);
    assert!(error.message().starts_with("error getting group: "), "{error}");
}

#[tokio::test]
async fn an_account_comes_with_its_groups() {
    let account = TestAccount::create().await;
    let mut kinds: Vec<_> = GroupsList {}
        .run(&account.owner)
        .await
        .unwrap()
        .iter()
        .map(|group| format!("{:?}", group.group_type))
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["Administrators", "Owners", "Recovery", "TeamMembers"]);
}
