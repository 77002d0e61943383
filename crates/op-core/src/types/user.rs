use serde::{Deserialize, Serialize};

use super::{VaultAccess, VaultType};

/// The state of a user. Added by opwire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum UserState {
    /// The user can sign in.
    Active,
    /// The user accepted an invitation, and an administrator has not confirmed them yet.
    Pending,
    /// The user cannot sign in; their data is kept.
    Suspended,
    /// The user was deleted.
    Deleted,
    /// A state that this version does not know.
    Unsupported,
}

/// A person in the account. Added by opwire.
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
    /// The state of the user.
    pub state: UserState,
    /// When the user was created.
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
    /// The kind of vault; {value VaultType.unsupported} for an Environment.
    pub vault_type: VaultType,
    /// Everything that the user may do: the sum of permissions such as {const READ_ITEMS}.
    pub permissions: u32,
    /// Where the permissions come from: the user's direct access, and that of their groups.
    pub access: Vec<VaultAccess>,
}

/// A grant of direct access to a vault, for a user. Added by opwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserAccess {
    /// The id of the user.
    pub user_id: String,
    /// The sum of the permissions, such as {const READ_ITEMS}.
    pub permissions: u32,
}
