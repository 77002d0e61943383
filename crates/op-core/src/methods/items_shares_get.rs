use op_protocol::id::ShareId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items::shares, types::ItemShare};

/// Return a share of an item, with its link, and with who viewed it and when.
///
/// # Errors
/// - {error NotFound} if the share does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesGet {
    /// The id of the share.
    pub share_id: ShareId,
}

impl ClientMethod for ItemsSharesGet {
    const SDK_NAME: &'static str = "items.shares.get";
    const ADDED: bool = true;
    type Output = ItemShare;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        shares::records::share(client, &self.share_id).await
    }
}
