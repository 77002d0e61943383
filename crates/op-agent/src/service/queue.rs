//! Asks the person, one prompt at a time.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use futures_util::future::{Either, FutureExt as _, Shared, WeakShared, select};
use op_core::{Error, host::BoxFuture};
use tokio::{sync::Semaphore, time::timeout};
use zeroize::Zeroizing;

use super::{
    accounts::{Accounts, account_of},
    denied,
    grants::Grants,
    limits::Limits,
    log::Log,
    peer::Identified,
    proc::ProcessKey,
    prompts::{Decision, Prompt, Proof, Request, Verdict, Verifier, terminal::Board},
    storms::Storms,
};
use crate::{
    profiles::Profile,
    request::{Claims, Scope},
};

pub(crate) struct Queue {
    pub(crate) board: Board,
    pub(crate) storms: Storms,
    prompts: Vec<Arc<dyn Prompt>>,
    proof: Proof,
    limits: Limits,
    accounts: Arc<Accounts>,
    grants: Arc<Grants>,
    log: Arc<Log>,
    /// Who has it asks.
    turn: Semaphore,
    asking: Mutex<HashMap<Key, WeakShared<Asking>>>,
    last_id: AtomicU64,
}

type Asking = BoxFuture<'static, Result<u64, Error>>;

/// Calls that share a prompt.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    process: ProcessKey,
    account: String,
    scope: Scope,
}

/// What a program asks for.
#[derive(Clone)]
pub(crate) struct Question {
    pub(crate) who: Identified,
    pub(crate) profile: Profile,
    pub(crate) scope: Scope,
    pub(crate) claims: Claims,
}

impl Queue {
    pub(crate) fn new(
        prompts: Vec<Arc<dyn Prompt>>,
        proof: Proof,
        limits: Limits,
        storms: Storms,
        accounts: Arc<Accounts>,
        grants: Arc<Grants>,
        log: Arc<Log>,
    ) -> Arc<Self> {
        Arc::new(Self {
            board: Board::new(),
            storms,
            prompts,
            proof,
            limits,
            accounts,
            grants,
            log,
            turn: Semaphore::new(1),
            asking: Mutex::default(),
            last_id: AtomicU64::default(),
        })
    }

    /// Returns the names of the prompts, the preferred one first.
    pub(crate) fn prompt_names(&self) -> Vec<String> {
        self.prompts.iter().map(|prompt| prompt.name()).chain(["terminal"]).map(str::to_owned).collect()
    }

    /// Asks the person, and returns the number of the grant. Calls that ask for the same wait for the same prompt; when
    /// all of them are dropped, it is withdrawn.
    pub(crate) fn ask(self: &Arc<Self>, question: Question) -> Shared<Asking> {
        let key = Key {
            process: question.who.process,
            account: question.profile.name.clone(),
            scope: question.scope.clone(),
        };
        // No code that could panic runs under the lock.
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        asking.retain(|_, asked| asked.upgrade().is_some_and(|asked| asked.peek().is_none()));
        if let Some(asked) = asking.get(&key).and_then(WeakShared::upgrade) {
            return asked;
        }
        let queue = self.clone();
        let asked: Asking = Box::pin(async move { queue.approve(&question).await });
        let asked = asked.shared();
        if let Some(weak) = asked.downgrade() {
            asking.insert(key, weak);
        }
        asked
    }

    async fn approve(&self, question: &Question) -> Result<u64, Error> {
        let Question { who, profile, scope, claims } = question;
        let outcome = self.decide(question).await;
        let detail = match &outcome {
            Ok(id) => self.grants.list().into_iter().find(|grant| grant.id == *id).map(|grant| grant.holder),
            Err(error) => Some(error.to_string()),
        };
        let event = if outcome.is_ok() { "allowed" } else { "refused" };
        let detail = format!("{}; {}", detail.unwrap_or_default(), scope_text(scope));
        self.log.program(event, who, &profile.name, claims, &detail);
        outcome
    }

