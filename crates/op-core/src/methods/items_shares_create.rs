use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::Client,
    error::Result,
    items::shares,
    types::{Item, ItemShareAccountPolicy, ItemShareParams},
};

/// Share an item by a link. Returns the link.
///
/// The link opens a copy of the item as it was passed; later changes of the item do not change the copy. What opens it
/// is in the link alone, so treat the link like a password. The server cannot read the copy.
///
/// # Errors
/// - {error BadInput} if the policy allows no such links: name recipients, or leave them out; or if a number of views or
///   a password is not valid.
/// - {error InvalidConfiguration} if the item has files, which the policy does not allow, or is malformed.
/// - {error FileTooBig} if a file of the item is larger than the policy allows.
/// - {error ItemOutdated} if the item has changed since it was read.
/// - {error NotFound} if the vault or the item does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not share items of the vault, or the policy has changed.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsSharesCreate {
    /// The item as it was read.
    pub item: Item,
    /// The account's policy, from {method items.shares.getAccountPolicy}.
    pub policy: ItemShareAccountPolicy,
    /// How to share the item.
    pub params: ItemShareParams,
}

impl ClientMethod for ItemsSharesCreate {
    const SDK_NAME: &'static str = "items.shares.create";
    type Output = String;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        shares::create::create(client, &self.item, &self.policy, &self.params).await
    }
}
