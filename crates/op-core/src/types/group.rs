use serde::{Deserialize, Serialize};

use super::{UserState, VaultAccess};

/// What a group is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum GroupType {
    /// The owners of the account: they may do everything that administrators may, and delete the account.
    Owners,
    /// The administrators: they invite people, make groups and vaults, and recover accounts.
    Administrators,
    /// The group that can recover vaults. Nobody is added to it by hand.
    Recovery,
    /// People who manage the account from outside.
    ExternalAccountManagers,
    /// Everybody in the account.
    TeamMembers,
    /// A group that somebody made.
    UserDefined,
    /// A kind of group that this version does not know.
    Unsupported,
}

/// Whether a group is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum GroupState {
    /// It is in use.
    Active,
    /// It was deleted.
    Deleted,
    /// A state that this version does not know.
    Unsupported,
}

/// A group of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The id: 26 characters.
    pub id: String,
    /// The name.
    pub title: String,
    /// The description.
    pub description: String,
    /// What the group is for.
    pub group_type: GroupType,
    /// Whether the group is in use.
    pub state: GroupState,
    /// The vaults that the group may open, if that was asked for.
    pub vault_access: Option<Vec<VaultAccess>>,
}

/// A group to create.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupCreateParams {
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
}

/// What else to read of a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupGetParams {
    /// Whether to read the vaults that the group may open.
    pub vault_permissions: Option<bool>,
}

/// What a group shall be able to do in a vault that it may not open yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupAccess {
    /// The id of the group.
    pub group_id: String,
    /// The sum of permission constants such as {const READ_ITEMS}.
    pub permissions: u32,
}

/// What a group shall be able to do in a vault that it may open already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupVaultAccess {
    /// The id of the vault.
    pub vault_id: String,
    /// The id of the group.
    pub group_id: String,
    /// The sum of permission constants such as {const READ_ITEMS}.
    pub permissions: u32,
}

/// A member of a group. Added by opwire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupMember {
    /// The id of the user.
    pub user_id: String,
    /// The user's name.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
    /// Whether the user may sign in.
    pub state: UserState,
    /// Since when the user is a member.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub joined_at: String,
}
