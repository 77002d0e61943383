//! What goes wrong, and with which requests.

use serde::Deserialize;

/// A way for an exchange to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The port is closed, and with it all connections, whatever the request.
    Refuse,
    /// The connection is reset without an answer, and the server sees nothing of the request.
    ResetBeforeHeaders,
    /// The server acts, but the connection is reset after the answer's head.
    ResetAfterHeaders,
    /// The server acts, but the connection is reset in the middle of the answer's body.
    HalfBody,
    /// No answer comes as long as the rule stands.
    StallBeforeHeaders,
    /// The answer stops in the middle of its body, as long as the rule stands.
    StallInBody,
    /// The answer comes a byte every tenth of a second.
    Drip,
    /// An answer without end, as fast as it is read.
    Endless,
    /// An answer that announces a terabyte.
    Huge,
    /// The page of a captive portal, with status 200.
    Html,
    /// The answer's ciphertext is changed.
    Tampered,
    /// The answer names another key.
    WrongKid,
    /// [`Rule::status`] instead of an answer.
    Status,
    /// Status 401 for all requests of the session that the first matching one belongs to.
    EndSession,
}

/// Which requests a fault hits.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// What the request begins with, as in `GET /api/v1/vault/`; empty for every request.
    #[serde(default, rename = "match")]
    pub prefix: String,
    /// What happens to it.
    pub fault: Fault,
    /// The status of [`Fault::Status`].
    #[serde(default = "unavailable")]
    pub status: u16,
    /// The header `Retry-After` of [`Fault::Status`], in seconds.
    pub retry_after: Option<u32>,
    /// How many matching requests pass before.
    #[serde(default)]
    pub skip: u32,
    /// How many are hit; all, if it is not given.
    pub times: Option<u32>,
}

fn unavailable() -> u16 {
    503
}

impl Rule {
    /// The fault on every request that begins with `prefix`.
    #[must_use]
    pub fn new(prefix: &str, fault: Fault) -> Self {
        Self { prefix: prefix.to_owned(), fault, status: unavailable(), retry_after: None, skip: 0, times: None }
    }
}

/// The rules that stand.
#[derive(Default)]
pub(super) struct Rules {
    active: Vec<Active>,
    /// Tells these rules from those that they replaced.
    pub(super) generation: u64,
}

impl Rules {
    pub(super) fn replace(&mut self, rules: Vec<Rule>) {
        self.active = rules.into_iter().map(|rule| Active { rule, matched: 0, session: None }).collect();
        self.generation += 1;
    }

    /// The first rule that hits this request.
    pub(super) fn hit(&mut self, request: &str, session: Option<&str>) -> Option<Rule> {
        self.active.iter_mut().find_map(|active| active.hit(request, session))
    }
}

/// A rule, and how far it has come.
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
