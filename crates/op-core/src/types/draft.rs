use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{AddressFieldDetails, ItemCategory, ItemField, ItemFieldType, ItemSection, Website};

/// An item to build, without ids; each language has an {type ItemBuilder} to fill it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemDraft {
    /// What the item is about.
    pub category: ItemCategory,
    /// The id of the vault to put it into.
    pub vault_id: String,
    /// The title.
    pub title: String,
    /// The fields, in their order.
    #[serde(deserialize_with = "super::or_default")]
    pub fields: Vec<FieldDraft>,
    /// The notes.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub notes: Option<String>,
    /// The tags.
    #[serde(deserialize_with = "super::or_default")]
    pub tags: Vec<String>,
    /// The websites, of a Login or Password.
    #[serde(deserialize_with = "super::or_default")]
    pub websites: Vec<Website>,
}

impl fmt::Debug for ItemDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemDraft")
            .field("category", &self.category)
            .field("vault_id", &self.vault_id)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

impl Drop for ItemDraft {
    fn drop(&mut self) {
        self.notes.zeroize();
    }
}

/// A field to build.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FieldDraft {
    /// What the value is.
    pub field_type: ItemFieldType,
    /// The title.
    pub title: String,
    /// The value as text; empty for an address.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = crate::items::kinds::concealed())))]
    pub value: String,
    /// The title of the section, which is made where there is none of this title; no section if missing.
    pub section: Option<String>,
    /// The parts of an address.
    pub address: Option<AddressFieldDetails>,
    /// The id, of fields whose id means something, such as `username`; else one is made.
    pub id: Option<String>,
}

impl fmt::Debug for FieldDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldDraft")
            .field("field_type", &self.field_type)
            .field("section", &self.section)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Drop for FieldDraft {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// The fields and sections of a draft, with ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct BuiltFields {
    /// The fields.
    pub fields: Vec<ItemField>,
    /// The sections that they stand in.
    pub sections: Vec<ItemSection>,
}
