use op_protocol::id;
use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    item_changes::ItemChange,
    items::encode,
    types::{Item, ItemCreateParams},
};

/// Create an item.
#[derive(Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsCreate {
    /// What the item holds, and the vault that it goes into.
    pub params: ItemCreateParams,
}

impl ClientMethod for ItemsCreate {
    const SDK_NAME: &'static str = "items.create";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        let vault_id = &self.params.vault_id;
        // The public SDKs say so of whatever is no vault's id.
        if !id::is_id(vault_id) {
            return Err(Error::new(ErrorKind::NotFound, "vault").with_field("vault_id"));
        }
        let change = new_item(client, &self.params)?;
        client.write_item(vault_id, None, change).await
    }
}

/// A new item with an id of its own.
pub(super) fn new_item(client: &Client, params: &ItemCreateParams) -> Result<ItemChange> {
    let now = client.now_seconds();
    let (template_uuid, plaintext) = encode::new_item(params, now)?;
    Ok(ItemChange::create(id::new_id(client.api.connection.random()), template_uuid, plaintext, now))
}
