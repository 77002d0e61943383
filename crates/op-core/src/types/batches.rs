use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ErrorMessage, Item, Response};

/// The result of {method items.getAll}.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemsGetAllResponse {
    /// The outcome for each id, in the order of the ids.
    pub individual_responses: Vec<Response<Item, ItemsGetAllError>>,
}

/// The reason why an item of a batch could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "message", rename_all = "camelCase")]
pub enum ItemsGetAllError {
    /// The vault has no such item.
    ItemNotFound,
    /// Any other reason; the message has the details.
    Internal(ErrorMessage),
}

/// The result of {method items.createAll}.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemsUpdateAllResponse {
    /// The outcome for each item, in the order of the items.
    pub individual_responses: Vec<Response<Item, ItemUpdateFailureReason>>,
}

/// The result of {method items.deleteAll}.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemsDeleteAllResponse {
    /// The outcome for each id. For a deleted item neither member is set.
    pub individual_responses: BTreeMap<String, Response<(), ItemUpdateFailureReason>>,
}

/// The reason why an item of a batch was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "message", rename_all = "camelCase")]
pub enum ItemUpdateFailureReason {
    /// The item is malformed; the message names every problem.
    ItemValidationError(ErrorMessage),
    /// The client lacks the permission for this change.
    ItemStatusPermissionError,
    /// Someone else changed the item first.
    ItemStatusIncorrectItemVersion,
    /// A file of the item was not uploaded.
    ItemStatusFileNotFound,
    /// The item is larger than the server accepts.
    ItemStatusTooBig,
    /// The vault has no such item.
    ItemNotFound,
    /// Any other reason; the message has the details.
    Internal(ErrorMessage),
}
