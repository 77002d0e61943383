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

/// A vault with who may open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Vault {
    /// The id: 26 characters.
    pub id: String,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// What the vault is for.
    pub vault_type: VaultType,
    /// How many items are in the vault, archived ones not counted.
    pub active_item_count: u32,
    /// Grows with every change of the vault's items.
    pub content_version: u32,
    /// Grows with every change of the vault's title, description or icon.
    pub attribute_version: u32,
    /// Who may open the vault, if that was asked for. Somebody who does not manage the vault sees only its own access.
    pub access: Option<Vec<VaultAccess>>,
}

/// What may open a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum VaultAccessorType {
    /// A person or a service account.
    User,
    /// A group: each of its members.
    Group,
}

/// The permissions of one user or group on one vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultAccess {
    /// The id of the vault.
    pub vault_uuid: String,
    /// What the accessor is.
    pub accessor_type: VaultAccessorType,
    /// The id of the user or group.
    pub accessor_uuid: String,
    /// What it may do: the sum of permission constants such as {const READ_ITEMS}.
    pub permissions: u32,
}

/// A vault to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultCreateParams {
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// Whether the account's administrators may manage the vault; they may by default.
    pub allow_admins_access: Option<bool>,
}

/// What else to read of a vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultGetParams {
    /// Whether to read who may open the vault.
    pub accessors: Option<bool>,
}

/// What to change of a vault; what is missing stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultUpdateParams {
    /// The new title.
    pub title: Option<String>,
    /// The new description.
    pub description: Option<String>,
}
