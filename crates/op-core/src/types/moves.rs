use serde::{Deserialize, Serialize};

use super::{ErrorMessage, Item};

/// What became of an item that was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsMoveResponse {
    /// The item in its new vault, with a new id.
    pub item: Item,
    /// What became of the item in its old vault.
    pub original: MovedOriginal,
    /// Why the original is still in use, if it is: the item is in both vaults then.
    pub problem: Option<ErrorMessage>,
}

/// What became of the original of an item that was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum MovedOriginal {
    /// It was put away.
    Archived,
    /// It was deleted, for good.
    Deleted,
    /// It is as it was.
    Kept,
}

/// How to move an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemMoveOptions {
    /// Whether to delete the original rather than to archive it.
    pub delete_original: Option<bool>,
}
