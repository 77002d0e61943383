//! Administration: accounts, users, vaults and service accounts are made here, on the client's side. The server gets
//! verifiers, public keys and ciphertext.

use std::sync::Arc;

use op_protocol::{
    b64,
    envelope::Envelope,
    id,
    jwk::{RsaPrivateKey, RsaPublicKey, SymmetricKey},
    kdf,
    keyset::{Keyset, MASTER_KEY_ID},
    permissions, rest,
    secret_key::SecretKey,
    srp,
    token::ServiceAccountToken,
};
use zeroize::Zeroizing;

use crate::{
    address::Address,
    client::Client,
    error::{Error, ErrorKind, Result},
    host::{Host, HttpMethod, HttpRequest},
    timestamp,
    transport::{self, Resource},
    vaults::VaultAttributes,
};

/// Where service accounts have their e-mail addresses; nothing is ever sent there.
const SERVICE_ACCOUNT_DOMAIN: &str = "serviceaccounts.opwire.invalid";

/// The characters of a Secret Key that name it.
const SECRET_KEY_NAME: usize = 6;

/// What a person decides about a new account.
pub struct NewAccount<'a> {
    /// The name of the account.
    pub name: &'a str,
    /// The name of its owner.
    pub owner: &'a str,
    /// The owner's e-mail address.
    pub email: &'a str,
    /// The owner's password.
    pub password: &'a str,
}

/// What the owner of a new account has to keep: with the password, it opens the account.
pub struct EmergencyKit {
    /// The id of the account.
    pub account_id: String,
    /// The id of the owner.
    pub user_id: String,
    /// The owner's Secret Key.
    pub secret_key: SecretKey,
}

/// What a service account may do in one vault.
pub struct Grant {
    /// The id of the vault.
    pub vault_id: String,
    /// Permission bits, see [`op_protocol::permissions`].
    pub permissions: u32,
}

/// Creates an account on a server whose setup token is known. `keys` are the owner's new RSA keys.
///
/// # Errors
/// The address is not allowed, or the server refuses the account.
pub async fn create_account(
    host: &Arc<dyn Host>,
    address: &str,
    setup_token: &str,
    account: &NewAccount<'_>,
    keys: RsaPrivateKey,
) -> Result<EmergencyKit> {
    let maker = Maker { host: host.as_ref() };
    let secret_key = maker.secret_key()?;
    let auth = maker.auth_parameters();
    let unlock_auth = maker.auth_parameters();
    let x = derive(kdf::METHOD, &auth, account, &secret_key)?;
    let unlock = SymmetricKey::new(MASTER_KEY_ID, *derive(kdf::ALG, &unlock_auth, account, &secret_key)?);
    let user =
        maker.user(account.email, account.owner, &secret_key, auth, &x, maker.keyset(&unlock, &unlock_auth, keys)?);

    let kit = EmergencyKit { account_id: maker.id(), user_id: user.uuid.clone(), secret_key };
    let request = rest::CreateAccountRequest {
        account: rest::NewAccount { uuid: kit.account_id.clone(), name: account.name.to_owned(), domain: None },
        user,
        groups: Vec::new(),
        vault: None,
    };
    let address = Address::parse(address).map_err(|problem| {
        Error::new(ErrorKind::InvalidConfiguration, format_args!("the server's address {problem}"))
    })?;
    let response = host
        .http(HttpRequest {
            method: HttpMethod::Post,
            url: address.url("/api/opwire/v1/accounts"),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("x-opwire-setup-token", setup_token.to_owned()),
            ],
            body: serde_json::to_vec(&request).map_err(internal)?,
            timeout: crate::config::Options::default().request_timeout,
        })
        .await
        .map_err(|error| transport::failure(&error))?;
    match response.status {
        200..=299 => Ok(kit),
        401 | 403 => Err(Error::new(ErrorKind::PermissionDenied, "the setup token is not the one of this server")),
        409 => Err(Error::new(ErrorKind::Conflict, "a user with this e-mail address exists")),
        _ => transport::checked(response, Resource::Vault).map(|_| kit),
    }
}

impl Client {
    /// Creates a vault that only this user can open, and returns its id.
    ///
    /// # Errors
    /// The server refuses it.
    pub async fn create_vault(&self, name: &str, description: Option<&str>) -> Result<String> {
        let maker = Maker { host: self.api.connection.host.as_ref() };
        let session = self.api.session().await?;
        let keysets = self.keychain.keysets().await?;
        let keyset = keysets.primary();
        let (vault_id, key) = (maker.id(), maker.symmetric_key());
        let attributes = serde_json::to_vec(&VaultAttributes {
            uuid: Some(maker.id()),
            name: name.to_owned(),
            desc: description.map(str::to_owned),
            avatar: Some(String::new()),
            kind: "U".to_owned(),
        })
        .map_err(internal)?;
        let access = self.access(&vault_id, &session.user_id, &keyset.pub_key, permissions::ALL, &key).await?;
        let request = rest::CreateVaultRequest {
            uuid: vault_id.clone(),
            kind: "U".to_owned(),
            enc_attrs: Envelope::seal(&key, maker.random(), &attributes),
            access: vec![access],
        };
        self.api.mutate(HttpMethod::Post, "/api/v2/vault", &request, Resource::Vault).await?;
        Ok(vault_id)
    }

