//! Writing a client's changes to items. Changes to one vault that arrive while a request is in flight share the next
//! request, and changes that lost to another client are sent again. docs/decisions/0038 says why.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, Weak},
};

use futures_util::future::{FutureExt, Shared, WeakShared};
use op_protocol::{
    id::VaultId,
    jwk::SymmetricKey,
    rest::{PatchResponse, failed_item, routes},
};

use crate::{
    client::{
        change::{ItemChange, failure, no_answer},
        keychain::Keychain,
        vault_records,
    },
    error::{Error, Result},
    host::BoxFuture,
    lock::lock,
    wire::{api::Api, conflicts::until_settled},
};

/// The limits of one request: items, and bytes of content.
const MAX_ITEMS: usize = 500;
pub(crate) const MAX_CONTENT: usize = 4 << 20;

/// Writes changes, with one request at a time for each vault.
pub(crate) struct ItemWriter {
    api: Arc<Api>,
    keychain: Arc<Keychain>,
    /// The latest group of each vault.
    groups: Mutex<HashMap<VaultId, WriteGroup>>,
}

/// Changes to one vault that share requests.
struct WriteGroup {
    /// The calls in the group; `None` once it is being sent.
    waiting: Arc<Mutex<Option<Vec<Call>>>>,
    /// The work of the group. If it cannot be upgraded, nobody waits for the group any more.
    written: WeakShared<BoxFuture<'static, Arc<Written>>>,
}

/// The changes of one call. A cancelled call withdraws them, unless they are being sent.
struct Call {
    changes: Weak<Vec<ItemChange>>,
    /// The content version of the vault that the caller has seen.
    content_version: Option<u32>,
}

/// The outcome of a group.
struct Written {
    /// For each call: the new version of each item or why it was refused; or why nothing was changed.
    outcomes: Vec<Result<Vec<Result<u32>>>>,
    /// The content version of the vault afterwards, if it is known.
    content_version: Option<u32>,
}

/// A change that is being sent, and its outcome once it is known.
struct PendingChange<'a> {
    call: usize,
    change: &'a ItemChange,
    outcome: Option<Result<u32>>,
}

impl ItemWriter {
    pub(crate) fn new(api: Arc<Api>, keychain: Arc<Keychain>) -> Arc<Self> {
        Arc::new(Self { api, keychain, groups: Mutex::default() })
    }

    /// Changes items of one vault in as few requests as possible. Returns the new version of each item, or why it was
    /// refused; fails as a whole if nothing was changed. `content_version` is the vault's, if it was read just now.
    pub(crate) async fn write(
        self: &Arc<Self>,
        vault_id: &VaultId,
        content_version: Option<u32>,
        changes: &Arc<Vec<ItemChange>>,
    ) -> Result<Vec<Result<u32>>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let call = Call { changes: Arc::downgrade(changes), content_version };
        let (written, place) = self.join(vault_id, call);
        written.await.outcomes.get(place).cloned().unwrap_or_else(|| Err(no_answer()))
    }

    /// Adds a call to the vault's open group, or opens a group that waits for the one being sent.
    fn join(self: &Arc<Self>, vault_id: &VaultId, call: Call) -> (Shared<BoxFuture<'static, Arc<Written>>>, usize) {
        let mut groups = lock(&self.groups);
        let last = groups.get(vault_id).and_then(|group| Some((group.written.upgrade()?, &group.waiting)));
        if let Some((written, waiting)) = &last
            && let Some(calls) = lock(waiting).as_mut()
        {
            calls.push(call);
            return (written.clone(), calls.len() - 1);
        }
        let before = last.map(|(written, _)| written);
        let waiting = Arc::new(Mutex::new(Some(vec![call])));
        let (writer, vault, calls) = (self.clone(), vault_id.clone(), waiting.clone());
        let work: BoxFuture<'static, _> = Box::pin(async move {
            let known = match before {
                Some(before) => before.await.content_version,
                None => None,
            };
            Arc::new(writer.write_group(&vault, known, &calls).await)
        });
        let written = work.shared();
        if let Some(weak) = written.downgrade() {
            groups.insert(vault_id.clone(), WriteGroup { waiting, written: weak });
        }
        (written, 0)
    }

    async fn write_group(&self, vault_id: &VaultId, known: Option<u32>, waiting: &Mutex<Option<Vec<Call>>>) -> Written {
        let seen = lock(waiting).iter().flatten().filter_map(|call| call.content_version).max();
        // Calls that arrive while the vault is being read still join the group.
        let base = self.base(vault_id, known.max(seen)).await;
        let calls = lock(waiting).take().unwrap_or_default();
        let calls: Vec<_> = calls.into_iter().map(|call| call.changes.upgrade()).collect();
        let mut pending = Vec::new();
        for (call, changes) in calls.iter().enumerate() {
            let changes = changes.iter().flat_map(|changes| changes.iter());
            pending.extend(changes.map(|change| PendingChange { call, change, outcome: None }));
        }
        let pending = Mutex::new(pending);
        let written = match base {
            Ok(base) => self.write_all(vault_id, base, &pending).await,
            Err(error) => Err(error),
        };
        let mut outcomes = vec![Vec::new(); calls.len()];
        for each in lock(&pending).drain(..) {
            if let Some(outcomes) = outcomes.get_mut(each.call) {
                outcomes.push(each.outcome);
            }
        }
        let outcomes = outcomes.into_iter().map(|outcomes| outcome_of_call(outcomes, written.as_ref().err())).collect();
        Written { outcomes, content_version: written.ok() }
    }

    /// Sends all changes, until a failure stops it. Returns the content version of the vault afterwards.
    async fn write_all(&self, vault_id: &VaultId, base: Base, pending: &Mutex<Vec<PendingChange<'_>>>) -> Result<u32> {
        let first = Mutex::new(Some(base));
        until_settled(&self.api.connection, || async {
            // After a conflict, the vault is read again.
            let mut base = lock(&first).take();
            loop {
                match self.write_part(vault_id, base, pending).await? {
                    Progress::Wrote(next) => base = Some(next),
                    Progress::Done(content_version) => return Ok(content_version),
                }
            }
        })
        .await
    }

    /// Sends one request with as many pending changes as fit. It builds on `base`, or on the vault as it is now.
    async fn write_part(
        &self,
        vault_id: &VaultId,
        base: Option<Base>,
        pending: &Mutex<Vec<PendingChange<'_>>>,
    ) -> Result<Progress> {
        let base = match base {
            Some(base) => base,
            None => self.base(vault_id, None).await?,
        };
        let part = part(&mut lock(pending), &base.key);
        if part.is_empty() {
            return Ok(Progress::Done(base.content_version));
        }
        let answer = self.patch(vault_id, &base, &part).await?;
        if !settle(&answer, &mut lock(pending)) {
            return Err(no_answer());
        }
        Ok(Progress::Wrote(self.base(vault_id, Some(answer.content_version)).await?))
    }

    /// Returns what a request builds on: the known content version, or that of the vault, which is then read.
    async fn base(&self, vault_id: &VaultId, known: Option<u32>) -> Result<Base> {
        if let Some(content_version) = known {
            // A rotation of the key changes the version, so that the server refuses items sealed with the old key.
            return Ok(Base { content_version, key: self.keychain.vault_key_by_id(vault_id).await? });
        }
        let vault = vault_records::read(&self.api, vault_id).await?;
        Ok(Base { content_version: vault.content_version, key: self.keychain.vault_key(&vault).await? })
    }

    async fn patch(&self, vault_id: &VaultId, base: &Base, changes: &[&ItemChange]) -> Result<PatchResponse> {
        let body: Vec<_> =
            changes.iter().map(|change| change.seal(&base.key, || self.api.connection.random())).collect();
        let target = routes::CHANGE_ITEMS.at([vault_id.as_str(), &base.content_version.to_string()]);
        self.api.write(&target, &body).await
    }
}

