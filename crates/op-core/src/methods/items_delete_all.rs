use std::{collections::BTreeMap, sync::Arc};

use op_protocol::{
    id::{ItemId, VaultId},
    rest::ItemState,
};
use serde::{Deserialize, Serialize};

use super::{ClientMethod, items_create_all::reason};
use crate::{
    client::{Client, change::ItemChange},
    error::Result,
    items,
    types::{ItemUpdateFailureReason, ItemsDeleteAllResponse, Response},
};

/// Delete several items of one vault permanently. Each item has its own result: a missing one does not affect the
/// others.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsDeleteAll {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The ids of the items.
    pub item_ids: Vec<String>,
}

impl ClientMethod for ItemsDeleteAll {
    const SDK_NAME: &'static str = "items.deleteAll";
    type Output = ItemsDeleteAllResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let missing = |id: &String| (id.clone(), Response::from(Err(ItemUpdateFailureReason::ItemNotFound)));
        let mut individual_responses = BTreeMap::new();
        individual_responses.extend(self.item_ids.iter().map(missing));
        let wanted: Vec<ItemId> = individual_responses.keys().filter_map(|id| id.parse().ok()).collect();
        let fetched = items::read::records(client, &self.vault_id, &wanted).await?;
        let changes =
            fetched.records.into_iter().flatten().map(|record| ItemChange::to_state(record, ItemState::Deleted));
        let changes = Arc::new(changes.collect::<Result<Vec<_>>>()?);
        let outcomes = client.items.write(&self.vault_id, None, &changes).await?;
        for (change, outcome) in changes.iter().zip(outcomes) {
            let outcome = outcome.map(drop).map_err(|error| reason(&error));
            individual_responses.insert(change.id.to_string(), outcome.into());
        }
        Ok(ItemsDeleteAllResponse { individual_responses })
    }
}
