//! Creating vaults, and changing their attributes.

use futures_util::future::try_join_all;
use op_protocol::{
    envelope::Envelope,
    id::GroupId,
    json::{self, Object, Tree},
    jwk::SymmetricKey,
    permissions,
    rest::{self, AccessorType, GroupType, UpdateVaultRequest, VaultRecord, VaultType, routes},
};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::{
    client::{
        Client,
        wrap::{Accessor, VaultKeyVersion},
    },
    error::{Error, ErrorKind, Result},
    people::groups,
    plaintext::vault::VaultAttributes,
    types::VaultUpdateParams,
    wire::on_drop::OnDrop,
};

/// A vault that was just created.
pub(crate) struct NewVault {
    pub(crate) id: String,
    pub(crate) attributes: VaultAttributes,
    pub(crate) access: Vec<rest::VaultAccessRecord>,
}

/// Creates a vault of type `kind`. This user may open it, and the groups to which the account gives access to every
/// vault.
pub(crate) async fn make_vault(
    client: &Client,
    kind: VaultType,
    title: String,
    description: Option<String>,
    allow_admins: bool,
) -> Result<NewVault> {
    let _forget = OnDrop(|| client.titles.forget_vaults());
    let key = SymmetricKey::new(client.new_id(), client.api.connection.random());
    let id = client.new_id();
    let vault = VaultKeyVersion { vault_id: &id, key: &key, sn: 1 };
    let access = first_access(client, &vault, allow_admins).await?;
    let attributes = VaultAttributes {
        uuid: Some(client.new_id()),
        name: title,
        desc: description,
        avatar: None,
        kind: kind.into(),
    };
    let request = rest::CreateVaultRequest {
        uuid: id.clone(),
        kind,
        enc_attrs: seal_attributes(client, &attributes, &key)?,
        access,
    };
    client.api.mutate(&routes::CREATE_VAULT.at([]), &request).await?;
    Ok(NewVault { id, attributes, access: request.access })
}

/// Returns the accesses of a new vault: those of this user, of the mandatory groups, and of the administrators.
async fn first_access(
    client: &Client,
    vault: &VaultKeyVersion<'_>,
    allow_admins: bool,
) -> Result<Vec<rest::VaultAccessRecord>> {
    let session = client.api.session().await?;
    let preflight = client.api.get_text(routes::VAULT_PREFLIGHT.at([]).query("type=U"));
    let (keysets, preflight) = futures_util::future::try_join(client.keychain.keysets(), preflight).await?;
    let [mut groups, administrators] = preflight_groups(&preflight)?;
    if allow_admins {
        groups.extend(administrators);
    }
    groups.sort();
    groups.dedup();
    let group_access = groups.iter().map(|id| access_of_group(client, vault, GroupId::from_server(id)));
    let own = Accessor {
        kind: AccessorType::User,
        id: &session.user_id,
        public_key: &keysets.primary()?.pub_key,
        permissions: permissions::ALL,
    };
    let (own, group_access) =
        futures_util::future::try_join(vault.access(client.host(), &own), try_join_all(group_access)).await?;
    Ok(std::iter::once(own).chain(group_access).collect())
}

/// Returns a group's access to a new vault, with the permission to recover it or to manage it.
async fn access_of_group(
    client: &Client,
    vault: &VaultKeyVersion<'_>,
    group_id: GroupId,
) -> Result<rest::VaultAccessRecord> {
    let group = groups::record(client, &group_id, &["pubkey"]).await?;
    let public_key = groups::public_key(&group)?;
    let permissions = match group.kind.known() {
        Some(GroupType::Recovery | GroupType::TeamMembers) => permissions::RECOVER_VAULT,
        _ => permissions::MANAGE_VAULT,
    };
    let accessor = Accessor { kind: AccessorType::Group, id: group_id.as_str(), public_key, permissions };
    vault.access(client.host(), &accessor).await
}

/// Changes the attributes that `params` has. Members that are unknown to this version are kept.
pub(crate) async fn update_attributes(
    client: &Client,
    vault: &VaultRecord,
    params: &VaultUpdateParams,
) -> Result<VaultAttributes> {
    let _forget = OnDrop(|| client.titles.forget_vaults());
    let key = client.keychain.vault_key(vault).await?;
    let plaintext = vault.enc_attrs.open(&key).map_err(|_| unreadable(vault))?;
    let mut attributes = json::parse(&plaintext).and_then(Value::try_from).map_err(|_| unreadable(vault))?;
    let members = attributes.as_object_mut().ok_or_else(|| unreadable(vault))?;
    let mut set = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), Value::String(value.clone()));
        }
    };
    set("name", &params.title);
    set("desc", &params.description);
    let plaintext = Zeroizing::new(attributes.to_string().into_bytes());
    let request = UpdateVaultRequest {
        uuid: vault.uuid.clone(),
        kind: vault.kind.clone(),
        enc_attrs: Envelope::seal(&key, client.api.connection.random(), &plaintext),
        attr_version: vault.attr_version,
    };
    client.api.mutate(&routes::VAULT_ATTRIBUTES.at([&vault.uuid]), &request).await?;
    json::decode(&plaintext).map_err(|_| unreadable(vault))
}

fn seal_attributes(client: &Client, attributes: &VaultAttributes, key: &SymmetricKey) -> Result<Envelope> {
    let plaintext = serde_json::to_vec(attributes).map_err(|error| Error::new(ErrorKind::Internal, error))?;
    Ok(Envelope::seal(key, client.api.connection.random(), &plaintext))
}

/// Returns the mandatory groups, and those of the administrators. Servers send an object, or the array of its members
/// ([`VaultPreflight`](rest::VaultPreflight) says why).
fn preflight_groups(text: &[u8]) -> Result<[Vec<String>; 2]> {
    let malformed = || Error::new(ErrorKind::InvalidResponse, "the server's response about new vaults cannot be read");
    let members = match json::parse(text).map_err(|_| malformed())? {
        Tree::List(members) => members,
        object => {
            let mut object = Object::of(object).map_err(|_| malformed())?;
            let mut take = |name| object.tree(name).map_err(|_| malformed());
            vec![take("mandatoryGroupUuids")?, take("adminGroupUuids")?]
        }
    };
    let mut groups = members.into_iter().map(|member| json::from_tree(member).map_err(|_| malformed()));
    match (groups.next(), groups.next()) {
        (Some(mandatory), Some(administrators)) => Ok([mandatory?, administrators?]),
        _ => Err(malformed()),
    }
}

fn unreadable(vault: &VaultRecord) -> Error {
    Error::new(ErrorKind::Decryption, format_args!("the attributes of vault {}", vault.uuid))
}