struct Base {
    content_version: u32,
    key: SymmetricKey,
}

/// The progress of a group.
enum Progress {
    /// Some changes are settled. The next request builds on this base.
    Wrote(Base),
    /// All changes are settled. The vault has this content version.
    Done(u32),
}

/// Returns the changes of the next request: no more than its limits allow, and one for each item, because the next
/// change of an item builds on it. Refuses those that are sealed with another key.
fn part<'a>(pending: &mut [PendingChange<'a>], key: &SymmetricKey) -> Vec<&'a ItemChange> {
    for each in pending.iter_mut().filter(|each| each.outcome.is_none() && !each.change.fits(key)) {
        each.outcome = Some(Err(about_item(failure(failed_item::CONFLICT), each.change.id.as_str())));
    }
    let (mut size, mut seen) = (0, HashSet::new());
    let fits = |change: &&ItemChange| {
        let first = size == 0;
        size += change.content_size();
        first || size <= MAX_CONTENT
    };
    let open = pending.iter().filter(|each| each.outcome.is_none()).map(|each| each.change);
    open.filter(|change| seen.insert(change.id.as_str())).take(MAX_ITEMS).take_while(fits).collect()
}

/// Records the outcomes in the response, and returns whether there were any. A server that refuses one change may leave
/// the others undone; they are sent again.
fn settle(answer: &PatchResponse, pending: &mut [PendingChange<'_>]) -> bool {
    let mut decided = HashSet::new();
    for each in pending.iter_mut().filter(|each| each.outcome.is_none()) {
        let id = each.change.id.as_str();
        let failed = answer.failed_items.as_ref().and_then(|failed| failed.get(id));
        let updated = answer.updated_items.as_ref().and_then(|updated| updated.get(id));
        let outcome =
            failed.map(|code| Err(about_item(failure(*code), id))).or_else(|| updated.map(|version| Ok(*version)));
        // The next change of the same item was not part of the request.
        if let Some(outcome) = outcome.filter(|_| decided.insert(id)) {
            each.outcome = Some(outcome);
        }
    }
    !decided.is_empty()
}

fn about_item(failure: Error, id: &str) -> Error {
    failure.with_reason(format_args!("item `{id}`"))
}

/// Returns the outcome of a call. The call fails as a whole only if none of its changes was made.
fn outcome_of_call(outcomes: Vec<Option<Result<u32>>>, failure: Option<&Error>) -> Result<Vec<Result<u32>>> {
    let why = || failure.cloned().unwrap_or_else(no_answer);
    if outcomes.iter().all(Option::is_none) {
        return Err(why());
    }
    Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(why()))).collect())
}
