use serde::{Deserialize, Serialize};

use super::{ItemCategory, ItemState};

/// A search for items. An item has to match every member that is set; text is case-insensitive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemSearchParams {
    /// The ids of the vaults to search. If missing, all vaults that the client can read are searched.
    pub vault_ids: Option<Vec<String>>,
    /// A part of the title.
    pub title: Option<String>,
    /// Tags that an item has to have, all of them. `work` matches `work/mail` as well.
    pub tags: Option<Vec<String>>,
    /// Categories, one of which an item has to be in.
    pub categories: Option<Vec<ItemCategory>>,
    /// A part of the subtitle that lists show: the user name of a Login or Server, the account of an Email.
    pub username: Option<String>,
    /// A website, as an address or a host. Its parent domains and subdomains match as well.
    pub website: Option<String>,
    /// The time since which an item has to have changed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub updated_since: Option<String>,
    /// The states, one of which an item has to be in. If missing, only active items match.
    pub states: Option<Vec<ItemState>>,
}
