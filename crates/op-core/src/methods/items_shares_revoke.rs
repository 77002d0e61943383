use op_protocol::id::ShareId;
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{client::Client, error::Result, items::shares};

/// Revoke a share of an item: nobody can open its link any more. What recipients have seen, they may have kept.
///
/// # Errors
/// - {error NotFound} if the share does not exist, or if another user created it and the client does not manage the
///   vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesRevoke {
    /// The id of the share.
    pub share_id: ShareId,
}

impl ClientMethod for ItemsSharesRevoke {
    const SDK_NAME: &'static str = "items.shares.revoke";
    const ADDED: bool = true;
    type Output = ();

    async fn run(self, client: &Client) -> Result<Self::Output> {
        shares::records::revoke(client, &self.share_id).await
    }
}
