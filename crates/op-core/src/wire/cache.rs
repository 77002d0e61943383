//! The cache of items and references, for clients that have it enabled. docs/decisions/0033 says why.
//!
//! Items are kept as the server sends them, sealed with their vault's key. Only the names in references are plaintext.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use op_protocol::{
    id::{ItemId, VaultId},
    rest::ItemRecord,
};

use crate::{config::CacheOptions, lock::lock, types::ResolveReferenceError};

/// How long no other call refreshes an entry after one call has begun to, in milliseconds, even if that call fails.
const LEASE_MS: u64 = 5_000;
/// A full cache evicts at least one entry in this many, least recently used first.
const EVICTED_PART: usize = 16;

/// The key of an entry.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Reference(String),
    Item { vault_id: VaultId, item_id: ItemId },
}

/// The value of an entry.
#[derive(Clone)]
pub(crate) enum Known {
    /// The item that a reference names.
    Place {
        vault_id: VaultId,
        item_id: ItemId,
    },
    /// The failure of a reference that names nothing.
    Nowhere(ResolveReferenceError),
    Record(Arc<ItemRecord>),
    /// An item does not exist.
    Missing,
}

impl Known {
    fn is_negative(&self) -> bool {
        matches!(self, Self::Nowhere(_) | Self::Missing)
    }
}

/// A value from the cache, and whether the call that got it has to refresh it.
pub(crate) struct CacheHit {
    pub(crate) known: Known,
    pub(crate) refresh: bool,
}

pub(crate) struct Cache {
    options: CacheOptions,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    uses: u64,
}

struct Entry {
    known: Known,
    stored_at_ms: u64,
    last_use: u64,
    /// Until this time, another call is refreshing the entry.
    leased_until_ms: u64,
}

impl Cache {
    pub(crate) fn new(options: CacheOptions) -> Self {
        Self { options, entries: Mutex::default() }
    }

    /// Returns an entry that is not too old.
    pub(crate) fn get(&self, key: &Key, now_ms: u64) -> Option<CacheHit> {
        let mut entries = self.lock();
        entries.uses += 1;
        let last_use = entries.uses;
        let entry = entries.by_key.get_mut(key)?;
        let (fresh_ms, stale_ms) = self.lifetimes(&entry.known);
        // If the clock was set back, the age is unknown.
        let age = now_ms.checked_sub(entry.stored_at_ms).filter(|age| *age < fresh_ms.saturating_add(stale_ms));
        let Some(age) = age else {
            entries.by_key.remove(key);
            return None;
        };
        entry.last_use = last_use;
        let refresh = age >= fresh_ms && now_ms >= entry.leased_until_ms;
        if refresh {
            entry.leased_until_ms = now_ms.saturating_add(LEASE_MS);
        }
        Some(CacheHit { known: entry.known.clone(), refresh })
    }

    /// Adds an entry, unless `is_current` says that a write of this client may have changed it in the meantime.
    pub(crate) fn put(&self, key: Key, known: Known, now_ms: u64, is_current: impl FnOnce() -> bool) {
        let mut entries = self.lock();
        // Checked under the lock, so that a write that follows finds the entry and forgets it.
        if !is_current() {
            return;
        }
        entries.uses += 1;
        let last_use = entries.uses;
        let max = self.options.max_entries as usize;
        if entries.by_key.len() >= max && !entries.by_key.contains_key(&key) {
            self.evict(&mut entries.by_key, now_ms);
        }
        entries.by_key.insert(key, Entry { known, stored_at_ms: now_ms, last_use, leased_until_ms: 0 });
    }

    /// Forgets a vault's items, and all references that may name them; everything if no vault is given.
    pub(crate) fn forget(&self, vault_id: Option<&str>) {
        let concerns = |key: &Key, known: &Known, vault_id: &str| match (key, known) {
            (Key::Item { vault_id: of, .. }, _) | (_, Known::Place { vault_id: of, .. }) => of.as_str() == vault_id,
            _ => true,
        };
        let mut entries = self.lock();
        entries.by_key.retain(|key, entry| vault_id.is_some_and(|id| !concerns(key, &entry.known, id)));
    }

    fn lifetimes(&self, known: &Known) -> (u64, u64) {
        if known.is_negative() {
            (self.options.negative_ttl_ms, 0)
        } else {
            (self.options.ttl_ms, self.options.stale_ms)
        }
    }

