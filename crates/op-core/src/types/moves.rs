use serde::{Deserialize, Serialize};

use super::{ErrorMessage, Item};

/// The result of {method items.move}.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct ItemsMoveResponse {
    /// The item in its new vault, with its new id.
    pub item: Item,
    /// What happened to the original.
    pub original: MovedOriginal,
    /// Set if the original is still active, with the reason. The item is then in both vaults.
    pub problem: Option<ErrorMessage>,
}

/// What happened to the original of a moved item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum MovedOriginal {
    /// It was archived.
    Archived,
    /// It was deleted permanently.
    Deleted,
    /// It is unchanged.
    Kept,
}

/// What {method items.move} does with the original.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemMoveOptions {
    /// Whether to delete the original instead of archiving it.
    pub delete_original: Option<bool>,
}
