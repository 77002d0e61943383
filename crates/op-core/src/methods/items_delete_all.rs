use std::{collections::BTreeMap, sync::Arc};

use op_protocol::{id::is_id, rest::ItemState};
use serde::Deserialize;

use super::{ClientMethod, items_create_all::reason};
use crate::{
    client::{Client, change::ItemChange},
    error::Result,
    ids, items,
    types::{ItemUpdateFailureReason, ItemsDeleteAllResponse, Response},
};

/// Delete several items of one vault permanently. Each item has its own result: a missing one does not affect the
/// others.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsDeleteAll {
    /// The id of the vault.
    pub vault_id: String,
    /// The ids of the items.
    pub item_ids: Vec<String>,
}

impl ClientMethod for ItemsDeleteAll {
    const SDK_NAME: &'static str = "items.deleteAll";
    type Output = ItemsDeleteAllResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("vault_id", &self.vault_id)?;
        let missing = |id: &String| (id.clone(), Response::from(Err(ItemUpdateFailureReason::ItemNotFound)));
        let mut individual_responses = BTreeMap::new();
        individual_responses.extend(self.item_ids.iter().map(missing));
        let wanted = individual_responses.keys().filter(|id| is_id(id)).cloned().collect();
        let records = items::read::all_records(client, &self.vault_id, wanted).await?;
        let changes = records.into_values().map(|record| ItemChange::to_state(record, ItemState::Deleted));
        let changes = Arc::new(changes.collect::<Result<Vec<_>>>()?);
        let outcomes = client.items.write(&self.vault_id, None, &changes).await?;
        for (change, outcome) in changes.iter().zip(outcomes) {
            let outcome = outcome.map(drop).map_err(|error| reason(&error));
            individual_responses.insert(change.id.clone(), outcome.into());
        }
        Ok(ItemsDeleteAllResponse { individual_responses })
    }
}
