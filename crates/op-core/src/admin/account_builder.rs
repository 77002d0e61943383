//! Building users, groups and vaults: ids, keys and verifiers from the host's randomness.

use op_protocol::{
    b64,
    envelope::Envelope,
    id,
    jwk::{RsaPrivateKey, RsaPublicKey, SymmetricKey},
    kdf,
    keyset::{Keyset, MASTER_KEY_ID},
    permissions,
    rest::{
        AccessorType, CreateVaultRequest, GroupKey, GroupKeyset, GroupType, NewGroup, NewUser, UserAuth, VaultType,
    },
    secret_key::SecretKey,
    srp,
};
use zeroize::Zeroizing;

use super::internal;
use crate::{
    client::{
        self,
        wrap::{Accessor, VaultKeyVersion},
    },
    error::Result,
    host::Host,
    plaintext::{timestamp, vault::VaultAttributes},
};

/// The length of a Secret Key's id.
const SECRET_KEY_NAME: usize = 6;
/// The title of personal vaults.
const PERSONAL_VAULT: &str = "Personal";

/// Builds the records that an account consists of.
pub(super) struct AccountBuilder<'a> {
    pub(super) host: &'a dyn Host,
}

/// A person who signs in with a password.
pub(super) struct Person<'a> {
    pub(super) email: &'a str,
    pub(super) name: &'a str,
    pub(super) password: &'a str,
}

/// The secrets derived from a password and a Secret Key: the SRP secret x, and the key that opens the primary keyset.
pub(super) struct PasswordKeys {
    pub(super) auth: UserAuth,
    pub(super) x: Zeroizing<[u8; 32]>,
    pub(super) unlock_auth: UserAuth,
    pub(super) unlock: SymmetricKey,
}

/// A user or group whose key opens a group's keyset.
pub(super) struct Holder<'a> {
    pub(super) kind: AccessorType,
    pub(super) id: &'a str,
    pub(super) public_key: &'a RsaPublicKey,
}

impl<'a> Holder<'a> {
    /// Returns a new group as the holder of other groups' keys.
    pub(super) fn group(group: &'a NewGroup) -> Self {
        Self { kind: AccessorType::Group, id: &group.uuid, public_key: &group.keyset.pub_key }
    }
}

