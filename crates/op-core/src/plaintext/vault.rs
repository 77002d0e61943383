//! A vault's attributes, and the vault as callers see it.

use op_protocol::{
    json,
    jwk::SymmetricKey,
    rest::{self, AccessorType, VaultRecord},
    set::Open,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind, Result},
    types::{self, VaultAccess, VaultAccessorType, VaultOverview, VaultType},
};

/// The text in place of a title that was not decrypted, as the public SDKs have it.
pub(crate) const ENCRYPTED: &str = "[Encrypted]";

/// The plaintext of a vault's attributes.
#[derive(Serialize, Deserialize)]
pub(crate) struct VaultAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uuid: Option<String>,
    pub(crate) name: String,
    pub(crate) desc: Option<String>,
    pub(crate) avatar: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Open<rest::VaultType>,
}

pub(crate) fn is_environment(vault: &VaultRecord) -> bool {
    vault.kind == rest::VaultType::Environment
}

pub(crate) fn no_environment(vault: VaultRecord) -> Result<VaultRecord> {
    if is_environment(&vault) {
        return Err(Error::new(ErrorKind::BadInput, "ID does not correspond to a vault")
            .with_reason(format_args!("`{}` is an Environment", vault.uuid))
            .with_field("vault_id"));
    }
    Ok(vault)
}

pub(crate) fn attributes(vault: &VaultRecord, key: &SymmetricKey) -> Result<VaultAttributes> {
    let undecryptable = || Error::new(ErrorKind::Decryption, format_args!("the attributes of vault {}", vault.uuid));
    let plaintext = vault.enc_attrs.open(key).map_err(|_| undecryptable())?;
    json::decode(&plaintext)
        .map_err(|_| Error::new(ErrorKind::InvalidResponse, "error deserializing vault overview when listing vaults"))
}

/// Returns a vault as callers see it; `attributes` is `None` if they were not decrypted, or do not open.
pub(crate) fn overview(vault: &VaultRecord, attributes: Option<VaultAttributes>) -> VaultOverview {
    let (title, description) = match attributes {
        Some(attributes) => (attributes.name, attributes.desc.unwrap_or_default()),
        None => (ENCRYPTED.to_owned(), ENCRYPTED.to_owned()),
    };
    VaultOverview {
        id: vault.uuid.clone(),
        title,
        description,
        vault_type: vault_type(&vault.kind),
        active_item_count: vault.active_item_count,
        content_version: vault.content_version,
        attribute_version: vault.attr_version,
        created_at: vault.created_at.clone(),
        updated_at: vault.updated_at.clone(),
    }
}

/// Returns a vault with its accesses as callers see it.
pub(crate) fn vault(record: &VaultRecord, attributes: VaultAttributes) -> types::Vault {
    types::Vault {
        id: record.uuid.clone(),
        title: attributes.name,
        description: attributes.desc.unwrap_or_default(),
        vault_type: vault_type(&record.kind),
        active_item_count: record.active_item_count,
        content_version: record.content_version,
        attribute_version: record.attr_version,
        access: record.access.as_deref().map(access),
    }
}

/// Returns accesses as callers see them, without those of accessor types that the SDK does not know.
pub(crate) fn access(entries: &[rest::VaultAccessRecord]) -> Vec<VaultAccess> {
    let entry = |entry: &rest::VaultAccessRecord| {
        Some(VaultAccess {
            vault_uuid: entry.vault_uuid.clone(),
            accessor_type: match entry.accessor_type.known()? {
                AccessorType::User => VaultAccessorType::User,
                AccessorType::Group => VaultAccessorType::Group,
            },
            accessor_uuid: entry.accessor_uuid.clone(),
            permissions: entry.acl,
        })
    };
    entries.iter().filter_map(entry).collect()
}

pub(crate) fn vault_type(kind: &Open<rest::VaultType>) -> VaultType {
    match kind.known() {
        Some(rest::VaultType::Personal) => VaultType::Personal,
        Some(rest::VaultType::Everyone) => VaultType::Everyone,
        Some(rest::VaultType::Transfer) => VaultType::Transfer,
        Some(rest::VaultType::UserCreated) => VaultType::UserCreated,
        Some(rest::VaultType::Environment) | None => VaultType::Unsupported,
    }
}