    fn evict(&self, by_key: &mut HashMap<Key, Entry>, now_ms: u64) {
        by_key.retain(|_, entry| {
            let (fresh_ms, stale_ms) = self.lifetimes(&entry.known);
            now_ms.checked_sub(entry.stored_at_ms).is_some_and(|age| age < fresh_ms.saturating_add(stale_ms))
        });
        let max = self.options.max_entries as usize;
        let Some(too_many) = (by_key.len() + 1).checked_sub(max).filter(|too_many| *too_many > 0) else { return };
        let mut uses: Vec<u64> = by_key.values().map(|entry| entry.last_use).collect();
        uses.sort_unstable();
        let last = uses.get(too_many.max(max / EVICTED_PART) - 1).copied().unwrap_or(u64::MAX);
        by_key.retain(|_, entry| entry.last_use > last);
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        lock(&self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(max_entries: u32) -> Cache {
        Cache::new(CacheOptions { ttl_ms: 100, stale_ms: 1_000_000, negative_ttl_ms: 10, max_entries })
    }

    fn reference(number: usize) -> Key {
        Key::Reference(format!("op://v/i/{number}"))
    }

    fn place(vault_id: &str) -> Known {
        Known::Place { vault_id: VaultId::from_server(vault_id), item_id: ItemId::from_server("i") }
    }

    fn put(cache: &Cache, key: Key, known: Known, now_ms: u64) {
        cache.put(key, known, now_ms, || true);
    }

    fn refresh(cache: &Cache, now_ms: u64) -> Option<bool> {
        cache.get(&reference(0), now_ms).map(|hit| hit.refresh)
    }

    #[test]
    fn options_that_are_misspelt_are_refused() {
        let read = |text: &str| op_protocol::json::decode::<CacheOptions>(text.as_bytes());
        let some = CacheOptions { ttl_ms: 5, max_entries: u32::MAX, ..CacheOptions::default() };
        assert_eq!(read(r#"{"ttlMs": 5, "maxEntries": 5000000000}"#), Ok(some));
        assert_eq!(read("{}"), Ok(CacheOptions::default()));
        assert!(read(r#"{"ttl": 5}"#).unwrap_err().to_string().contains("unknown field `ttl`"));
    }

    #[test]
    fn one_call_at_a_time_refreshes_a_stale_entry() {
        let cache = cache(10);
        put(&cache, reference(0), place("v"), 1_000);
        assert_eq!(refresh(&cache, 1_099), Some(false), "fresh");
        assert_eq!(refresh(&cache, 1_100), Some(true), "stale");
        assert_eq!(refresh(&cache, 1_101), Some(false), "another call refreshes it");
        assert_eq!(refresh(&cache, 6_100), Some(true), "that call failed, or was cancelled");
        put(&cache, reference(0), place("v"), 6_101);
        assert_eq!(refresh(&cache, 6_102), Some(false), "fresh again");
        assert_eq!(refresh(&cache, 2_000_000), None, "too old");
        put(&cache, reference(0), place("v"), 5_000);
        assert_eq!(refresh(&cache, 4_999), None, "the clock was set back");
        put(&cache, reference(0), Known::Nowhere(ResolveReferenceError::ItemNotFound), 1_000);
        assert_eq!((refresh(&cache, 1_009), refresh(&cache, 1_010)), (Some(false), None), "that it is missing");
    }

    #[test]
    fn the_least_recently_used_entries_are_removed() {
        for max in [1, 2, 100] {
            let cache = cache(max);
            for number in 0..1_000 {
                put(&cache, reference(number), place("v"), 0);
                assert!(cache.lock().by_key.len() <= max as usize);
                assert!(cache.get(&reference(number), 0).is_some());
                if max > 1 {
                    assert!(cache.get(&reference(0), 0).is_some(), "{number} of {max}");
                }
            }
        }
    }

    #[test]
    fn a_write_removes_its_vault_and_references_that_may_name_it() {
        let cache = cache(10);
        let item =
            |vault_id: &str| Key::Item { vault_id: VaultId::from_server(vault_id), item_id: ItemId::from_server("i") };
        put(&cache, reference(0), place("a"), 0);
        put(&cache, reference(1), place("b"), 0);
        put(&cache, reference(2), Known::Nowhere(ResolveReferenceError::VaultNotFound), 0);
        put(&cache, item("a"), Known::Missing, 0);
        put(&cache, item("b"), Known::Missing, 0);
        cache.forget(Some("a"));
        let known = |key: &Key| cache.get(key, 0).is_some();
        assert!(known(&reference(1)) && known(&item("b")));
        assert!(!known(&reference(0)) && !known(&reference(2)) && !known(&item("a")));
        cache.forget(None);
        assert!(!known(&reference(1)));
        cache.put(reference(3), place("a"), 0, || false);
        assert!(!known(&reference(3)), "read before a write");
    }
}
