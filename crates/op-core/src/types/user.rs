use serde::{Deserialize, Serialize};

use super::{VaultAccess, VaultType};

/// Whether a user may sign in. Added by opwire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum UserState {
    /// The user signs in and works.
    Active,
    /// The user accepted an invitation that an administrator has not confirmed yet.
    Pending,
    /// The user cannot sign in, and keeps its data.
    Suspended,
    /// The user is gone.
    Deleted,
    /// A state that this version does not know.
    Unsupported,
}

/// A person of the account. Added by opwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The id: 26 characters.
    pub id: String,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether the user may sign in.
    pub state: UserState,
    /// When the user was made.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// The ids of the groups that the user is a member of.
    pub group_ids: Vec<String>,
}

/// What a user may do in one vault, and why. Added by opwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserVaultAccess {
    /// The id of the vault.
    pub vault_id: String,
    /// What the vault is for; an Environment is {value VaultType.unsupported}.
    pub vault_type: VaultType,
    /// All that the user may do: the sum of permission constants such as {const READ_ITEMS}.
    pub permissions: u32,
    /// Where the permissions come from: the user itself, and its groups.
    pub access: Vec<VaultAccess>,
}

/// What a user shall be able to do in a vault by itself. Added by opwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserAccess {
    /// The id of the user.
    pub user_id: String,
    /// The sum of permission constants such as {const READ_ITEMS}.
    pub permissions: u32,
}
