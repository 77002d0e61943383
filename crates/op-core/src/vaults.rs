//! Vault records, opened.

use std::sync::Arc;

use op_protocol::{json, jwk::SymmetricKey, rest::Vault};
use serde::{Deserialize, Serialize};

use crate::{
    api::Api,
    client::Client,
    error::{Error, ErrorKind, Result},
    transport::Resource,
    types::{VaultOverview, VaultType},
};

/// What stands in place of a title that was not decrypted.
const ENCRYPTED: &str = "[Encrypted]";

/// The plaintext of a vault's attributes.
#[derive(Serialize, Deserialize)]
pub(crate) struct VaultAttributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uuid: Option<String>,
    pub(crate) name: String,
    pub(crate) desc: Option<String>,
    pub(crate) avatar: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// The route of one vault, with the access that opens it.
pub(crate) fn route(vault_id: &str) -> String {
    format!("/api/v3/vault/{vault_id}?attrs=combined-access")
}

/// One vault, by an id that was checked.
pub(crate) async fn record(api: &Arc<Api>, vault_id: &str) -> Result<Vault> {
    let vault: Vault = api.get(route(vault_id), Resource::Vault).await?;
    if is_environment(&vault) {
        return Err(Error::new(ErrorKind::BadInput, "ID does not correspond to a vault").with_field("vault_id"));
    }
    Ok(vault)
}

impl Client {
    /// All vaults that the server shows this account, Environments left out.
    pub(crate) async fn vault_records(&self) -> Result<Vec<Vault>> {
        let vaults: Vec<Vault> =
            self.api.get("/api/v1/vaults?attrs=combined-access".to_owned(), Resource::Vault).await?;
        Ok(vaults.into_iter().filter(|vault| !is_environment(vault)).collect())
    }

    /// The decrypted attributes of vaults, in their order.
    pub(crate) async fn vault_attributes(&self, vaults: &[Vault]) -> Result<Vec<VaultAttributes>> {
        let keys = self.keychain.vault_keys(vaults).await?;
        vaults.iter().zip(&keys).map(|(vault, key)| attributes(vault, key)).collect()
    }
}

fn is_environment(vault: &Vault) -> bool {
    vault.kind == "D"
}

fn attributes(vault: &Vault, key: &SymmetricKey) -> Result<VaultAttributes> {
    let undecryptable = || Error::new(ErrorKind::Decryption, format_args!("the attributes of vault {}", vault.uuid));
    let plaintext = vault.enc_attrs.open(key).map_err(|_| undecryptable())?;
    json::decode(&plaintext)
        .map_err(|_| Error::new(ErrorKind::InvalidResponse, "error deserializing vault overview when listing vaults"))
}

/// A vault as callers see it; `attributes` is missing when they were not decrypted.
pub(crate) fn overview(vault: &Vault, attributes: Option<VaultAttributes>) -> VaultOverview {
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

fn vault_type(letter: &str) -> VaultType {
    match letter {
        "P" => VaultType::Personal,
        "E" => VaultType::Everyone,
        "T" => VaultType::Transfer,
        "U" => VaultType::UserCreated,
        _ => VaultType::Unsupported,
    }
}
