//! Titles that the client has seen, so that a reference by title costs no more requests than one by id.
//!
//! Only a unique match comes from here. The client never decides from memory that something is missing or ambiguous.
//! docs/decisions/0019 says why.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use op_protocol::id::{ItemId, VaultId};

use crate::lock::lock;

/// How long the titles of vaults are valid after the vaults were listed. Responses about items do not say whether their
/// vault was renamed, so the titles expire.
const VAULT_TITLES_LIFETIME_MS: u64 = 60_000;

#[derive(Default)]
pub(crate) struct Titles {
    vaults: Mutex<Option<VaultTitles>>,
    items: Mutex<HashMap<VaultId, Arc<ItemTitles>>>,
}

struct VaultTitles {
    ids: Ids,
    listed_at_ms: u64,
}

/// The ids of a vault's active items by title, at one content version of the vault.
pub(crate) struct ItemTitles {
    ids: Ids,
    content_version: u32,
}

impl ItemTitles {
    pub(crate) fn new<'a>(content_version: u32, titles: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self { ids: Ids::new(titles), content_version }
    }

    /// Returns the id of the only item with this title.
    pub(crate) fn unique(&self, title: &str) -> Option<ItemId> {
        self.ids.unique(title).map(ItemId::from_server)
    }

    /// Whether these titles are valid at this content version: the vault has not changed since they were listed.
    pub(crate) fn hold_at(&self, content_version: u32) -> bool {
        self.content_version == content_version
    }
}

impl Titles {
    /// Remembers the vaults' ids and titles.
    pub(crate) fn saw_vaults<'a>(&self, titles: impl Iterator<Item = (&'a str, &'a str)>, now_ms: u64) {
        *lock(&self.vaults) = Some(VaultTitles { ids: Ids::new(titles), listed_at_ms: now_ms });
    }

    /// Forgets the titles of vaults, because the client has changed some.
    pub(crate) fn forget_vaults(&self) {
        *lock(&self.vaults) = None;
    }

    /// Returns the id of the only vault with this title, if the vaults were listed recently.
    pub(crate) fn vault(&self, title: &str, now_ms: u64) -> Option<VaultId> {
        let vaults = lock(&self.vaults);
        let known = vaults.as_ref()?;
        // If the clock was set back, the age is unknown.
        let age = now_ms.checked_sub(known.listed_at_ms)?;
        if age < VAULT_TITLES_LIFETIME_MS { known.ids.unique(title).map(VaultId::from_server) } else { None }
    }

    /// Remembers the titles of a vault's items.
    pub(crate) fn saw_items(&self, vault_id: &VaultId, titles: ItemTitles) {
        lock(&self.items).insert(vault_id.clone(), Arc::new(titles));
    }

    /// Returns the titles of a vault's items, as they were listed last.
    pub(crate) fn items(&self, vault_id: &VaultId) -> Option<Arc<ItemTitles>> {
        lock(&self.items).get(vault_id).cloned()
    }
}

/// Whether two titles are the same. The comparison is case-insensitive.
pub(crate) fn same_title(title: &str, wanted: &str) -> bool {
    title.eq_ignore_ascii_case(wanted) || title.to_lowercase() == wanted.to_lowercase()
}

/// Ids by lower-case title; `None` for a title that several vaults or items have.
struct Ids(HashMap<String, Option<String>>);

impl Ids {
    fn new<'a>(titles: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut ids = HashMap::new();
        for (id, title) in titles {
            ids.entry(title.to_lowercase()).and_modify(|known| *known = None).or_insert_with(|| Some(id.to_owned()));
        }
        Self(ids)
    }

    fn unique(&self, title: &str) -> Option<&str> {
        self.0.get(&title.to_lowercase())?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vaults_expire_after_a_minute_or_when_the_clock_goes_back() {
        let titles = Titles::default();
        titles.saw_vaults([("a", "Development"), ("b", "Twice"), ("c", "TWICE")].into_iter(), 1_000_000);
        assert_eq!(titles.vault("development", 1_059_999), Some(VaultId::from_server("a")));
        assert_eq!(titles.vault("twice", 1_000_000), None, "ambiguous");
        assert_eq!(titles.vault("Development", 1_060_000), None, "too old");
        assert_eq!(titles.vault("Development", 999_999), None, "clock set back");
    }

    #[test]
    fn items_are_found_without_case_and_only_when_unique() {
        let titles = ItemTitles::new(3, [("a", "Straße"), ("b", "x"), ("c", "X")].into_iter());
        assert_eq!(titles.unique("STRAße"), Some(ItemId::from_server("a")));
        assert_eq!(titles.unique("x"), None);
        assert!(titles.hold_at(3) && !titles.hold_at(4));
    }
}
