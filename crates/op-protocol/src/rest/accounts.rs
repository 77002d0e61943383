//! Accounts.

use serde::{Deserialize, Serialize};

use super::{CreateVaultRequest, NewGroup, NewUser, UserState};
use crate::{closed_set, set::Open};

closed_set! {
    /// The type of an account.
    pub enum AccountType {
        /// A business with several people.
        Business = "B",
    }
}

closed_set! {
    /// The state of an account.
    pub enum AccountState {
        /// Active.
        Active = "A",
    }
}

closed_set! {
    /// The type of a user.
    pub enum UserType {
        /// A person.
        Person = "R",
        /// A service account.
        ServiceAccount = "S",
    }
}

/// The response of `GET /api/v3/account?attrs=me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The account's id.
    pub uuid: String,
    /// The account's name.
    pub name: String,
    /// The domain at which its users sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The account's type.
    #[serde(rename = "type")]
    pub kind: Open<AccountType>,
    /// The account's state.
    pub state: Open<AccountState>,
    /// The file of the account's picture; empty for none.
    pub avatar: String,
    /// The version of the attributes.
    pub attr_version: u32,
    /// RFC 3339.
    pub created_at: String,
    /// The base URL of pictures.
    #[serde(rename = "baseAvatarURL")]
    pub base_avatar_url: String,
    /// The base URL of files.
    #[serde(rename = "baseAttachmentURL")]
    pub base_attachment_url: String,
    /// The caller.
    pub me: Me,
}

/// The user who reads their account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The user's id.
    pub uuid: String,
    /// RFC 3339.
    pub created_at: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The version of the attributes.
    pub attr_version: u32,
    /// The user's state.
    pub state: Open<UserState>,
    /// The user's type.
    #[serde(rename = "type")]
    pub kind: Open<UserType>,
    /// The file of the user's picture; empty for none.
    pub avatar: String,
    /// Settings of the official apps, as a number. Our server sends 0.
    pub preferences: u64,
}

/// The body of `POST /api/opwire/v1/accounts`: an account with its first user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateAccountRequest {
    /// The account.
    pub account: NewAccount,
    /// The account's owner.
    pub user: NewUser,
    /// One group of each of the types `O`, `A`, `R` and `M`, with the owner as their member. If this is empty, the
    /// account has no groups until its owner creates them.
    #[serde(default)]
    pub groups: Vec<NewGroup>,
    /// The owner's personal vault, of type `P`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<CreateVaultRequest>,
}

/// An account to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// The account's id, chosen by the client.
    pub uuid: String,
    /// The account's name.
    pub name: String,
    /// The domain at which its users sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
}
