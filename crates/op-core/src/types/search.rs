use serde::{Deserialize, Serialize};

use super::{ItemCategory, ItemState};

/// What to look for. An item has to fit everything that is given; text is compared without case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemSearchParams {
    /// The ids of the vaults to search; all that the account may read if missing.
    pub vault_ids: Option<Vec<String>>,
    /// A part of the title.
    pub title: Option<String>,
    /// Tags, all of which the item has to have. `work` fits `work/mail` as well.
    pub tags: Option<Vec<String>>,
    /// Categories, one of which the item has to be of.
    pub categories: Option<Vec<ItemCategory>>,
    /// A part of the subtitle that lists show: of a Login its user name, of a Server too, of an Email its account.
    pub username: Option<String>,
    /// A website, as an address or a host. Its parent domains and subdomains fit as well.
    pub website: Option<String>,
    /// The time since which the item has to be changed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub updated_since: Option<String>,
    /// The states that count; only items in use if missing.
    pub states: Option<Vec<ItemState>>,
}
