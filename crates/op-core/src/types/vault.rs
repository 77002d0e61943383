use serde::{Deserialize, Serialize};

/// What a vault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum VaultType {
    /// The private vault of one person.
    Personal,
    /// The vault that everyone in the account shares.
    Everyone,
    /// A vault that hands items from one place to another.
    Transfer,
    /// A vault that somebody made.
    UserCreated,
    /// A kind of vault that this version does not know.
    Unsupported,
}

/// A vault, without its items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultOverview {
    /// The id: 26 characters.
    pub id: String,
    /// The title; `[Encrypted]` if it was not to be decrypted.
    pub title: String,
    /// The description; `[Encrypted]` if it was not to be decrypted.
    pub description: String,
    /// What the vault is for.
    pub vault_type: VaultType,
    /// How many items are in the vault, archived ones not counted.
    pub active_item_count: u32,
    /// Grows with every change of the vault's items.
    pub content_version: u32,
    /// Grows with every change of the vault's title, description or icon.
    pub attribute_version: u32,
    /// When the vault was made.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// When the vault was last changed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub updated_at: String,
}

/// How to list vaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultListParams {
    /// Whether to decrypt titles and descriptions; they are by default.
    pub decrypt_details: Option<bool>,
}
