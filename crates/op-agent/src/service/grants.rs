//! What the person approved, and when it ends.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use super::{
    clock::Clock,
    limits::Limits,
    peer::Identified,
    proc::{ProcessKey, TerminalKey},
    prompts,
};
use crate::{
    control::GrantStatus,
    request::{Account, Choice, Claims, Program, Scope},
};

/// A difference of the clocks that is no sleep.
const NO_SLEEP: Duration = Duration::from_secs(2);

/// All approvals that hold.
pub(crate) struct Grants {
    clock: Arc<dyn Clock>,
    limits: Limits,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    grants: Vec<Grant>,
    last_id: u64,
    /// How long the machine has slept since its start, when this was last looked at.
    slept: Option<Duration>,
}

struct Grant {
    id: u64,
    account: Account,
    scope: Scope,
    holder: Holder,
    given: Duration,
    used: Duration,
    calls: u64,
    running: usize,
    program: Program,
    integration: String,
    holder_text: String,
    /// Dropped when the grant ends, which ends its calls.
    alive: watch::Sender<()>,
}

/// Who may use an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Process(ProcessKey),
    Terminal(TerminalKey),
    /// All that this process starts.
    Ancestor(ProcessKey),
}

impl Holder {
    fn is(&self, who: &Identified) -> bool {
        match self {
            Self::Process(key) => who.process == *key,
            Self::Terminal(key) => who.terminal == Some(*key),
            Self::Ancestor(key) => who.process == *key || who.ancestors.contains(key),
        }
    }

    fn is_alive(self) -> bool {
        match self {
            Self::Process(key) | Self::Ancestor(key) => key.is_alive(),
            Self::Terminal(key) => key.leader.is_alive(),
        }
    }
}

/// A call by a grant. The grant is not idle meanwhile.
pub(crate) struct Use {
    grants: Arc<Grants>,
    id: u64,
    ended: watch::Receiver<()>,
}

impl Use {
    /// Waits until the grant ends.
    pub(crate) async fn ended(&mut self) {
        while self.ended.changed().await.is_ok() {}
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let now = self.grants.clock.now();
        let mut held = self.grants.lock();
        if let Some(grant) = held.grants.iter_mut().find(|grant| grant.id == self.id) {
            grant.used = now;
            grant.running = grant.running.saturating_sub(1);
        }
    }
}

impl Grants {
    pub(crate) fn new(clock: Arc<dyn Clock>, limits: Limits) -> Arc<Self> {
        Arc::new(Self { clock, limits, held: Mutex::default() })
    }

    /// Returns the grant by which a program may use an account.
    pub(crate) fn find(&self, who: &Identified, account: &str, scope: &Scope) -> Option<u64> {
        let held = self.current();
        let fits = |grant: &&Grant| grant.account.name == account && grant.scope.covers(scope) && grant.holder.is(who);
        held.grants.iter().find(fits).map(|grant| grant.id)
    }

    /// Grants what the person approved. Returns `None` if the choice does not exist.
    pub(crate) fn give(
        &self,
        who: &Identified,
        account: &Account,
        scope: &Scope,
        claims: &Claims,
        choice: &Choice,
    ) -> Option<u64> {
        let ancestor = |pid| who.ancestors.iter().find(|key| key.pid == pid).copied();
        let holder = match choice {
            Choice::Process => Holder::Process(who.process),
            Choice::Terminal => Holder::Terminal(who.terminal?),
            Choice::Ancestor(process) => Holder::Ancestor(ancestor(process.pid)?),
        };
        let now = self.clock.now();
        let mut held = self.current();
        held.last_id += 1;
        let id = held.last_id;
        held.grants.push(Grant {
            id,
            account: account.clone(),
            scope: scope.clone(),
            holder,
            given: now,
            used: now,
            calls: 0,
            running: 0,
            program: who.program.clone(),
            integration: format!("{} {}", claims.name, claims.version),
            holder_text: prompts::holder(choice, &who.program),
            alive: watch::Sender::new(()),
        });
        Some(id)
    }

    /// Begins a call by a grant; `None` if it has ended.
    pub(crate) fn begin(self: &Arc<Self>, id: u64) -> Option<Use> {
        let now = self.clock.now();
        let mut held = self.current();
        let grant = held.grants.iter_mut().find(|grant| grant.id == id)?;
        grant.used = now;
        grant.calls += 1;
        grant.running += 1;
        Some(Use { grants: self.clone(), id, ended: grant.alive.subscribe() })
    }

    /// Ends the grants of an account, or all. Returns how many there were.
    pub(crate) fn end_of(&self, account: Option<&str>) -> usize {
        self.end(|grant| account.is_none_or(|account| grant.account.name == account))
    }

    /// Ends the grants whose process has ended.
    pub(crate) fn end_of_dead(&self) {
        self.end(|grant| !grant.holder.is_alive());
    }

    /// Ends one grant. Returns whether it held.
    pub(crate) fn end_one(&self, id: u64) -> bool {
        self.end(|grant| grant.id == id) > 0
    }

    fn end(&self, ends: impl Fn(&Grant) -> bool) -> usize {
        let mut held = self.current();
        let before = held.grants.len();
        held.grants.retain(|grant| !ends(grant));
        before - held.grants.len()
    }

    /// Returns all grants that hold.
    pub(crate) fn list(&self) -> Vec<GrantStatus> {
        let now = self.clock.now();
        let status = |grant: &Grant| GrantStatus {
            id: grant.id,
            account: grant.account.clone(),
            scope: grant.scope.clone(),
            program: grant.program.clone(),
            integration: grant.integration.clone(),
            holder: grant.holder_text.clone(),
            age: now.saturating_sub(grant.given).as_secs(),
            ends_in: self.end_of_grant(grant).saturating_sub(now).as_secs(),
            calls: grant.calls,
        };
        self.current().grants.iter().map(status).collect()
    }

    fn end_of_grant(&self, grant: &Grant) -> Duration {
        let longest = grant.given + self.limits.longest;
        if grant.running > 0 { longest } else { longest.min(grant.used + self.limits.idle) }
    }

    /// Returns the grants, without those that have ended. After a sleep none is left.
    fn current(&self) -> MutexGuard<'_, Held> {
        let (now, awake) = (self.clock.now(), self.clock.awake());
        let mut held = self.lock();
        let slept = now.saturating_sub(awake);
        let before = held.slept.replace(slept);
        if before.is_some_and(|before| slept > before + NO_SLEEP) {
            held.grants.clear();
        }
        held.grants.retain(|grant| now < self.end_of_grant(grant));
        held
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // No code that could panic runs under the lock.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
