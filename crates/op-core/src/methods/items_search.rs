use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    items::search,
    types::{ItemOverview, ItemSearchParams},
};

/// Search the items of one, several or all vaults, by what lists show. Makes one request per vault, all of them
/// concurrently.
///
/// Vaults that are named have to be readable. A search of all vaults leaves out those that are not.
///
/// # Errors
/// - {error NotFound} if a vault that is named does not exist or is not visible to the client.
/// - {error InvalidConfiguration} if a member of the search is malformed.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSearch {
    /// The search.
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
