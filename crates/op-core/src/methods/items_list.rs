use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    items,
    types::{ItemListFilter, ItemOverview, ItemState},
};

/// List the items of a vault: the active ones, or those that pass all filters.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsList {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The filters, all of which an item has to pass.
    #[cfg_attr(feature = "contract", schemars(extend("x-variadic" = true)))]
    #[serde(default)]
    pub filters: Vec<ItemListFilter>,
}

impl ItemsList {
    fn lists(&self, state: ItemState) -> bool {
        if self.filters.is_empty() {
            return state == ItemState::Active;
        }
        self.filters.iter().all(|ItemListFilter::ByState { active, archived }| match state {
            ItemState::Active => *active,
            ItemState::Archived => *archived,
        })
    }
}

impl ClientMethod for ItemsList {
    const SDK_NAME: &'static str = "items.list";
    type Output = Vec<ItemOverview>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let overviews = items::read::all_overviews(client, &self.vault_id).await?;
        Ok(overviews.into_iter().filter(|item| self.lists(item.state)).collect())
    }
}
