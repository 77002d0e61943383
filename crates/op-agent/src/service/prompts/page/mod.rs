//! The prompt as a page in the browser, for systems without polkit and pinentry. It is served only while it is open.
//!
//! `serve` answers the browser, and `peer` refuses the connections of other users. The link has a secret in its
//! fragment, which browsers do not send; the page exchanges it once. Programs of other users can read the link among
//! the arguments of the program that opens it, but cannot connect; those of this user can, and therefore the page asks
//! for the password.

mod browser;
mod peer;
mod serve;

use std::env;

use op_core::host::BoxFuture;
use tokio::sync::mpsc;

use self::{
    browser::Browsers,
    serve::{Asked, Outcome, Served},
};
use super::{Decision, Prompt, Request, Verdict, Verifier, describe, graphical::Session};

/// Asks by a page in the browser.
#[derive(Debug, Default)]
pub struct Page;

impl Page {
    /// Asks by a page in the browser.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Prompt for Page {
    fn name(&self) -> &'static str {
        "page"
    }

    fn available(&self) -> BoxFuture<'_, bool> {
        Box::pin(async { browsers().await.is_some() })
    }

    fn ask<'a>(&'a self, request: &'a Request, verifier: &'a dyn Verifier) -> BoxFuture<'a, Option<Decision>> {
        Box::pin(async move {
            let browsers = browsers().await?;
            let description = describe(request);
            let needs_password = description.password.is_some();
            let (served, answers) = Served::start(request, description).await.ok()?;
            // Dropping `served` ends the page, which says so.
            tokio::select! {
                decision = decide(answers, needs_password, verifier) => decision,
                () = browsers.open(served.link()) => None,
            }
        })
    }
}

/// Returns what can open the page here. Over ssh it would open where nobody sits, or slowly; and the browser of a
/// person who uses WSL is on Windows, where its connections have no user of Linux.
async fn browsers() -> Option<Browsers> {
    if env::var_os("SSH_CONNECTION").is_some() || is_wsl() {
        return None;
    }
    Browsers::of(Session::find().await?)
}

fn is_wsl() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    release.to_ascii_lowercase().contains("microsoft")
}

/// Answers the page until the person has decided.
async fn decide(mut answers: mpsc::Receiver<Asked>, needs_password: bool, verifier: &dyn Verifier) -> Option<Decision> {
    loop {
        let Asked { allow, password, reply } = answers.recv().await?;
        let outcome = match (allow, password) {
            (None, _) => Outcome::Denied,
            (Some(_), None) if needs_password => Outcome::WrongPassword,
            (Some(choice), None) => Outcome::Allowed { choice },
            (Some(choice), Some(password)) => match verifier.check(password).await {
                Verdict::Right => Outcome::Allowed { choice },
                Verdict::Wrong => Outcome::WrongPassword,
                Verdict::Unchecked(reason) => Outcome::Unchecked { reason },
            },
        };
        let decision = match outcome {
            Outcome::Allowed { choice } => Some(Decision::Allow { choice }),
            Outcome::Denied => Some(Decision::Deny),
            _ => None,
        };
        // If the page has gone, the answer counts nevertheless.
        let _ = reply.send(outcome);
        if decision.is_some() {
            return decision;
        }
    }
}
