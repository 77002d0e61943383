use std::collections::HashSet;

use op_protocol::{id::is_id, rest::ItemRecord};
use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{ErrorKind, Result},
    ids, items,
    plaintext::is_active,
    types::{Item, ItemsGetAllError, ItemsGetAllResponse},
};

/// Return several items of one vault, in the order of their ids. Each item has its own result: a missing one does not
/// affect the others.
///
/// # Errors
/// - {error NotFound} if the vault does not exist or is not visible to the client.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsGetAll {
    /// The id of the vault.
    pub vault_id: String,
    /// The ids of the items.
    pub item_ids: Vec<String>,
}

impl ClientMethod for ItemsGetAll {
    const SDK_NAME: &'static str = "items.getAll";
    type Output = ItemsGetAllResponse;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        ids::check("vault_id", &self.vault_id)?;
        let wanted: HashSet<&str> = self.item_ids.iter().map(String::as_str).filter(|id| is_id(id)).collect();
        let records =
            items::read::all_records(client, &self.vault_id, wanted.into_iter().map(str::to_owned).collect()).await?;
        let mut individual_responses = Vec::with_capacity(self.item_ids.len());
        for item_id in &self.item_ids {
            let outcome = open(client, &self.vault_id, records.get(item_id)).await;
            individual_responses.push(outcome.into());
        }
        Ok(ItemsGetAllResponse { individual_responses })
    }
}

async fn open(
    client: &Client,
    vault_id: &str,
    record: Option<&ItemRecord>,
) -> std::result::Result<Item, ItemsGetAllError> {
    let record = record.ok_or(ItemsGetAllError::ItemNotFound)?;
    if !is_active(record) {
        return Err(ItemsGetAllError::Internal(ErrorKind::ItemNotActive.template().into()));
    }
    let opened = async {
        items::read::open_item(client, vault_id, record, client.keychain.vault_key_by_id(vault_id).await?).await
    };
    opened.await.map_err(|error| ItemsGetAllError::Internal(error.message().into()))
}