    async fn decide(&self, question: &Question) -> Result<u64, Error> {
        let Question { who, profile, scope, claims } = question;
        self.storms.check_silence(&who.kind())?;
        let _turn = self.turn.acquire().await.map_err(|_| denied("the agent is ending"))?;
        // The prompt before may have been about the same terminal or ancestor.
        if let Some(id) = self.grants.find(who, &profile.name, scope) {
            return Ok(id);
        }
        self.storms.note_prompt(&who.kind())?;
        let request = Arc::new(self.request(question));
        let verifier = Arc::new(TypedPassword {
            accounts: self.accounts.clone(),
            profile: profile.clone(),
            log: self.log.clone(),
            proven: AtomicBool::new(false),
        });
        let asked = timeout(self.limits.prompt, self.show(&request, &verifier)).await;
        match asked.map_err(|_| denied(&self.unanswered()))? {
            Answer { decision: Decision::Deny, .. } => {
                self.storms.note_denial(&who.kind());
                Err(denied("the person denied it"))
            }
            Answer { decision: Decision::Dismiss, .. } => Err(denied("the person closed the prompt")),
            Answer { decision: Decision::Allow { choice }, by_system } => {
                let is_unlocked = self.accounts.credentials(&profile.name).is_some();
                let is_proven = verifier.proven.load(Ordering::Acquire) || by_system || self.proof == Proof::Click;
                if !is_proven || !is_unlocked {
                    return Err(denied("the prompt did not prove who approved it"));
                }
                let choice = request.choices.get(choice);
                choice
                    .and_then(|choice| self.grants.give(who, &request.account, scope, claims, choice))
                    .ok_or_else(|| denied("the program has left what was approved"))
            }
        }
    }

    fn request(&self, question: &Question) -> Request {
        let Question { who, profile, scope, claims } = question;
        Request {
            id: self.last_id.fetch_add(1, Ordering::Relaxed) + 1,
            account: account_of(profile),
            scope: scope.clone(),
            program: who.program.clone(),
            claims: claims.clone(),
            choices: who.choices(),
            locked: self.accounts.credentials(&profile.name).is_none(),
            proof: self.proof,
            timeout_ms: u64::try_from(self.limits.prompt.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Shows the request by the first prompt that works, and to terminals, and returns what is decided first.
    async fn show(&self, request: &Arc<Request>, verifier: &Arc<TypedPassword>) -> Answer {
        let mut on_board = self.board.show(request, verifier.clone());
        let terminals = async {
            match on_board.decision().await {
                Some(decision) => Answer { decision, by_system: false },
                None => std::future::pending().await,
            }
        };
        let others = self.ask_others(request, &**verifier);
        match select(Box::pin(terminals), Box::pin(others)).await {
            Either::Left((answer, _)) | Either::Right((answer, _)) => answer,
        }
    }

    async fn ask_others(&self, request: &Request, verifier: &dyn Verifier) -> Answer {
        for prompt in &self.prompts {
            let by_system = prompt.proves_person();
            if (by_system && request.locked) || !prompt.available().await {
                continue;
            }
            if let Some(decision) = prompt.ask(request, verifier).await {
                return Answer { decision, by_system };
            }
        }
        // Only terminals are left.
        std::future::pending().await
    }

    fn unanswered(&self) -> String {
        let seconds = self.limits.prompt.as_secs();
        format!(
            "nobody answered within {seconds} seconds; if no prompt appeared, run `opwire agent approve` in a terminal"
        )
    }
}

/// What was decided, and whether the system proved by whom.
struct Answer {
    decision: Decision,
    by_system: bool,
}

/// Checks the password that is typed into a prompt, and notes that it was right.
struct TypedPassword {
    accounts: Arc<Accounts>,
    profile: Profile,
    log: Arc<Log>,
    proven: AtomicBool,
}

impl Verifier for TypedPassword {
    fn check<'a>(&'a self, password: Zeroizing<String>) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let verdict = self.accounts.check(&self.profile, password).await;
            match &verdict {
                Verdict::Right => self.proven.store(true, Ordering::Release),
                Verdict::Wrong => self.log.event("wrong password", Some(&self.profile.name), ""),
                Verdict::Unchecked(reason) => self.log.event("password not checked", Some(&self.profile.name), reason),
            }
            verdict
        })
    }
}

fn scope_text(scope: &Scope) -> String {
    let vaults = match &scope.vaults {
        None => "all vaults".to_owned(),
        Some(vaults) => format!("vaults {}", vaults.iter().cloned().collect::<Vec<_>>().join(", ")),
    };
    if scope.read_only { format!("{vaults}, reading only") } else { vaults }
}
