use serde::{Deserialize, Serialize};

use super::{UserState, VaultAccess};

/// The kind of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum GroupType {
    /// The owners of the account: they may do everything that administrators may, and delete the account.
    Owners,
    /// The administrators: they invite people, create groups and vaults, and recover accounts.
    Administrators,
    /// The group that can recover vaults. Nobody is added to it by hand.
    Recovery,
    /// People who manage the account from outside.
    ExternalAccountManagers,
    /// Everyone in the account.
    TeamMembers,
    /// A group that a user created.
    UserDefined,
    /// A kind of group that this version does not know.
    Unsupported,
}

/// The state of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum GroupState {
    /// The group is in use.
    Active,
    /// The group was deleted.
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
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// The kind of group.
    pub group_type: GroupType,
    /// The state of the group.
    pub state: GroupState,
    /// The vaults that the group can open. Set if asked for.
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

/// What to read besides the group itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupGetParams {
    /// Whether to read the vaults that the group can open.
    pub vault_permissions: Option<bool>,
}

/// A grant of access to a vault, for a group that cannot open it yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupAccess {
    /// The id of the group.
    pub group_id: String,
    /// The sum of the permissions, such as {const READ_ITEMS}.
    pub permissions: u32,
}

/// A change of permissions on a vault, for a group that can open it already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupVaultAccess {
    /// The id of the vault.
    pub vault_id: String,
    /// The id of the group.
    pub group_id: String,
    /// The sum of the permissions, such as {const READ_ITEMS}.
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
    /// The state of the user.
    pub state: UserState,
    /// When the user became a member.
    #[cfg_attr(feature = "contract", schemars(extend("format" = "date-time")))]
    pub joined_at: String,
}