impl AccountBuilder<'_> {
    pub(super) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.host.fill_random(&mut bytes);
        bytes
    }

    pub(super) fn id(&self) -> String {
        id::new_id(self.random())
    }

    pub(super) fn symmetric_key(&self) -> SymmetricKey {
        SymmetricKey::new(self.id(), self.random())
    }

    pub(super) fn secret_key(&self) -> Result<SecretKey> {
        // Secret Keys do not contain the letters that people misread.
        let name: String =
            self.id().to_uppercase().chars().filter(|c| !"IOU".contains(*c)).take(SECRET_KEY_NAME).collect();
        SecretKey::generate(&name, &Zeroizing::new(self.random())).map_err(internal)
    }

    pub(super) fn auth_parameters(&self) -> UserAuth {
        UserAuth {
            method: kdf::METHOD.to_owned(),
            alg: kdf::ALG.to_owned(),
            iterations: kdf::DEFAULT_ITERATIONS,
            salt: b64::encode(&self.random::<16>()),
        }
    }

    /// Derives the secrets of a new password, with new salts.
    pub(super) fn password_keys(&self, email: &str, password: &str, secret_key: &SecretKey) -> Result<PasswordKeys> {
        let derive = |info: &str, auth: &UserAuth| {
            let salt = b64::decode(&auth.salt).map_err(internal)?;
            kdf::two_secret(&kdf::TwoSecretInput {
                info,
                alg: &auth.alg,
                email,
                password,
                secret_key,
                salt: &salt,
                iterations: auth.iterations,
            })
            .map_err(internal)
        };
        let (auth, unlock_auth) = (self.auth_parameters(), self.auth_parameters());
        let x = derive(kdf::METHOD, &auth)?;
        let unlock = SymmetricKey::new(MASTER_KEY_ID, *derive(kdf::ALG, &unlock_auth)?);
        Ok(PasswordKeys { auth, x, unlock_auth, unlock })
    }

    /// Builds a person with their keys.
    pub(super) fn person(&self, person: &Person<'_>, secret_key: &SecretKey, keys: RsaPrivateKey) -> Result<NewUser> {
        let password = self.password_keys(person.email, person.password, secret_key)?;
        let keyset = self.keyset(&password.unlock, &password.unlock_auth, keys)?;
        Ok(self.user(person.email, person.name, secret_key, password.auth, &password.x, keyset))
    }

    pub(super) fn user(
        &self,
        email: &str,
        name: &str,
        secret_key: &SecretKey,
        auth: UserAuth,
        x: &Zeroizing<[u8; 32]>,
        keyset: Keyset,
    ) -> NewUser {
        NewUser {
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

    pub(super) fn keyset(&self, unlock: &SymmetricKey, auth: &UserAuth, keys: RsaPrivateKey) -> Result<Keyset> {
        let symmetric = self.symmetric_key();
        let (enc_pri_key, pub_key) = self.key_pair(&symmetric, keys)?;
        let now = timestamp::rfc3339(self.host.now_millis() / 1000);
        Ok(Keyset {
            uuid: symmetric.kid().to_owned(),
            encrypted_by: unlock.kid().to_owned(),
            sn: 1,
            enc_sym_key: self.seal_by_password(unlock, auth, &symmetric),
            enc_pri_key,
            pub_key,
            enc_s_pri_key: None,
            spub_key: None,
            created_at: Some(now.clone()),
            updated_at: Some(now),
        })
    }

    /// Seals a keyset's symmetric key with a master unlock key.
    pub(super) fn seal_by_password(&self, unlock: &SymmetricKey, auth: &UserAuth, key: &SymmetricKey) -> Envelope {
        Envelope {
            alg: Some(auth.alg.clone()),
            p2c: Some(auth.iterations),
            p2s: Some(auth.salt.clone()),
            ..Envelope::seal(unlock, self.random(), key.to_jwk_json().as_bytes())
        }
    }

    /// Builds a group whose key the holders can open.
    pub(super) async fn group(
        &self,
        kind: GroupType,
        name: &str,
        description: &str,
        holders: &[Holder<'_>],
        keys: RsaPrivateKey,
    ) -> Result<NewGroup> {
        let key = self.symmetric_key();
        let uuid = self.id();
        let (enc_pri_key, pub_key) = self.key_pair(&key, keys)?;
        let mut group_keys = Vec::with_capacity(holders.len());
        for holder in holders {
            group_keys.push(GroupKey {
                group_uuid: uuid.clone(),
                holder_type: holder.kind,
                holder_uuid: holder.id.to_owned(),
                encrypted_by: holder.public_key.kid.clone(),
                enc_sym_key: client::wrap::wrap(self.host, &key, holder.public_key).await?,
            });
        }
        Ok(NewGroup {
            uuid,
            kind,
            name: name.to_owned(),
            desc: description.to_owned(),
            keyset: GroupKeyset { uuid: key.kid().to_owned(), sn: 1, enc_pri_key, pub_key },
            keys: group_keys,
        })
    }

    /// Builds a person's personal vault, which the recovery group can recover.
    pub(super) async fn personal_vault(
        &self,
        user: &NewUser,
        recovery: Option<(&str, &RsaPublicKey)>,
    ) -> Result<CreateVaultRequest> {
        let (uuid, key) = (self.id(), self.symmetric_key());
        let attributes = VaultAttributes {
            uuid: Some(self.id()),
            name: PERSONAL_VAULT.to_owned(),
            desc: None,
            avatar: None,
            kind: VaultType::Personal.into(),
        };
        let attributes = serde_json::to_vec(&attributes).map_err(internal)?;
        let vault = VaultKeyVersion { vault_id: &uuid, key: &key, sn: 1 };
        let own = Accessor {
            kind: AccessorType::User,
            id: &user.uuid,
            public_key: &user.keyset.pub_key,
            permissions: permissions::ALL,
        };
        let mut entries = vec![vault.access(self.host, &own).await?];
        if let Some((id, public_key)) = recovery {
            let permissions = permissions::RECOVER_VAULT;
            let group = Accessor { kind: AccessorType::Group, id, public_key, permissions };
            entries.push(vault.access(self.host, &group).await?);
        }
        Ok(CreateVaultRequest {
            enc_attrs: Envelope::seal(&key, self.random(), &attributes),
            kind: VaultType::Personal,
            access: entries,
            uuid,
        })
    }

    /// Returns an RSA key pair with the id of the symmetric key, which seals its private key.
    fn key_pair(&self, symmetric: &SymmetricKey, mut keys: RsaPrivateKey) -> Result<(Envelope, RsaPublicKey)> {
        keys.kid = symmetric.kid().to_owned();
        let private = Zeroizing::new(serde_json::to_vec(&keys).map_err(internal)?);
        Ok((Envelope::seal(symmetric, self.random(), &private), keys.public()))
    }
}
