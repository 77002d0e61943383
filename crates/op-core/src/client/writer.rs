//! The writing of a client's changes: those of one vault that come while others are on their way go together, and what
//! another client came before is sent again.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, Weak},
};

use futures_util::future::{FutureExt, Shared, WeakShared};
use op_protocol::{
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
    wire::{api::Api, conflicts::Conflicts},
};

/// One request changes no more items and no more bytes of content than this.
const MAX_ITEMS: usize = 500;
pub(crate) const MAX_CONTENT: usize = 4 << 20;

/// Writes to vaults; to each of them one request at a time.
pub(crate) struct ItemWriter {
    api: Arc<Api>,
    keychain: Arc<Keychain>,
    /// The group of each vault that was opened last.
    groups: Mutex<HashMap<String, Group>>,
}

/// Changes of one vault that go together.
struct Group {
    /// What callers have put into it; `None` once it is on its way.
    waiting: Arc<Mutex<Option<Vec<Call>>>>,
    /// Nobody waits for it any more when this cannot be upgraded.
    written: WeakShared<BoxFuture<'static, Arc<Written>>>,
}

/// The changes of one caller. One that gives up takes them with it, unless they are on their way.
struct Call {
    changes: Weak<Vec<ItemChange>>,
    /// The version of the vault's content that the caller has seen.
    content_version: Option<u32>,
}

/// What became of a group.
struct Written {
    /// By caller: the new version of each item or why it was refused; or why nothing was changed.
    outcomes: Vec<Result<Vec<Result<u32>>>>,
    /// The version of the vault's content afterwards, if it is known.
    content_version: Option<u32>,
}

/// A change on its way.
struct Entry<'a> {
    call: usize,
    change: &'a ItemChange,
    outcome: Option<Result<u32>>,
}

impl ItemWriter {
    pub(crate) fn new(api: Arc<Api>, keychain: Arc<Keychain>) -> Arc<Self> {
        Arc::new(Self { api, keychain, groups: Mutex::default() })
    }

