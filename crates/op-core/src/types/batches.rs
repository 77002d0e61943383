use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ErrorMessage, Item, Response};

/// The items of one call, in the order of the ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemsGetAllResponse {
    /// The outcome for each id.
    pub individual_responses: Vec<Response<Item, ItemsGetAllError>>,
}

/// Why an item of a batch could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "message", rename_all = "camelCase")]
pub enum ItemsGetAllError {
    /// The vault has no such item.
    ItemNotFound,
    /// Anything else; the message says what.
    Internal(ErrorMessage),
}

/// What became of the items of one call, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemsUpdateAllResponse {
    /// The outcome for each item.
    pub individual_responses: Vec<Response<Item, ItemUpdateFailureReason>>,
}

/// What became of the items of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemsDeleteAllResponse {
    /// The outcome for each id; of a deleted item neither member is set.
    pub individual_responses: BTreeMap<String, Response<(), ItemUpdateFailureReason>>,
}

/// Why an item of a batch was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "message", rename_all = "camelCase")]
pub enum ItemUpdateFailureReason {
    /// The item is malformed; the message names everything that is wrong.
    ItemValidationError(ErrorMessage),
    /// The account may not change items in this way.
    ItemStatusPermissionError,
    /// Someone else changed the item first.
    ItemStatusIncorrectItemVersion,
    /// A file of the item was not uploaded.
    ItemStatusFileNotFound,
    /// The item is larger than the server takes.
    ItemStatusTooBig,
    /// The vault has no such item.
    ItemNotFound,
    /// Anything else; the message says what.
    Internal(ErrorMessage),
}
