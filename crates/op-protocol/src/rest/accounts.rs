//! Accounts.

use serde::{Deserialize, Serialize};

use super::{CreateVaultRequest, NewGroup, NewUser};

/// Answer of `GET /api/v3/account?attrs=me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The account's id.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// The domain it signs in at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The kind of account, a letter.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is in use: `A`.
    pub state: String,
    /// The file of its picture; empty for none.
    pub avatar: String,
    /// Version of the attributes.
    pub attr_version: u32,
    /// RFC 3339.
    pub created_at: String,
    /// Where pictures are.
    #[serde(rename = "baseAvatarURL")]
    pub base_avatar_url: String,
    /// Where files are.
    #[serde(rename = "baseAttachmentURL")]
    pub base_attachment_url: String,
    /// Who asks.
    pub me: Me,
}

/// The user who asks for its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The user's id.
    pub uuid: String,
    /// RFC 3339.
    pub created_at: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// Version of the attributes.
    pub attr_version: u32,
    /// A letter of [`user_state`](super::user_state).
    pub state: String,
    /// `R` for a person, `S` for a service account.
    #[serde(rename = "type")]
    pub kind: String,
    /// The file of its picture; empty for none.
    pub avatar: String,
    /// Settings of the official apps, as a number; 0 here.
    pub preferences: u64,
}

/// Makes an account with its first user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateAccountRequest {
    /// The account.
    pub account: NewAccount,
    /// Its owner.
    pub user: NewUser,
    /// The groups of types `O`, `A`, `R` and `M`, one of each, with the owner as their member. Empty: the account has no
    /// groups until its owner makes them.
    #[serde(default)]
    pub groups: Vec<NewGroup>,
    /// The owner's personal vault, of type `P`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<CreateVaultRequest>,
}

/// An account to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// The account's id, chosen by the client.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// The domain it signs in at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}
