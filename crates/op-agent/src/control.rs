//! What the agent's own commands send, and what they get. Each request has one of these as its JSON text.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::request::{Account, Program, Request, Scope};

/// The result of `status`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The version of the agent.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// The saved accounts.
    pub accounts: Vec<AccountStatus>,
    /// How many grants hold.
    pub grants: usize,
    /// The names of the ways in which it asks, the first one first.
    pub prompts: Vec<String>,
}

/// The state of a saved account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountStatus {
    /// The account.
    pub account: Account,
    /// The id of the person; known while the account is unlocked.
    #[serde(default)]
    pub user_id: Option<String>,
    /// In how many seconds the account locks by itself; `None` if it is locked.
    pub locks_in: Option<u64>,
}

/// The text of `lock`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// The account; all if there is none.
    #[serde(default)]
    pub account: Option<String>,
    /// Whether to keep the keys, and to end only what was approved.
    #[serde(default)]
    pub keep_keys: bool,
}

/// The text of `unlock`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unlock {
    /// The account; not needed if only one is saved.
    #[serde(default)]
    pub account: Option<String>,
    /// Its password.
    pub password: Zeroizing<String>,
}

/// The text of `pending`. The result is a [`Shown`], as soon as a prompt is open.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// The number of the prompt that was seen last; 0 for none.
    #[serde(default)]
    pub after: u64,
}

/// A prompt, for a terminal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// What is asked.
    pub request: Request,
    /// The text to show.
    pub text: String,
    /// What to show for each of [`Request::choices`].
    pub choices: Vec<String>,
}

/// The text of `answer`. The result is an [`Answered`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The number of the prompt.
    pub prompt: u64,
    /// The index of the choice in [`Request::choices`]; `None` denies.
    pub allow: Option<usize>,
    /// The password of the account, for an approval that needs it.
    #[serde(default)]
    pub password: Option<Zeroizing<String>>,
}

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "outcome")]
pub enum Answered {
    /// It was taken.
    Taken,
    /// The prompt has ended before.
    Over,
    /// An approval came so soon after the prompt was shown that nobody can have read it.
    TooSoon,
    /// The password is missing or wrong.
    WrongPassword,
    /// The password could not be checked.
    Unchecked {
        /// Why.
        reason: String,
    },
}

/// What was approved, in the result of `sessions`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantStatus {
    /// The number, for `revoke`.
    pub id: u64,
    /// The account.
    pub account: Account,
    /// What may be used of it.
    pub scope: Scope,
    /// The program that asked.
    pub program: Program,
    /// The name that the program gave.
    pub integration: String,
    /// To whom it was given: the words of the prompt.
    pub holder: String,
    /// How many seconds ago it was given.
    pub age: u64,
    /// In how many seconds it ends, if no call is made.
    pub ends_in: u64,
    /// The number of calls.
    pub calls: u64,
}

/// The text of `revoke`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revoke {
    /// The number of the grant; all if there is none.
    #[serde(default)]
    pub grant: Option<u64>,
}

/// The text of `log`. The result is a list of [`Entry`]s, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// How many of the newest entries to return.
    pub last: usize,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Seconds since the Unix epoch.
    pub time: u64,
    /// What happened, such as `allowed`.
    pub event: String,
    /// The account that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The program: its file, and its script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// The name and version that the program gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<String>,
    /// More about it, such as the scope or who holds the grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
