use op_protocol::id::{ItemId, NotAnId, VaultId};
use serde::{Deserialize, Serialize};

use super::ClientMethod;
use crate::{
    client::{Client, change::ItemChange},
    error::{Error, ErrorKind, Result},
    ids,
    items::{
        self,
        files::{self, NewFile},
    },
    plaintext::{self, Plaintext, encode},
    types::{Item, ItemCreateParams},
};

/// Create an item. Returns the item as stored. If the item is malformed, the error names every problem.
///
/// # Errors
/// - {error InvalidConfiguration} if the item is malformed.
/// - {error NotFound} if the vault does not exist or is not visible to the client.
/// - {error PermissionDenied} if the client may not create items in the vault.
#[derive(Deserialize, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsCreate {
    /// The item to create.
    pub params: ItemCreateParams,
}

impl ClientMethod for ItemsCreate {
    const SDK_NAME: &'static str = "items.create";
    type Output = Item;

    async fn run(self, client: &Client) -> Result<Self::Output> {
        // The public SDKs have this error for every text that is not a vault's id.
        let missing = |NotAnId| ids::not_found("vault", &self.params.vault_id).with_field("vault_id");
        let vault_id: VaultId = self.params.vault_id.parse().map_err(missing)?;
        let mut changes = new_items(client, std::slice::from_ref(&self.params)).await;
        let change = changes.pop().unwrap_or_else(|| Err(Error::new(ErrorKind::Internal, "an item got lost")))?;
        items::states::write_item(client, &vault_id, None, change).await
    }
}

/// Uploads the files of new items, and returns each item with a new id, or what is wrong with it.
pub(super) async fn new_items(client: &Client, params: &[ItemCreateParams]) -> Vec<Result<ItemChange>> {
    let now = client.now_seconds();
    let drafts: Vec<_> = params.iter().map(|params| encode::new_item(params, now)).collect();
    // No file is uploaded for an item that has other problems.
    let good = drafts.iter().zip(params).filter(|(draft, _)| draft.is_ok());
    let mut uploads =
        files::upload_all(client, good.flat_map(|(_, params)| new_files(params)).collect()).await.into_iter();
    let change = |(draft, params): (Result<_>, &ItemCreateParams)| {
        let (template_uuid, overview, mut details) = draft?;
        let uploaded: Vec<Result<_>> = uploads.by_ref().take(new_files(params).count()).collect();
        plaintext::file_fields::add_all(&mut details, params, uploaded.into_iter().collect::<Result<_>>()?);
        let id = ItemId::new(client.api.connection.random());
        let plaintext = Plaintext::new(&overview, &details);
        Ok(ItemChange::create(id, template_uuid, plaintext, now).with_files(details.files()))
    };
    drafts.into_iter().zip(params).map(change).collect()
}

/// Returns the files of a new item. The first one is that of a Document.
fn new_files(params: &ItemCreateParams) -> impl Iterator<Item = NewFile> {
    params.document.iter().map(NewFile::from).chain(params.files.iter().flatten().map(NewFile::from))
}
