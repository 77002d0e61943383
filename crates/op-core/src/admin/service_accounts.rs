//! Service accounts: users for programs. Their permissions are set when they are created.

use futures_util::future::try_join_all;
use op_protocol::{
    id::{UserId, VaultId},
    jwk::{RsaPublicKey, SymmetricKey},
    keyset::MASTER_KEY_ID,
    rest::{
        AccessorType, CreateServiceAccountRequest, NewUser, RotateServiceAccountRequest, ServiceAccount,
        VaultAccessRecord, VaultRecord, routes,
    },
    token::ServiceAccountToken,
};
use zeroize::Zeroizing;

use super::{NewKeys, account_builder::AccountBuilder};
use crate::{
    client::{
        Client, vault_records,
        wrap::{Accessor, VaultKeyVersion},
    },
    error::Result,
    ids,
};

/// The domain of the e-mail addresses of service accounts; nothing is ever sent there.
const DOMAIN: &str = "serviceaccounts.opwire.invalid";

/// A service account to create.
pub struct NewServiceAccount<'a> {
    /// The display name.
    pub name: &'a str,
    /// The vaults and Environments that it may open.
    pub grants: &'a [Grant],
    /// Whether it may create vaults, which it then manages.
    pub can_create_vaults: bool,
}

/// The permissions of a service account in one vault or Environment.
pub struct Grant {
    /// The id of the vault or Environment.
    pub vault_id: VaultId,
    /// The permission bits, see [`op_protocol::permissions`].
    pub permissions: u32,
}

/// Creates a service account, and returns its token, which cannot be read again. `sign_in_address` is the server's
/// address.
///
/// # Errors
/// A vault does not exist, or this user may not grant the permissions.
pub async fn create_service_account(
    client: &Client,
    sign_in_address: &str,
    new: &NewServiceAccount<'_>,
    new_keys: NewKeys<'_>,
) -> Result<Zeroizing<String>> {
    let email = format!("{}@{DOMAIN}", client.new_id());
    let (user, token) = service_user(client, &email, new.name, sign_in_address, new_keys)?;
    let vaults =
        new.grants.iter().map(|grant| service_access(client, &user, grant.vault_id.clone(), grant.permissions));
    let vaults = try_join_all(vaults).await?;
    let request = CreateServiceAccountRequest { user, vaults, can_create_vaults: new.can_create_vaults };
    client.api.mutate(&routes::CREATE_SERVICE_ACCOUNT.at([]), &request).await?;
    Ok(token.encode())
}

/// Gives a service account new secrets, and returns its new token. The old token stops working at once; the permissions
/// stay the same.
///
/// # Errors
/// The service account does not exist, or this user cannot open one of its vaults.
pub async fn rotate_service_account(
    client: &Client,
    sign_in_address: &str,
    service_account_id: &UserId,
    new_keys: NewKeys<'_>,
) -> Result<Zeroizing<String>> {
    let accounts = service_accounts(client).await?;
    let account = accounts.iter().find(|account| account.uuid == service_account_id.as_str());
    let account = account.ok_or_else(|| ids::not_found("service account", service_account_id.as_str()))?;
    let (user, token) = service_user(client, &account.email, &account.name, sign_in_address, new_keys)?;
    let user = NewUser { uuid: account.uuid.clone(), ..user };
    let vaults = account.vaults.iter();
    let vaults =
        vaults.map(|access| service_access(client, &user, VaultId::from_server(&access.vault_uuid), access.acl));
    let request = RotateServiceAccountRequest { vaults: try_join_all(vaults).await?, user };
    client.api.mutate(&routes::ROTATE_SERVICE_ACCOUNT.at([service_account_id.as_str()]), &request).await?;
    Ok(token.encode())
}

/// Returns all service accounts, with their access to vaults.
///
/// # Errors
/// This user is not an administrator.
pub async fn service_accounts(client: &Client) -> Result<Vec<ServiceAccount>> {
    client.api.get(routes::SERVICE_ACCOUNTS.at([])).await
}

/// Revokes a service account: its token stops working at once, permanently.
///
/// # Errors
/// This user is not an administrator, or the service account does not exist.
pub async fn revoke_service_account(client: &Client, service_account_id: &UserId) -> Result<()> {
    client.api.act(&routes::DELETE_SERVICE_ACCOUNT.at([service_account_id.as_str()])).await
}

/// Generates the secrets of a service account, and the token that holds them. Nobody types them, so they are random
/// instead of derived from a password. docs/decisions/0004 says why.
fn service_user(
    client: &Client,
    email: &str,
    name: &str,
    sign_in_address: &str,
    new_keys: NewKeys<'_>,
) -> Result<(NewUser, ServiceAccountToken)> {
    let builder = AccountBuilder { host: client.host() };
    let (secret_key, auth) = (builder.secret_key()?, builder.auth_parameters());
    let (x, unlock) = (Zeroizing::new(builder.random()), SymmetricKey::new(MASTER_KEY_ID, builder.random()));
    let keyset = builder.keyset(&unlock, &auth, new_keys()?)?;
    let user = builder.user(email, name, &secret_key, auth.clone(), &x, keyset);
    let token = ServiceAccountToken {
        sign_in_address: sign_in_address.to_owned(),
        email: email.to_owned(),
        secret_key,
        srp_x: x,
        muk: unlock,
        user_auth: auth,
        throttle_secret: None,
        device_uuid: builder.id(),
    };
    Ok((user, token))
}

async fn service_access(
    client: &Client,
    user: &NewUser,
    vault_id: VaultId,
    permissions: u32,
) -> Result<VaultAccessRecord> {
    let vault: VaultRecord = client.api.get_one(vault_records::target(&vault_id)).await?;
    let key = client.keychain.vault_key(&vault).await?;
    let public_key: &RsaPublicKey = &user.keyset.pub_key;
    let accessor = Accessor { kind: AccessorType::User, id: &user.uuid, public_key, permissions };
    VaultKeyVersion::current(&vault, &key).access(client.host(), &accessor).await
}
