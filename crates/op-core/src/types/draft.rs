use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{AddressFieldDetails, ItemCategory, ItemField, ItemFieldType, ItemSection, Website};

/// An item to build, without ids. {type ItemBuilder} fills it in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemDraft {
    /// The category.
    pub category: ItemCategory,
    /// The id of the vault to create it in.
    pub vault_id: String,
    /// The title.
    pub title: String,
    /// The fields, in order.
    #[serde(deserialize_with = "super::or_default")]
    pub fields: Vec<FieldDraft>,
    /// The notes.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = true)))]
    pub notes: Option<String>,
    /// The tags.
    #[serde(deserialize_with = "super::or_default")]
    pub tags: Vec<String>,
    /// The websites, for a Login or Password.
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
    /// The type of the field.
    pub field_type: ItemFieldType,
    /// The title.
    pub title: String,
    /// The value as text; empty for an address.
    #[cfg_attr(feature = "contract", schemars(extend("x-secret" = super::item::concealed())))]
    pub value: String,
    /// The title of the field's section, which is created unless another field has named it. If missing, the field has
    /// no section.
    pub section: Option<String>,
    /// Set for an address: its parts.
    pub address: Option<AddressFieldDetails>,
    /// The id, for fields whose id has a meaning, such as `username`; one is created if missing.
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

/// The result of building a draft: its fields and sections, with ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct BuiltFields {
    /// The fields.
    pub fields: Vec<ItemField>,
    /// The sections of the fields.
    pub sections: Vec<ItemSection>,
}