    /// Changes items of one vault in as few requests as may be. Gives the new version of each, or why it was refused;
    /// fails as a whole when nothing was changed. `content_version` is the vault's, if it was read just now.
    pub(crate) async fn write(
        self: &Arc<Self>,
        vault_id: &str,
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

    /// Puts a call into the group that is open, or opens one behind the group under way.
    fn join(self: &Arc<Self>, vault_id: &str, call: Call) -> (Shared<BoxFuture<'static, Arc<Written>>>, usize) {
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
        let (writer, vault, calls) = (self.clone(), vault_id.to_owned(), waiting.clone());
        let work: BoxFuture<'static, _> = Box::pin(async move {
            let known = match before {
                Some(before) => before.await.content_version,
                None => None,
            };
            Arc::new(writer.write_group(&vault, known, &calls).await)
        });
        let written = work.shared();
        if let Some(weak) = written.downgrade() {
            groups.insert(vault_id.to_owned(), Group { waiting, written: weak });
        }
        (written, 0)
    }

    async fn write_group(&self, vault_id: &str, known: Option<u32>, waiting: &Mutex<Option<Vec<Call>>>) -> Written {
        let seen = lock(waiting).iter().flatten().filter_map(|call| call.content_version).max();
        // What comes while the vault is being read still gets into the group.
        let base = self.base(vault_id, known.max(seen)).await;
        let calls = lock(waiting).take().unwrap_or_default();
        let calls: Vec<_> = calls.into_iter().map(|call| call.changes.upgrade()).collect();
        let mut entries = Vec::new();
        for (call, changes) in calls.iter().enumerate() {
            let changes = changes.iter().flat_map(|changes| changes.iter());
            entries.extend(changes.map(|change| Entry { call, change, outcome: None }));
        }
        let (content_version, failure) = match base {
            Ok(base) => self.write_all(vault_id, base, &mut entries).await,
            Err(error) => (None, Some(error)),
        };
        let mut outcomes = vec![Vec::new(); calls.len()];
        for entry in entries {
            if let Some(outcomes) = outcomes.get_mut(entry.call) {
                outcomes.push(entry.outcome);
            }
        }
        let outcomes = outcomes.into_iter().map(|outcomes| of_call(outcomes, failure.as_ref())).collect();
        Written { outcomes, content_version }
    }

    /// Settles all entries, unless a failure stops it. Gives the version of the vault's content then, as far as known.
    async fn write_all(&self, vault_id: &str, base: Base, entries: &mut [Entry<'_>]) -> (Option<u32>, Option<Error>) {
        let mut conflicts = Conflicts::new(&self.api.connection);
        let mut base = Some(base);
        loop {
            // What is written next builds on the base at hand, and after a conflict on the vault as it is then.
            let written = self.write_part(vault_id, base.take(), entries).await;
            match conflicts.settled(written).await {
                None => {}
                Some(Ok(Progress::Wrote(next))) => base = Some(next),
                Some(Ok(Progress::Done(content_version))) => return (Some(content_version), None),
                Some(Err(error)) => return (None, Some(error)),
            }
        }
    }

    /// One request with as much of what is open as it takes. It builds on the vault as it is now, or on a base.
    async fn write_part(&self, vault_id: &str, base: Option<Base>, entries: &mut [Entry<'_>]) -> Result<Progress> {
        let base = match base {
            Some(base) => base,
            None => self.base(vault_id, None).await?,
        };
        for entry in entries.iter_mut().filter(|entry| entry.outcome.is_none() && !entry.change.fits(&base.key)) {
            entry.outcome = Some(Err(of_item(failure(failed_item::CONFLICT), &entry.change.id)));
        }
        let part = part(entries);
        if part.is_empty() {
            return Ok(Progress::Done(base.content_version));
        }
        let answer = self.patch(vault_id, &base, &part).await?;
        if !settle(&answer, entries) {
            return Err(no_answer());
        }
        Ok(Progress::Wrote(self.base(vault_id, Some(answer.content_version)).await?))
    }

    /// What a request builds on: a version that is known, or that of the vault as it is read now.
    async fn base(&self, vault_id: &str, known: Option<u32>) -> Result<Base> {
        if let Some(content_version) = known {
            // After a rotation of the key the version is another, and the server refuses what was sealed with the old.
            return Ok(Base { content_version, key: self.keychain.vault_key_by_id(vault_id).await? });
        }
        let vault = vault_records::read(&self.api, vault_id).await?;
        Ok(Base { content_version: vault.content_version, key: self.keychain.vault_key(&vault).await? })
    }

    async fn patch(&self, vault_id: &str, base: &Base, changes: &[&ItemChange]) -> Result<PatchResponse> {
        let body: Vec<_> =
            changes.iter().map(|change| change.seal(&base.key, || self.api.connection.random())).collect();
        let target = routes::CHANGE_ITEMS.at([vault_id, &base.content_version.to_string()]);
        self.api.write(&target, &body).await
    }
}

struct Base {
    content_version: u32,
    key: SymmetricKey,
}

/// Where the writing of entries is.
enum Progress {
    /// Some entries are settled; what the next request builds on.
    Wrote(Base),
    /// No entry is open; the version of the vault's content.
    Done(u32),
}

/// As many of the changes to be made as one request takes: of each item one, as the next builds on it.
fn part<'a>(entries: &[Entry<'a>]) -> Vec<&'a ItemChange> {
    let (mut size, mut seen) = (0, HashSet::new());
    let fits = |change: &&ItemChange| {
        let first = size == 0;
        size += change.content_size();
        first || size <= MAX_CONTENT
    };
    let open = entries.iter().filter(|entry| entry.outcome.is_none()).map(|entry| entry.change);
    open.filter(|change| seen.insert(change.id.as_str())).take(MAX_ITEMS).take_while(fits).collect()
}

/// Notes what the answer decides; whether that is anything. A server that refuses one change may leave the others undone,
/// and they are sent again.
fn settle(answer: &PatchResponse, entries: &mut [Entry<'_>]) -> bool {
    let mut decided = HashSet::new();
    for entry in entries.iter_mut().filter(|entry| entry.outcome.is_none()) {
        let id = entry.change.id.as_str();
        let failed = answer.failed_items.as_ref().and_then(|failed| failed.get(id));
        let updated = answer.updated_items.as_ref().and_then(|updated| updated.get(id));
        let outcome =
            failed.map(|code| Err(of_item(failure(*code), id))).or_else(|| updated.map(|version| Ok(*version)));
        // The next change of the same item was not part of the request.
        if let Some(outcome) = outcome.filter(|_| decided.insert(id)) {
            entry.outcome = Some(outcome);
        }
    }
    !decided.is_empty()
}

fn of_item(failure: Error, id: &str) -> Error {
    failure.with_reason(format_args!("item `{id}`"))
}

/// The outcome for a caller. What is done is done, and the caller has to learn of it.
fn of_call(outcomes: Vec<Option<Result<u32>>>, failure: Option<&Error>) -> Result<Vec<Result<u32>>> {
    let why = || failure.cloned().unwrap_or_else(no_answer);
    if outcomes.iter().all(Option::is_none) {
        return Err(why());
    }
    Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(why()))).collect())
}
