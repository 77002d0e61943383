//! Service accounts: users for programs. What they may do is fixed when they are made.

use futures_util::future::try_join_all;
use op_protocol::{
    jwk::{RsaPublicKey, SymmetricKey},
    keyset::MASTER_KEY_ID,
    rest::{
        CreateServiceAccountRequest, NewUser, RotateServiceAccountRequest, ServiceAccount, VaultAccessRecord,
        VaultRecord, accessor_type, routes,
    },
    token::ServiceAccountToken,
};
use zeroize::Zeroizing;

use super::{NewKeys, maker::Maker};
use crate::{
    client::{
        Client, vault_records,
        wrap::{Accessor, VaultKey},
    },
    error::Result,
    ids,
};

/// Where service accounts have their e-mail addresses; nothing is ever sent there.
const DOMAIN: &str = "serviceaccounts.opwire.invalid";

/// A service account to make.
pub struct NewServiceAccount<'a> {
    /// Name for people.
    pub name: &'a str,
    /// What it may open: vaults, and Environments.
    pub grants: &'a [Grant],
    /// Whether it may make vaults, which it then manages.
    pub can_create_vaults: bool,
}

/// What a service account may do in one vault or Environment.
pub struct Grant {
    /// The id of the vault or Environment.
    pub vault_id: String,
    /// Permission bits, see [`op_protocol::permissions`].
    pub permissions: u32,
}

/// Creates a service account, and returns its token, which cannot be read again. `sign_in_address` is the server's.
///
/// # Errors
/// A vault does not exist, or this user may not grant what is asked for.
pub async fn create_service_account(
    client: &Client,
    sign_in_address: &str,
    new: &NewServiceAccount<'_>,
    new_keys: NewKeys<'_>,
) -> Result<Zeroizing<String>> {
    let email = format!("{}@{DOMAIN}", client.new_id());
    let (user, token) = service_user(client, &email, new.name, sign_in_address, new_keys)?;
    let vaults = new.grants.iter().map(|grant| service_access(client, &user, &grant.vault_id, grant.permissions));
    let vaults = try_join_all(vaults).await?;
    let request = CreateServiceAccountRequest { user, vaults, can_create_vaults: new.can_create_vaults };
    client.api.mutate(&routes::CREATE_SERVICE_ACCOUNT.at([]), &request).await?;
    Ok(token.encode())
}

/// Gives a service account new secrets and returns its new token. The old one stops working at once; what it may do
/// stays the same.
///
/// # Errors
/// There is no such service account, or this user cannot open one of its vaults.
pub async fn rotate_service_account(
    client: &Client,
    sign_in_address: &str,
    service_account_id: &str,
    new_keys: NewKeys<'_>,
) -> Result<Zeroizing<String>> {
    ids::check("service_account_id", service_account_id)?;
    let accounts = service_accounts(client).await?;
    let account = accounts.iter().find(|account| account.uuid == service_account_id);
    let account = account.ok_or_else(|| ids::not_found("service account", service_account_id))?;
    let (user, token) = service_user(client, &account.email, &account.name, sign_in_address, new_keys)?;
    let user = NewUser { uuid: account.uuid.clone(), ..user };
    let vaults = account.vaults.iter().map(|access| service_access(client, &user, &access.vault_uuid, access.acl));
    let request = RotateServiceAccountRequest { vaults: try_join_all(vaults).await?, user };
    client.api.mutate(&routes::ROTATE_SERVICE_ACCOUNT.at([service_account_id]), &request).await?;
    Ok(token.encode())
}

/// All service accounts, with what they may open.
///
/// # Errors
/// This user is no administrator.
pub async fn service_accounts(client: &Client) -> Result<Vec<ServiceAccount>> {
    client.api.get(routes::SERVICE_ACCOUNTS.at([])).await
}

/// Ends a service account: its token stops working at once, for good.
///
/// # Errors
/// This user is no administrator, or there is no such service account.
pub async fn revoke_service_account(client: &Client, service_account_id: &str) -> Result<()> {
    ids::check("service_account_id", service_account_id)?;
    client.api.act(&routes::DELETE_SERVICE_ACCOUNT.at([service_account_id])).await
}

/// New secrets for a service account, and the token that holds them. Nobody types them, so they need no derivation.
fn service_user(
    client: &Client,
    email: &str,
    name: &str,
    sign_in_address: &str,
    new_keys: NewKeys<'_>,
) -> Result<(NewUser, ServiceAccountToken)> {
    let maker = Maker { host: client.host() };
    let (secret_key, auth) = (maker.secret_key()?, maker.auth_parameters());
    let (x, unlock) = (Zeroizing::new(maker.random()), SymmetricKey::new(MASTER_KEY_ID, maker.random()));
    let keyset = maker.keyset(&unlock, &auth, new_keys()?)?;
    let user = maker.user(email, name, &secret_key, auth.clone(), &x, keyset);
    let token = ServiceAccountToken {
        sign_in_address: sign_in_address.to_owned(),
        email: email.to_owned(),
        secret_key,
        srp_x: x,
        muk: unlock,
        user_auth: auth,
        throttle_secret: None,
        device_uuid: maker.id(),
    };
    Ok((user, token))
}

async fn service_access(
    client: &Client,
    user: &NewUser,
    vault_id: &str,
    permissions: u32,
) -> Result<VaultAccessRecord> {
    ids::check("vault_id", vault_id)?;
    let vault: VaultRecord = client.api.get_one(vault_records::target(vault_id)).await?;
    let key = client.keychain.vault_key(&vault).await?;
    let public_key: &RsaPublicKey = &user.keyset.pub_key;
    let accessor = Accessor { kind: accessor_type::USER, id: &user.uuid, public_key, permissions };
    VaultKey::current(&vault, &key).access(client.host(), &accessor).await
}
