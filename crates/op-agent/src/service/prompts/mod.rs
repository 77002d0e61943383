//! The ways to ask the person.

mod describe;
mod graphical;
mod page;
mod pinentry;
mod plain;
pub mod polkit;
pub(crate) mod terminal;

use std::sync::Arc;

use op_core::host::BoxFuture;
use zeroize::Zeroizing;

pub use self::{page::Page, pinentry::Pinentry, polkit::Polkit, terminal::discard_typed_input};
pub use crate::request::{Account, Choice, Claims, Decision, Process, Program, Proof, Request, Sandbox, Scope};
pub use describe::{Description, Line, describe, harmless, holder};

/// How long after it is shown a prompt takes no approval, so that nobody approves by what they were typing before.
pub const DEAD_TIME: std::time::Duration = std::time::Duration::from_millis(700);

/// Returns all prompts that this version has, the preferred one first, without the terminal's, which is always open.
#[must_use]
pub fn all() -> Vec<Arc<dyn Prompt>> {
    vec![Arc::new(Polkit::new()), Arc::new(Pinentry::new()), Arc::new(Page::new())]
}

/// A way to ask the person.
///
/// The queue shows one prompt at a time, ends it at [`Request::timeout_ms`], and withdraws it by dropping the future of
/// [`Prompt::ask`]: then the prompt must disappear. An approval within [`DEAD_TIME`] must not be possible, and Enter
/// alone must not approve.
pub trait Prompt: Send + Sync + 'static {
    /// Its name, such as `pinentry`, for `--prompt` and the status.
    fn name(&self) -> &'static str;

    /// Returns whether it can be shown here and now.
    fn available(&self) -> BoxFuture<'_, bool>;

    /// Whether it proves the person by itself, as polkit does. Such a prompt gives no key, so it is not used for locked
    /// accounts. Every other prompt asks for the password and passes it to the verifier, unless [`Request::proof`] is
    /// [`Proof::Click`] and the account is unlocked; an approval without that is not accepted.
    fn proves_person(&self) -> bool {
        false
    }

    /// Asks the person. Returns `None` if the prompt could not be shown, or broke; then the next one asks.
    fn ask<'a>(&'a self, request: &'a Request, verifier: &'a dyn Verifier) -> BoxFuture<'a, Option<Decision>>;
}

/// Checks what the person types.
pub trait Verifier: Send + Sync {
    /// Checks the account password, and unlocks the account with it if it is locked. Takes some tenths of a second.
    fn check<'a>(&'a self, password: Zeroizing<String>) -> BoxFuture<'a, Verdict>;
}

/// What a password proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right. The approval counts.
    Right,
    /// It is wrong. The prompt may ask again.
    Wrong,
    /// It could not be checked, for this reason: wrong too often, or the server cannot be reached. The prompt shows the
    /// reason and may ask again.
    Unchecked(String),
}
