use std::sync::Arc;

use op_protocol::id::VaultId;
use serde::{Deserialize, Serialize};

use super::{ClientMethod, items_create::new_items};
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    types::{Item, ItemCreateParams, ItemUpdateFailureReason, ItemsUpdateAllResponse},
};

/// Create several items in one vault, in as few requests as possible. Each item has its own result: one that fails does
/// not affect the others.
///
/// # Errors
/// - {error InvalidConfiguration} if an item names another vault.
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsCreateAll {
    /// The id of the vault.
    pub vault_id: VaultId,
    /// The items to create. Each has to name the same vault.
    pub params: Vec<ItemCreateParams>,
}

impl ClientMethod for ItemsCreateAll {
    const SDK_NAME: &'static str = "items.createAll";
    type Output = ItemsUpdateAllResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        if let Some(index) = self.params.iter().position(|params| params.vault_id != self.vault_id.as_str()) {
            let problem = "every item of the batch must name the vault that the batch is for";
            let field = format!("params[{index}].vaultId");
            return Err(Error::new(ErrorKind::InvalidConfiguration, problem).with_field(field));
        }
        let (mut changes, mut refused) = (Vec::new(), Vec::new());
        for new_item in new_items(client, &self.params).await {
            refused.push(new_item.map(|change| changes.push(change)));
        }
        let changes = Arc::new(changes);
        let versions = client.items.write(&self.vault_id, None, &changes).await?;
        let created = changes.iter().zip(versions).map(|(change, version)| {
            change
                .item(&self.vault_id, version.map_err(|error| reason(&error))?, client.now_seconds())
                .map_err(|error| reason(&error))
        });
        let mut created = created.collect::<Vec<_>>().into_iter();
        let outcome = |refused: Result<()>| -> std::result::Result<Item, ItemUpdateFailureReason> {
            refused.map_err(|error| match error.kind() {
                ErrorKind::InvalidConfiguration => ItemUpdateFailureReason::ItemValidationError(error.message().into()),
                _ => reason(&error),
            })?;
            created.next().unwrap_or_else(|| Err(ItemUpdateFailureReason::Internal("the item was not sent".into())))
        };
        Ok(ItemsUpdateAllResponse { individual_responses: refused.into_iter().map(outcome).map(Into::into).collect() })
    }
}

/// Returns why the server refused an item.
pub(super) fn reason(error: &Error) -> ItemUpdateFailureReason {
    match error.kind() {
        ErrorKind::PermissionDenied => ItemUpdateFailureReason::ItemStatusPermissionError,
        ErrorKind::Conflict => ItemUpdateFailureReason::ItemStatusIncorrectItemVersion,
        ErrorKind::NotFound => ItemUpdateFailureReason::ItemStatusFileNotFound,
        ErrorKind::ItemTooBig => ItemUpdateFailureReason::ItemStatusTooBig,
        _ => ItemUpdateFailureReason::Internal(error.message().into()),
    }
}
