//! The faults, and the requests that they apply to.

use serde::Deserialize;

/// A fault of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The port and all connections are closed, whatever the request.
    Refuse,
    /// The connection is reset without an answer, and the server does not receive the request.
    ResetBeforeHeaders,
    /// The server handles the request, but the connection is reset after the answer's head.
    ResetAfterHeaders,
    /// The server handles the request, but the connection is reset in the middle of the answer's body.
    HalfBody,
    /// No answer comes while the rule is active.
    StallBeforeHeaders,
    /// The answer stops in the middle of its body while the rule is active.
    StallInBody,
    /// The answer comes one byte every tenth of a second.
    Drip,
    /// The answer never ends, and comes as fast as it is read.
    Endless,
    /// The answer declares a length of a terabyte.
    Huge,
    /// The answer is the page of a captive portal, with status 200.
    Html,
    /// The answer's ciphertext is changed.
    Tampered,
    /// The answer names another key.
    WrongKid,
    /// The answer has the status [`Rule::status`].
    Status,
    /// The session of the first matching request ends: all its requests get status 401.
    EndSession,
}

/// A fault, and the requests that it applies to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The prefix of the requests, such as `GET /api/v1/vault/`; empty for every request.
    #[serde(default, rename = "match")]
    pub prefix: String,
    /// The fault.
    pub fault: Fault,
    /// The status of [`Fault::Status`].
    #[serde(default = "unavailable")]
    pub status: u16,
    /// The header `Retry-After` of [`Fault::Status`], in seconds.
    pub retry_after: Option<u32>,
    /// How many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests get the fault; all, if not given.
    pub times: Option<u32>,
}

fn unavailable() -> u16 {
    503
}

impl Rule {
    /// Returns a rule for every request that begins with `prefix`.
    #[must_use]
    pub fn new(prefix: &str, fault: Fault) -> Self {
        Self { prefix: prefix.to_owned(), fault, status: unavailable(), retry_after: None, skip: 0, times: None }
    }
}

/// The active rules.
#[derive(Default)]
pub(super) struct Rules {
    active: Vec<Active>,
    /// Increases when the rules are replaced.
    pub(super) generation: u64,
}

impl Rules {
    pub(super) fn replace(&mut self, rules: Vec<Rule>) {
        self.active = rules.into_iter().map(|rule| Active { rule, matched: 0, session: None }).collect();
        self.generation += 1;
    }

    /// Returns the first rule that applies to this request.
    pub(super) fn hit(&mut self, request: &str, session: Option<&str>) -> Option<Rule> {
        self.active.iter_mut().find_map(|active| active.hit(request, session))
    }
}

/// A rule, with the requests that it has matched.
struct Active {
    rule: Rule,
    matched: u32,
    session: Option<String>,
}

impl Active {
    fn hit(&mut self, request: &str, session: Option<&str>) -> Option<Rule> {
        let of_ended_session = self.session.is_some() && self.session.as_deref() == session;
        if of_ended_session {
            return Some(self.rule.clone());
        }
        if !request.starts_with(&self.rule.prefix) {
            return None;
        }
        self.matched = self.matched.saturating_add(1);
        let hits = self.matched.checked_sub(self.rule.skip).filter(|hits| *hits > 0)?;
        if self.rule.fault == Fault::EndSession {
            // Only one session ends.
            return self
                .session
                .is_none()
                .then(|| self.session = session.map(str::to_owned))
                .map(|()| self.rule.clone());
        }
        self.rule.times.is_none_or(|times| hits <= times).then(|| self.rule.clone())
    }
}