    /// Creates a service account with these grants, and returns its token, which cannot be read again. `keys` are the
    /// service account's new RSA keys.
    ///
    /// # Errors
    /// A vault does not exist, or this user may not grant what is asked for.
    pub async fn create_service_account(
        &self,
        name: &str,
        sign_in_address: &str,
        grants: &[Grant],
        keys: RsaPrivateKey,
    ) -> Result<Zeroizing<String>> {
        let maker = Maker { host: self.api.connection.host.as_ref() };
        let (secret_key, auth) = (maker.secret_key()?, maker.auth_parameters());
        // Nobody types these secrets, so they need no derivation: the token carries them.
        let (x, unlock) = (Zeroizing::new(maker.random()), SymmetricKey::new(MASTER_KEY_ID, maker.random()));
        let keyset = maker.keyset(&unlock, &auth, keys)?;
        let public = keyset.pub_key.clone();
        let email = format!("{}@{SERVICE_ACCOUNT_DOMAIN}", maker.id());
        let user = maker.user(&email, name, &secret_key, auth.clone(), &x, keyset);

        let mut vaults = Vec::new();
        for grant in grants {
            let key = self.keychain.vault_key_by_id(&grant.vault_id).await?;
            vaults.push(self.access(&grant.vault_id, &user.uuid, &public, grant.permissions, &key).await?);
        }
        let request = rest::CreateServiceAccountRequest { user, vaults, can_create_vaults: false };
        self.api.mutate(HttpMethod::Post, "/api/opwire/v1/service-accounts", &request, Resource::Vault).await?;
        let token = ServiceAccountToken {
            sign_in_address: sign_in_address.to_owned(),
            email,
            secret_key,
            srp_x: x,
            muk: unlock,
            user_auth: auth,
            throttle_secret: None,
            device_uuid: maker.id(),
        };
        Ok(token.encode())
    }

    /// A vault key, wrapped for a user.
    async fn access(
        &self,
        vault_id: &str,
        user_id: &str,
        user_key: &RsaPublicKey,
        permissions: u32,
        vault_key: &SymmetricKey,
    ) -> Result<rest::VaultAccess> {
        let jwk = vault_key.to_jwk_json();
        let wrapped =
            self.api.connection.host.crypto().rsa_oaep_encrypt(user_key, jwk.as_bytes()).await.map_err(internal)?;
        Ok(rest::VaultAccess {
            vault_uuid: vault_id.to_owned(),
            accessor_type: "user".to_owned(),
            accessor_uuid: user_id.to_owned(),
            acl: permissions,
            lease_timeout: 0,
            vault_key_sn: 1,
            encrypted_by: user_key.kid.clone(),
            enc_vault_key: Envelope::rsa(&user_key.kid, &wrapped),
            access_version: None,
        })
    }
}

/// Makes ids, keys and verifiers from the host's randomness.
struct Maker<'a> {
    host: &'a dyn Host,
}

impl Maker<'_> {
    fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.host.fill_random(&mut bytes);
        bytes
    }

    fn id(&self) -> String {
        id::new_id(self.random())
    }

    fn symmetric_key(&self) -> SymmetricKey {
        SymmetricKey::new(self.id(), self.random())
    }

    fn secret_key(&self) -> Result<SecretKey> {
        // Secret Keys leave out the letters that people misread.
        let name: String =
            self.id().to_uppercase().chars().filter(|c| !"IOU".contains(*c)).take(SECRET_KEY_NAME).collect();
        SecretKey::generate(&name, &Zeroizing::new(self.random())).map_err(internal)
    }

    fn auth_parameters(&self) -> rest::UserAuth {
        rest::UserAuth {
            method: kdf::METHOD.to_owned(),
            alg: kdf::ALG.to_owned(),
            iterations: kdf::DEFAULT_ITERATIONS,
            salt: b64::encode(&self.random::<16>()),
        }
    }

    fn keyset(&self, unlock: &SymmetricKey, auth: &rest::UserAuth, mut keys: RsaPrivateKey) -> Result<Keyset> {
        let symmetric = self.symmetric_key();
        let uuid = symmetric.kid().to_owned();
        keys.kid.clone_from(&uuid);
        let private = Zeroizing::new(serde_json::to_vec(&keys).map_err(internal)?);
        let now = timestamp::rfc3339(self.host.now_millis() / 1000);
        Ok(Keyset {
            encrypted_by: unlock.kid().to_owned(),
            sn: 1,
            enc_sym_key: Envelope {
                alg: Some(auth.alg.clone()),
                p2c: Some(auth.iterations),
                p2s: Some(auth.salt.clone()),
                ..Envelope::seal(unlock, self.random(), symmetric.to_jwk_json().as_bytes())
            },
            enc_pri_key: Envelope::seal(&symmetric, self.random(), &private),
            pub_key: keys.public(),
            enc_s_pri_key: None,
            spub_key: None,
            created_at: Some(now.clone()),
            updated_at: Some(now),
            uuid,
        })
    }

    fn user(
        &self,
        email: &str,
        name: &str,
        secret_key: &SecretKey,
        auth: rest::UserAuth,
        x: &Zeroizing<[u8; 32]>,
        keyset: Keyset,
    ) -> rest::NewUser {
        rest::NewUser {
            uuid: self.id(),
            email: email.to_lowercase(),
            name: name.to_owned(),
            verifier: srp::verifier(x),
            secret_key_id: secret_key.id().to_owned(),
            salt: auth.salt,
            iterations: auth.iterations,
            method: auth.method,
            alg: auth.alg,
            keyset,
        }
    }
}

fn derive(
    info: &str,
    auth: &rest::UserAuth,
    account: &NewAccount<'_>,
    secret_key: &SecretKey,
) -> Result<Zeroizing<[u8; 32]>> {
    let salt = b64::decode(&auth.salt).map_err(internal)?;
    kdf::two_secret(&kdf::TwoSecretInput {
        info,
        alg: &auth.alg,
        email: account.email,
        password: account.password,
        secret_key,
        salt: &salt,
        iterations: auth.iterations,
    })
    .map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Internal, error)
}
