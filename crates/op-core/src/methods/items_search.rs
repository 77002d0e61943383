use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    search,
    types::{ItemOverview, ItemSearchParams},
};

/// Search the items of one, several or all vaults, by what their lists show. Costs one request a vault, all at the same
/// time.
///
/// A vault that is named has to be readable; of all vaults, those that are not are left out.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSearch {
    /// What to look for.
    pub params: ItemSearchParams,
}

impl ClientMethod for ItemsSearch {
    const SDK_NAME: &'static str = "items.search";
    const ADDED: bool = true;
    type Output = Vec<ItemOverview>;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        search::search(client, &self.params).await
    }
}
