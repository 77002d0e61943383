//! Vaults: made, read, changed and deleted.

use op_core::{
    ErrorKind,
    methods::{
        ClientMethod, EnvironmentsCreate, VaultsCreate, VaultsDelete, VaultsGet, VaultsGetOverview, VaultsList,
        VaultsUpdate,
    },
    types::{
        EnvironmentCreateParams, VaultAccessorType, VaultCreateParams, VaultGetParams, VaultType, VaultUpdateParams,
    },
};
use op_protocol::permissions::{ALL, MANAGE_VAULT, RECOVER_VAULT};
use op_testkit::TestAccount;

use crate::support::{failure, id};

fn params(title: &str) -> VaultCreateParams {
    VaultCreateParams { title: title.to_owned(), ..VaultCreateParams::default() }
}

#[tokio::test]
async fn a_vault_lives_and_dies() {
    let account = TestAccount::create().await;
    let owner = &account.owner;
    let description = Some("for £ 日本".to_owned());
    let params = VaultCreateParams { description, ..params("New") };
    let made = VaultsCreate { params }.run(owner).await.unwrap();
    assert_eq!((made.title.as_str(), made.description.as_str()), ("New", "for £ 日本"));
    assert_eq!((made.vault_type, made.active_item_count), (VaultType::UserCreated, 0));

    let read = VaultsGet { vault_id: id(&made.id), vault_params: VaultGetParams { accessors: Some(true) } };
    let mut read = read.run(owner).await.unwrap();
    let mut access = made.access.clone().unwrap();
    access.sort_by(|a, b| a.accessor_uuid.cmp(&b.accessor_uuid));
    read.access.as_mut().unwrap().sort_by(|a, b| a.accessor_uuid.cmp(&b.accessor_uuid));
    assert_eq!(read.access.as_ref(), Some(&access), "what was returned is what stands");
    let permissions = |kind| access.iter().filter(move |each| each.accessor_type == kind).map(|each| each.permissions);
    assert_eq!(permissions(VaultAccessorType::User).collect::<Vec<_>>(), [ALL]);
    let mut of_groups: Vec<_> = permissions(VaultAccessorType::Group).collect();
    of_groups.sort_unstable();
    assert_eq!(of_groups, [RECOVER_VAULT, MANAGE_VAULT, MANAGE_VAULT], "recovery, owners, administrators");

    let update = |title: Option<&str>, description: Option<&str>| VaultsUpdate {
        vault_id: id(&made.id),
        params: VaultUpdateParams { title: title.map(str::to_owned), description: description.map(str::to_owned) },
    };
    let updated = update(Some("Renamed"), None).run(owner).await.unwrap();
    assert_eq!((updated.title.as_str(), updated.description.as_str()), ("Renamed", "for £ 日本"));
    update(None, Some("")).run(owner).await.unwrap();
    let overview = VaultsGetOverview { vault_id: id(&made.id) }.run(owner).await.unwrap();
    assert_eq!((overview.title.as_str(), overview.description.as_str()), ("Renamed", ""));
    assert_eq!(overview.attribute_version, 3);

    VaultsDelete { vault_id: id(&made.id) }.run(owner).await.unwrap();
    let gone = failure(VaultsGetOverview { vault_id: id(&made.id) }.run(owner).await, ErrorKind::NotFound);
    assert!(gone.message().starts_with("vault couldn't be found: "), "{gone}");
    let again = failure(VaultsDelete { vault_id: id(&made.id) }.run(owner).await, ErrorKind::NotFound);
    assert!(again.message().starts_with("vault couldn't be found: "), "{again}");
}

#[tokio::test]
async fn administrators_may_be_kept_out() {
    let account = TestAccount::create().await;
    let params = VaultCreateParams { allow_admins_access: Some(false), ..params("Mine") };
    let made = VaultsCreate { params }.run(&account.owner).await.unwrap();
    let groups = made.access.iter().flatten().filter(|each| each.accessor_type == VaultAccessorType::Group);
    assert_eq!(groups.map(|each| each.permissions).collect::<Vec<_>>(), [RECOVER_VAULT]);
}

#[tokio::test]
async fn everybody_has_a_personal_vault_that_nobody_else_sees() {
    let account = TestAccount::create().await;
    let person = account.person("ada@example.com").await;
    let of = |vaults: Vec<op_core::types::VaultOverview>| {
        let personal = vaults.into_iter().filter(|vault| vault.vault_type == VaultType::Personal);
        personal.map(|vault| vault.id).collect::<Vec<_>>()
    };
    let hers = of(VaultsList { params: None }.run(&person).await.unwrap());
    let owners = of(VaultsList { params: None }.run(&account.owner).await.unwrap());
    assert_eq!((hers.len(), owners.len()), (1, 1));
    assert_ne!(hers, owners);
    failure(VaultsGetOverview { vault_id: id(&hers[0]) }.run(&account.owner).await, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_environment_is_not_a_vault() {
    let account = TestAccount::create().await;
    let params = EnvironmentCreateParams { title: "Production".to_owned(), description: None };
    let vault_id = EnvironmentsCreate { params }.run(&account.owner).await.unwrap().id;
    for result in [
        VaultsDelete { vault_id: id(&vault_id) }.run(&account.owner).await,
        VaultsUpdate { vault_id: id(&vault_id), params: VaultUpdateParams::default() }
            .run(&account.owner)
            .await
            .map(drop),
    ] {
        let error = failure(result, ErrorKind::BadInput);
        let text = "bad input passed by the user: ID does not correspond to a vault: `";
        assert!(error.message().starts_with(text), "{error}");
    }
}
