//! Items.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::envelope::{Envelope, EnvelopeRef};

/// Answer of `GET /api/v1/vault/{vault}/items/overviews`: active and archived items, never deleted ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverviewsResponse<I = ItemRecord> {
    /// The vault's content version.
    pub content_version: u32,
    /// Always true: there is no paging.
    pub batch_complete: bool,
    /// The items, without details.
    pub items: Option<Vec<I>>,
}

/// An [`ItemRecord`] without details, as lists have it. A vault holds many thousands, so it borrows from the JSON that
/// it is read from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedItem<'a> {
    /// The item's id.
    #[serde(borrow)]
    pub uuid: Cow<'a, str>,
    /// The category, as three digits.
    #[serde(borrow)]
    pub template_uuid: Cow<'a, str>,
    /// Whether it is in use.
    #[serde(default)]
    pub trashed: ItemState,
    /// RFC 3339.
    #[serde(borrow)]
    pub created_at: Cow<'a, str>,
    /// RFC 3339.
    #[serde(borrow)]
    pub updated_at: Cow<'a, str>,
    /// Version of the item; each change raises it.
    pub item_version: u32,
    /// Title and so on, sealed with the vault key.
    #[serde(borrow)]
    pub enc_overview: EnvelopeRef<'a>,
}

/// Answer of `GET /api/v1/vault/{vault}/item/{item}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemResponse<I = ItemRecord> {
    /// The vault's content version.
    pub content_version: u32,
    /// The item, with details.
    pub item: I,
}

/// Body of `POST /api/v3/vault/{vault}/items/batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchRequest {
    /// The wanted items; ids may repeat.
    pub item_uuids: Vec<String>,
}

/// Answer of `POST /api/v3/vault/{vault}/items/batch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse<I = ItemRecord> {
    /// The vault's content version.
    pub content_version: u32,
    /// One element for each wanted id, in its order; null for an item that does not exist.
    pub items: Vec<Option<I>>,
}

/// Whether an item is in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<String>", into = "&'static str")]
pub enum ItemState {
    /// In use; what unknown letters and null mean, too.
    #[default]
    Active,
    /// Archived.
    Archived,
    /// Deleted.
    Deleted,
}

impl From<Option<String>> for ItemState {
    fn from(letter: Option<String>) -> Self {
        match letter.as_deref() {
            Some("Y") => Self::Archived,
            Some("D") => Self::Deleted,
            _ => Self::Active,
        }
    }
}

impl ItemState {
    /// The letter that stands for the state.
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

/// An item as the server keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemRecord {
    /// The item's id.
    pub uuid: String,
    /// The category, as three digits.
    pub template_uuid: String,
    /// Who changed it last.
    pub changer_uuid: String,
    /// Whether it is in use.
    #[serde(default)]
    pub trashed: ItemState,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Version of the item; each change raises it.
    pub item_version: u32,
    /// Title and so on, sealed with the vault key.
    pub enc_overview: Envelope,
    /// The content, sealed with the vault key; overviews come without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enc_details: Option<Envelope>,
}

/// One element of the body of `PATCH /api/v3/vault/{vault}/{content version}/items`: always a complete item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemPatch {
    /// The item's id.
    pub uuid: String,
    /// The version that is replaced; 0 for a new item.
    pub item_version: u32,
    /// Title and so on, sealed with the vault key.
    pub enc_overview: Envelope,
    /// The content, sealed with the vault key.
    pub enc_details: Envelope,
    /// Whether it is in use.
    #[serde(default)]
    pub trashed: ItemState,
    /// The category, as three digits.
    pub template_uuid: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// Id of the vault key.
    pub encrypted_by: String,
    /// The files that the item keeps; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_references: Option<Vec<FileReference>>,
}

/// An uploaded file that belongs to an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReference {
    /// The file, as the upload named it.
    pub file_id: String,
    /// Proves that the item's author holds the file's signing key, base64url.
    pub signature: String,
}

/// Answer of `PATCH /api/v3/vault/{vault}/{content version}/items`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PatchResponse {
    /// The vault's new content version.
    pub content_version: u32,
    /// New version of each changed item, by id.
    #[serde(default)]
    pub updated_items: Option<BTreeMap<String, u32>>,
    /// A code of [`failed_item`] for each refused item, by id.
    #[serde(default)]
    pub failed_items: Option<BTreeMap<String, u32>>,
}

/// Why a single item of a patch was refused.
pub mod failed_item {
    /// The element is malformed.
    pub const BAD_REQUEST: u32 = 100;
    /// The caller may not do that.
    pub const NO_PERMISSION: u32 = 101;
    /// The server failed.
    pub const INTERNAL: u32 = 103;
    /// Somebody else changed the vault or the item first.
    pub const CONFLICT: u32 = 104;
    /// A referenced file does not exist.
    pub const FILE_NOT_FOUND: u32 = 105;
    /// The item is too big.
    pub const TOO_BIG: u32 = 106;
}
