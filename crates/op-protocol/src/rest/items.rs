//! Items.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::envelope::{Envelope, EnvelopeRef};

/// The response of `GET /api/v1/vault/{vault}/items/overviews`: active and archived items, but no deleted ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverviewsResponse<I = ItemRecord> {
    /// The vault's content version.
    pub content_version: u32,
    /// Always true, because there is no paging.
    pub batch_complete: bool,
    /// The items, without details.
    pub items: Option<Vec<I>>,
}

/// An [`ItemRecord`] without details, as lists have it. It borrows from the JSON, because a vault may have many
/// thousands of items. docs/decisions/0039 says more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedItem<'a> {
    /// The item's id.
    #[serde(borrow)]
    pub uuid: Cow<'a, str>,
    /// The category's template, three digits.
    #[serde(borrow)]
    pub template_uuid: Cow<'a, str>,
    /// The item's state.
    #[serde(default)]
    pub trashed: ItemState,
    /// RFC 3339.
    #[serde(borrow)]
    pub created_at: Cow<'a, str>,
    /// RFC 3339.
    #[serde(borrow)]
    pub updated_at: Cow<'a, str>,
    /// The version of the item. Each change increases it.
    pub item_version: u32,
    /// The overview (title and so on), sealed with the vault key.
    #[serde(borrow)]
    pub enc_overview: EnvelopeRef<'a>,
}

/// The response of `GET /api/v1/vault/{vault}/item/{item}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemResponse<I = ItemRecord> {
    /// The vault's content version.
    pub content_version: u32,
    /// The item, with details.
    pub item: I,
}

/// The body of `POST /api/v3/vault/{vault}/items/batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchRequest {
    /// The ids of the requested items. An id may occur several times.
    pub item_uuids: Vec<String>,
}

/// The response of `POST /api/v3/vault/{vault}/items/batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse<I = ItemRecord> {
    /// The vault's content version.
    pub content_version: u32,
    /// One element for each requested id, in the same order; null for an item that does not exist.
    pub items: Vec<Option<I>>,
}

/// The state of an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "&'static str")]
pub enum ItemState {
    /// Active. Unknown letters and null mean this state too.
    #[default]
    Active,
    /// Archived.
    Archived,
    /// Deleted.
    Deleted,
}

impl From<&str> for ItemState {
    fn from(letter: &str) -> Self {
        match letter {
            "Y" => Self::Archived,
            "D" => Self::Deleted,
            _ => Self::Active,
        }
    }
}

impl From<Option<String>> for ItemState {
    fn from(letter: Option<String>) -> Self {
        Self::from(letter.as_deref().unwrap_or_default())
    }
}

impl ItemState {
    /// Returns the letter of the state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "N",
            Self::Archived => "Y",
            Self::Deleted => "D",
        }
    }
}

impl From<ItemState> for &'static str {
    fn from(state: ItemState) -> Self {
        state.as_str()
    }
}

/// An item, as the server stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemRecord {
    /// The item's id.
    pub uuid: String,
    /// The category's template, three digits.
    pub template_uuid: String,
    /// The user who changed it last.
    pub changer_uuid: String,
    /// The item's state.
    #[serde(default)]
    pub trashed: ItemState,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// The version of the item. Each change increases it.
    pub item_version: u32,
    /// The overview (title and so on), sealed with the vault key.
    pub enc_overview: Envelope,
    /// The details (the content), sealed with the vault key. Lists do not have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enc_details: Option<Envelope>,
}

/// An element of the body of `PATCH /api/v3/vault/{vault}/{content version}/items`: always a complete item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemPatch {
    /// The item's id.
    pub uuid: String,
    /// The version that is replaced; 0 for a new item.
    pub item_version: u32,
    /// The overview (title and so on), sealed with the vault key.
    pub enc_overview: Envelope,
    /// The details (the content), sealed with the vault key.
    pub enc_details: Envelope,
    /// The item's state.
    #[serde(default)]
    pub trashed: ItemState,
    /// The category's template, three digits.
    pub template_uuid: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// The id of the vault key.
    pub encrypted_by: String,
    /// The files that belong to the item; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_references: Option<Vec<FileReference>>,
}

/// An uploaded file that belongs to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReference {
    /// The id from the response to the upload.
    pub file_id: String,
    /// The proof that the item's author has the file's signing key, base64url.
    pub signature: String,
}

/// The response of `PATCH /api/v3/vault/{vault}/{content version}/items`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PatchResponse {
    /// The vault's new content version.
    pub content_version: u32,
    /// The new version of each changed item, by id.
    #[serde(default)]
    pub updated_items: Option<BTreeMap<String, u32>>,
    /// A code of [`failed_item`] for each refused item, by id.
    #[serde(default)]
    pub failed_items: Option<BTreeMap<String, u32>>,
}

/// The codes for why an item of a patch was refused.
pub mod failed_item {
    /// The element is malformed.
    pub const BAD_REQUEST: u32 = 100;
    /// The caller lacks a permission.
    pub const NO_PERMISSION: u32 = 101;
    /// The server failed.
    pub const INTERNAL: u32 = 103;
    /// Another client changed the vault or the item first.
    pub const CONFLICT: u32 = 104;
    /// A referenced file does not exist.
    pub const FILE_NOT_FOUND: u32 = 105;
    /// The item is too big.
    pub const TOO_BIG: u32 = 106;
}
