//! What the person is asked: which program wants what.
//!
//! The agent fills it from what the kernel knows ([`Program`]) and from what the program says of itself ([`Claims`]).
//! Texts are raw here; [`describe`](crate::prompts::describe) makes them harmless.

use std::{collections::BTreeSet, path::PathBuf};

use serde::{Deserialize, Serialize};

/// A request for approval.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The number of the prompt.
    pub id: u64,
    /// The account that the program wants to use.
    pub account: Account,
    /// What the program may use of it.
    pub scope: Scope,
    /// What the kernel knows about the program.
    pub program: Program,
    /// What the program says of itself.
    pub claims: Claims,
    /// To whom the person can give the approval; the first is preselected.
    pub choices: Vec<Choice>,
    /// Whether the account is locked, so that only its password can unlock it.
    pub locked: bool,
    /// Whether the person has to prove who they are.
    pub proof: Proof,
    /// When the prompt ends by itself, in milliseconds from when it was shown.
    pub timeout_ms: u64,
}

/// How a person proves that it is they who approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Proof {
    /// By the account password, or as the system proves it.
    Password,
    /// Not at all: a button is enough (`--approve click`). A locked account needs its password nevertheless.
    Click,
}

/// A saved account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// Its name on this machine.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The address of the server.
    pub address: String,
}

/// What a program may use of an account, as it asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// Titles or ids of the only vaults; `None` for all.
    pub vaults: Option<BTreeSet<String>>,
    /// Whether it may only read.
    pub read_only: bool,
}

impl Scope {
    /// Returns whether who has this scope may do all that `other` includes.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let vaults = match (&self.vaults, &other.vaults) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(others)) => others.is_subset(mine),
        };
        vaults && (!self.read_only || other.read_only)
    }
}

/// What the kernel knows about a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    /// The process.
    pub process: Process,
    /// The processes that started it, nearest first; four at most.
    pub ancestors: Vec<Process>,
    /// The folder in which it runs.
    pub folder: Option<PathBuf>,
    /// Its terminal, such as `/dev/pts/3`.
    pub terminal: Option<String>,
    /// Where it runs apart from the rest of the system.
    pub sandbox: Option<Sandbox>,
}

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// The file that it runs, if this user may know it.
    pub executable: Option<PathBuf>,
    /// Its short name, which it can change.
    pub name: String,
}

/// Where a program runs apart from the rest of the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "name")]
pub enum Sandbox {
    /// A container: its process, file or user namespaces are not the agent's.
    Container,
    /// A Flatpak app.
    Flatpak(String),
    /// A snap.
    Snap(String),
}

/// What a program says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The integration name.
    pub name: String,
    /// The integration version.
    pub version: String,
    /// The arguments of its command line, the program's name first; the agent shows the script among them.
    pub arguments: Vec<String>,
}

/// To whom an approval is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind", content = "process")]
pub enum Choice {
    /// To the program's process alone.
    Process,
    /// To all programs of the program's terminal.
    Terminal,
    /// To all programs that this ancestor starts.
    Ancestor(Process),
}

/// What the person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They allow it, to the choice of this index in [`Request::choices`].
    Allow {
        /// The index.
        choice: usize,
    },
    /// They deny it, and do not want to be asked again soon.
    Deny,
    /// They closed the prompt.
    Dismiss,
}
