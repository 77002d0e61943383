use serde::{Deserialize, Serialize};

/// The kind of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum VaultType {
    /// The private vault of one person.
    Personal,
    /// The vault that everyone in the account shares.
    Everyone,
    /// A vault for transferring items from one place to another.
    Transfer,
    /// A vault that a user created.
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
    /// The title; `[Encrypted]` if it was not decrypted, or if the vault cannot be opened.
    pub title: String,
    /// The description; `[Encrypted]` if it was not decrypted, or if the vault cannot be opened.
    pub description: String,
    /// The kind of vault.
    pub vault_type: VaultType,
    /// The number of items in the vault, without archived ones.
    pub active_item_count: u32,
    /// Increases with every change to the vault's items.
    pub content_version: u32,
    /// Increases with every change to the vault's title, description or icon.
    pub attribute_version: u32,
    /// When the vault was created.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// When the vault was last changed.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub updated_at: String,
}

/// What to read of the vaults in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultListParams {
    /// Whether to decrypt titles and descriptions. If missing, they are not decrypted.
    pub decrypt_details: Option<bool>,
}

/// A vault, and on request who can open it.
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
    /// The kind of vault.
    pub vault_type: VaultType,
    /// The number of items in the vault, without archived ones.
    pub active_item_count: u32,
    /// Increases with every change to the vault's items.
    pub content_version: u32,
    /// Increases with every change to the vault's title, description or icon.
    pub attribute_version: u32,
    /// Who can open the vault. Set if asked for; those who do not manage the vault see only their own access.
    pub access: Option<Vec<VaultAccess>>,
}

/// The kind of an accessor of a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum VaultAccessorType {
    /// A person or a service account.
    User,
    /// A group, that is, each of its members.
    Group,
}

/// What one user or group may do in one vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultAccess {
    /// The id of the vault.
    pub vault_uuid: String,
    /// Whether the accessor is a user or a group.
    pub accessor_type: VaultAccessorType,
    /// The id of the user or group.
    pub accessor_uuid: String,
    /// The sum of the permissions, such as {const READ_ITEMS}.
    pub permissions: u32,
}

/// A vault to create.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultCreateParams {
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// Whether the account's administrators may manage the vault; true if missing.
    pub allow_admins_access: Option<bool>,
}

/// What to read besides the vault itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultGetParams {
    /// Whether to read who can open the vault.
    pub accessors: Option<bool>,
}

/// What to change in a vault. What is missing stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct VaultUpdateParams {
    /// The new title.
    pub title: Option<String>,
    /// The new description.
    pub description: Option<String>,
}
