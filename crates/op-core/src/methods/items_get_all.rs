use std::collections::{HashMap, HashSet};

use op_protocol::{
    id::{ItemId, VaultId},
    jwk::SymmetricKey,
    rest::ItemRecord,
};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::{ErrorKind, Result},
    items,
    plaintext::is_active,
    types::{Item, ItemsGetAllError, ItemsGetAllResponse},
};

/// Return several items of one vault, in the order of their ids. Each item has its own result: a missing one does not
/// affect the others.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsGetAll {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The ids of the items.
    pub item_ids: Vec<String>,
}

impl ClientMethod for ItemsGetAll {
    const SDK_NAME: &'static str = "items.getAll";
    type Output = ItemsGetAllResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let wanted: HashSet<ItemId> = self.item_ids.iter().filter_map(|id| id.parse().ok()).collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        let read = || items::read::records(client, &self.vault_id, &wanted);
        let (mut fetched, mut key) = (read().await?, None);
        if fetched.records.iter().any(Option::is_some) {
            let known = client.keychain.vault_key_by_id(&self.vault_id).await?;
            let (again, current) =
                items::read::with_current_key(client, &self.vault_id, fetched, known, Box::pin(read())).await?;
            (fetched, key) = (again, Some(current));
        }
        let records = fetched.records.into_iter().flatten().map(|record| (record.uuid.clone(), record));
        let records: HashMap<String, ItemRecord> = records.collect();
        let mut individual_responses = Vec::with_capacity(self.item_ids.len());
        for item_id in &self.item_ids {
            let outcome = open(client, &self.vault_id, records.get(item_id).zip(key.as_ref())).await;
            individual_responses.push(outcome.into());
        }
        Ok(ItemsGetAllResponse { individual_responses })
    }
}

async fn open(
    client: &Client,
    vault_id: &VaultId,
    found: Option<(&ItemRecord, &SymmetricKey)>,
) -> std::result::Result<Item, ItemsGetAllError> {
    let (record, key) = found.ok_or(ItemsGetAllError::ItemNotFound)?;
    if !is_active(record) {
        return Err(ItemsGetAllError::Internal(ErrorKind::ItemNotActive.template().into()));
    }
    let opened = items::read::open_item(client, vault_id, record, key).await;
    opened.map_err(|error| ItemsGetAllError::Internal(error.message().into()))
}
