//! Wrapping vault keys for the users and groups that may open the vault.

use op_protocol::{
    envelope::Envelope,
    jwk::{RsaPublicKey, SymmetricKey},
    rest::{AccessorType, VaultAccessRecord, VaultRecord},
};

use crate::{
    error::{Error, ErrorKind, Result},
    host::Host,
};

/// The key of a vault, with its serial number.
pub(crate) struct VaultKeyVersion<'a> {
    pub(crate) vault_id: &'a str,
    pub(crate) key: &'a SymmetricKey,
    /// The serial number of the key.
    pub(crate) sn: u32,
}

impl<'a> VaultKeyVersion<'a> {
    /// Returns the current key of a vault.
    pub(crate) fn current(vault: &'a VaultRecord, key: &'a SymmetricKey) -> Self {
        let sn = vault.combined_access.as_ref().map_or(1, |access| access.vault_key_sn);
        Self { vault_id: &vault.uuid, key, sn }
    }
}

/// A user or group that may open a vault, and its permissions there.
pub(crate) struct Accessor<'a> {
    pub(crate) kind: AccessorType,
    pub(crate) id: &'a str,
    pub(crate) public_key: &'a RsaPublicKey,
    pub(crate) permissions: u32,
}

impl VaultKeyVersion<'_> {
    /// Wraps the vault key for an accessor.
    pub(crate) async fn access(&self, host: &dyn Host, accessor: &Accessor<'_>) -> Result<VaultAccessRecord> {
        let public_key = accessor.public_key;
        Ok(VaultAccessRecord {
            vault_uuid: self.vault_id.to_owned(),
            accessor_type: accessor.kind.into(),
            accessor_uuid: accessor.id.to_owned(),
            acl: accessor.permissions,
            lease_timeout: 0,
            vault_key_sn: self.sn,
            encrypted_by: public_key.kid.clone(),
            enc_vault_key: wrap(host, self.key, public_key).await?,
            access_version: None,
        })
    }
}

/// Seals a symmetric key for a public key.
pub(crate) async fn wrap(host: &dyn Host, key: &SymmetricKey, public_key: &RsaPublicKey) -> Result<Envelope> {
    let wrapped = host.crypto().rsa_oaep_encrypt(public_key, key.to_jwk_json().as_bytes()).await;
    let wrapped = wrapped.map_err(|_| Error::new(ErrorKind::InvalidResponse, "a public key cannot be used"))?;
    Ok(Envelope::rsa(&public_key.kid, &wrapped))
}
