use std::collections::BTreeMap;

use op_protocol::{
    envelope::Envelope,
    id,
    rest::{ItemPatch, ItemRecord, ItemState, PatchResponse, failed_item},
};
use serde::Deserialize;

use super::ClientMethod;
use crate::{
    client::Client,
    error::{Error, ErrorKind, Result},
    host::HttpMethod,
    items::encode::{self, NewItem},
    timestamp,
    transport::Resource,
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
        let now = client.now_seconds();
        let item = encode::new_item(&self.params, now)?;

        let vault = client.vault_record(vault_id).await?;
        let key = client.keychain.vault_key(&vault).await?;
        let item_id = id::new_id(client.api.connection.random());
        let patch = seal(client, &key, &item, item_id.clone(), now);
        let route = format!("/api/v3/vault/{vault_id}/{}/items", vault.content_version);
        let answer: PatchResponse =
            client.api.write(HttpMethod::Patch, &route, &[&patch], Resource::Vault).await?;
        let version = updated_version(&answer, &item_id)?;

        let record = stored(patch, version);
        client.open_item(vault_id, &record, key).await
    }
}

fn seal(client: &Client, key: &op_protocol::jwk::SymmetricKey, item: &NewItem, uuid: String, now: u64) -> ItemPatch {
    let random = || client.api.connection.random();
    let created_at = timestamp::rfc3339(now);
    ItemPatch {
        uuid,
        item_version: 0,
        enc_overview: Envelope::seal(key, random(), &item.overview),
        enc_details: Envelope::seal(key, random(), &item.details),
        trashed: ItemState::Active,
        template_uuid: item.template_uuid.to_owned(),
        updated_at: created_at.clone(),
        created_at,
        encrypted_by: key.kid().to_owned(),
        file_references: None,
    }
}

fn updated_version(answer: &PatchResponse, item_id: &str) -> Result<u32> {
    if let Some(code) = answer.failed_items.iter().flat_map(BTreeMap::values).next() {
        return Err(failure(*code));
    }
    let updated = answer.updated_items.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::InvalidResponse, "updated items were not found in the server response")
    })?;
    updated.get(item_id).copied().ok_or_else(|| {
        Error::new(ErrorKind::InvalidResponse, "item was not found in the server response")
    })
}

/// What the codes of a refused item mean.
fn failure(code: u32) -> Error {
    match code {
        failed_item::BAD_REQUEST => Error::new(ErrorKind::BadInput, "bad request body when updating items"),
        failed_item::NO_PERMISSION => {
            Error::new(ErrorKind::PermissionDenied, "not sufficient permissions for the item update operation")
        }
        failed_item::INTERNAL => Error::new(ErrorKind::ServerError, "internal server error"),
        failed_item::CONFLICT => {
            Error::new(ErrorKind::Conflict, "race condition when updating items in the same vault")
        }
        failed_item::FILE_NOT_FOUND => Error::new(ErrorKind::NotFound, "file"),
        failed_item::TOO_BIG => Error::new(ErrorKind::BadInput, "item is too big"),
        _ => Error::new(ErrorKind::InvalidResponse, "unknown item patch failure"),
    }
}

/// The record as the server now holds it.
fn stored(patch: ItemPatch, item_version: u32) -> ItemRecord {
    ItemRecord {
        uuid: patch.uuid,
        template_uuid: patch.template_uuid,
        changer_uuid: String::new(),
        trashed: patch.trashed,
        created_at: patch.created_at,
        updated_at: patch.updated_at,
        item_version,
        enc_overview: patch.enc_overview,
        enc_details: Some(patch.enc_details),
    }
}
