//! Items.

use std::collections::{BTreeMap, HashMap, HashSet};

use axum::http::StatusCode;
use axum::response::Response;
use op_protocol::id::is_id;
use op_protocol::jwk::A256GCM;
use op_protocol::rest::{
    BatchRequest, BatchResponse, FileReference, ItemPatch, ItemResponse, ItemState, OverviewsResponse, PatchResponse,
    failed_item,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::checks::{is_sealed, is_too_big};
use super::error::{ApiError, Result};
use super::extract::{Caller, ChangePath, ItemPath, Sealed, VaultPath};
use super::time;
use crate::State;
use crate::policy::permissions::{LIST, READ};
use crate::store::items::{Element, Found, ItemRow, Outcome};
use crate::system::now;

/// How many items one batch may request, or one patch change.
const MAX_ITEMS: usize = 5_000;
/// The most bytes that the envelopes of one batch may have together. Clients read answers of at most 64 MiB, and
/// sealing turns three bytes into four; the rest is for the other members of 5,000 items.
const MAX_BATCH: usize = 44 << 20;
/// Categories have three digits; the rest is room for others.
const MAX_TEMPLATE: usize = 32;

pub(super) async fn overviews(server: State, caller: Caller, VaultPath { vault }: VaultPath) -> Result<Response> {
    let found = permitted(server.store.overviews(&vault, caller.user()).await?, LIST)?;
    caller.seal(&OverviewsResponse {
        content_version: found.content_version,
        batch_complete: true,
        items: Some(found.items()?.iter().map(Record::of).collect::<Result<_>>()?),
    })
}

pub(super) async fn show(server: State, caller: Caller, ItemPath { vault, item }: ItemPath) -> Result<Response> {
    let found = permitted(server.store.item(&vault, caller.user(), &item).await?, READ)?;
    let items = found.items()?;
    let row = items.first().ok_or_else(|| ApiError::not_found("item"))?;
    caller.seal(&ItemResponse { content_version: found.content_version, item: Record::of(row)? })
}

/// One element for each requested id, in that order; null for a missing item.
pub(super) async fn batch(
    server: State,
    VaultPath { vault }: VaultPath,
    Sealed { caller, body }: Sealed<BatchRequest>,
) -> Result<Response> {
    if body.item_uuids.len() > MAX_ITEMS {
        return Err(ApiError::bad_request(format!("a batch can have at most {MAX_ITEMS} items")));
    }
    let found = permitted(server.store.items(&vault, caller.user(), &body.item_uuids).await?, READ)?;
    let records = found.items()?.iter().map(Record::of).collect::<Result<Vec<_>>>()?;
    let by_id: HashMap<&str, &Record<'_>> = records.iter().map(|record| (record.uuid, record)).collect();
    let items: Vec<_> = body.item_uuids.iter().map(|id| by_id.get(id.as_str())).collect();
    // An id that is requested twice is answered twice, and counts twice.
    if items.iter().flatten().map(|record| record.size()).sum::<usize>() > MAX_BATCH {
        let message = format!("these items have more than {MAX_BATCH} bytes in total: request fewer at once");
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    caller.seal(&BatchResponse { content_version: found.content_version, items })
}

/// Applies all elements or none, so that a caller who gets a
/// failed item knows that nothing was changed.
pub(super) async fn change(
    server: State,
    ChangePath { vault, content_version }: ChangePath,
    Sealed { caller, body }: Sealed<Vec<ItemPatch>>,
) -> Result<Response> {
    if body.len() > MAX_ITEMS {
        return Err(ApiError::bad_request(format!("a patch can have at most {MAX_ITEMS} items")));
    }
    let outcome = match elements(&server, body) {
        Ok(elements) => server.store.patch_items(&vault, &caller.actor, content_version, &elements, now()).await?,
        Err(malformed) => {
            // Only users with access to the vault see what is wrong with the items.
            server.store.vault(&vault, caller.user()).await?.ok_or_else(|| ApiError::not_found("vault"))?;
            Outcome::Refused { content_version, items: malformed }
        }
    };
    match outcome {
        Outcome::Applied { content_version, items } => {
            caller.seal(&PatchResponse { content_version, updated_items: Some(items), failed_items: None })
        }
        Outcome::Refused { content_version, items } => caller.seal(&PatchResponse {
            content_version,
            updated_items: Some(BTreeMap::new()),
            failed_items: Some(items),
        }),
    }
}

/// Returns what was found, if the caller may read it.
pub(super) fn permitted(found: Option<Found>, needed: u32) -> Result<Found> {
    let found = found.ok_or_else(|| ApiError::not_found("vault"))?;
    found.rights.require(needed)?;
    Ok(found)
}

/// Returns the elements of a patch, or a code for each that is malformed, whatever the vault holds.
fn elements(server: &State, patches: Vec<ItemPatch>) -> std::result::Result<Vec<Element>, BTreeMap<String, u32>> {
    let mut failed = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut elements = Vec::with_capacity(patches.len());
    for patch in patches {
        let id = patch.uuid.clone();
        let result = if seen.insert(id.clone()) { element(server, patch) } else { Err(failed_item::BAD_REQUEST) };
        match result {
            Ok(element) => elements.push(element),
            Err(code) => drop(failed.insert(id, code)),
        }
    }
    if failed.is_empty() { Ok(elements) } else { Err(failed) }
}

fn element(server: &State, patch: ItemPatch) -> std::result::Result<Element, u32> {
    let sealed = [&patch.enc_overview, &patch.enc_details];
    let sealed = sealed.into_iter().all(|envelope| is_sealed(envelope, A256GCM) && envelope.kid == patch.encrypted_by);
    let template = !patch.template_uuid.is_empty() && patch.template_uuid.len() <= MAX_TEMPLATE;
    let times = time::read(&patch.created_at).zip(time::read(&patch.updated_at));
    let Some((created_at, updated_at)) = times.filter(|_| is_id(&patch.uuid) && sealed && template) else {
        return Err(failed_item::BAD_REQUEST);
    };
    if patch.item_version == u32::MAX {
        return Err(failed_item::BAD_REQUEST);
    }
    // Of a deleted item nothing is stored.
    if patch.trashed != ItemState::Deleted && is_too_big(&patch.enc_overview, &patch.enc_details) {
        return Err(failed_item::TOO_BIG);
    }
    let is_signed = |file: &FileReference| {
        is_id(&file.file_id)
            && server.file_signing_key(&file.file_id).verify(
                &file.signature,
                &file.file_id,
                &patch.uuid,
                patch.item_version,
            )
    };
    if !patch.file_references.iter().flatten().all(is_signed) {
        return Err(failed_item::FILE_NOT_FOUND);
    }
    Ok(Element { patch, created_at, updated_at })
}

/// An [`ItemRecord`](op_protocol::rest::ItemRecord) for a stored row, whose envelopes are JSON already.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    uuid: &'a str,
    template_uuid: &'a str,
    changer_uuid: &'a str,
    trashed: ItemState,
    created_at: String,
    updated_at: String,
    item_version: u32,
    enc_overview: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    enc_details: Option<&'a RawValue>,
}

impl<'a> Record<'a> {
    fn of(row: &ItemRow<'a>) -> Result<Self> {
        Ok(Self {
            uuid: row.uuid,
            template_uuid: row.template_uuid,
            changer_uuid: row.changer_uuid,
            trashed: row.trashed,
            created_at: time::write(row.created_at),
            updated_at: time::write(row.updated_at),
            item_version: row.item_version,
            enc_overview: stored(row.enc_overview)?,
            enc_details: row.enc_details.map(stored).transpose()?,
        })
    }

    /// Bytes of the envelopes.
    fn size(&self) -> usize {
        self.enc_overview.get().len() + self.enc_details.map_or(0, |details| details.get().len())
    }
}

/// JSON from the store.
fn stored(text: &str) -> Result<&RawValue> {
    serde_json::from_str(text).map_err(|error| ApiError::internal(&error))
}
