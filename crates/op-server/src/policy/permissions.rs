//! What the access row of a user allows.

use op_protocol::permissions::{
    ARCHIVE_ITEMS, CREATE_ITEMS, DELETE_ITEMS, MANAGE_VAULT, READ_ITEMS, REVEAL_ITEM_PASSWORD, TABLE, UPDATE_ITEMS,
    check_required,
};
use op_protocol::rest::{ItemPatch, ItemState, failed_item};

use super::refusal::Refusal;

/// Permissions of which a writer has at least one.
const WRITES: u32 = CREATE_ITEMS | UPDATE_ITEMS | ARCHIVE_ITEMS | DELETE_ITEMS;
/// Permissions of which an uploader of files needs at least one: others cannot make a file part of an item.
pub(crate) const UPLOADS: u32 = CREATE_ITEMS | UPDATE_ITEMS;

/// A user's rights on one vault.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rights(pub(crate) u32);

impl Rights {
    /// Refuses a user who lacks one of these permissions.
    pub(crate) fn require(self, bits: u32) -> Result<(), Refusal> {
        self.missing(bits).map_or(Ok(()), |missing| Err(Refusal::Forbidden(missing)))
    }

    pub(crate) fn may(self, bits: u32) -> bool {
        self.0 & bits == bits
    }

    /// The name of the first of these permissions that is missing.
    pub(crate) fn missing(self, bits: u32) -> Option<&'static str> {
        let lacking = bits & !self.0;
        let named = TABLE.iter().find(|(_, bit, _)| lacking & bit != 0).map(|(name, _, _)| *name);
        named.or_else(|| (lacking != 0).then_some("a permission"))
    }

    /// Refuses a user who may make no kind of change to items.
    pub(crate) fn require_write(self) -> Result<(), Refusal> {
        if self.0 & WRITES == 0 { self.require(UPDATE_ITEMS) } else { Ok(()) }
    }

    /// Refuses a change of somebody's permissions from `present` to `wanted` unless this user manages the vault and has
    /// all that is added, and the new permissions go together.
    pub(crate) fn check_grant(self, present: u32, wanted: u32) -> Result<(), Refusal> {
        if wanted == 0 {
            return Err(Refusal::impossible("permissions cannot be empty: revoke the access instead"));
        }
        check_required(wanted).map_err(|missing| Refusal::impossible(missing.to_string()))?;
        self.require(MANAGE_VAULT | (wanted & !present))
    }
}

/// What reading the overviews of a vault needs.
pub(crate) const LIST: u32 = READ_ITEMS;
/// What reading an item with its concealed values needs.
pub(crate) const READ: u32 = READ_ITEMS | REVEAL_ITEM_PASSWORD;

/// An item as a patch finds it.
#[derive(Debug, Clone)]
pub(crate) struct Existing {
    pub(crate) version: u32,
    pub(crate) state: ItemState,
    pub(crate) template: String,
    pub(crate) has_files: bool,
}

/// What one element of a patch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Creates an item.
    Create,
    /// Replaces the content, and the state if that changes.
    Replace,
    /// Changes the state only. The caller may not change the content, so the content that it sent is ignored.
    Move,
    /// Deletes the item with its content.
    Delete,
}

/// Returns what an element of a patch does, or the code with which it is refused.
pub(crate) fn review(element: &ItemPatch, existing: Option<&Existing>, rights: Rights) -> Result<Change, u32> {
    let (change, needed) = classify(element, existing)?;
    if !rights.may(needed) {
        return Err(failed_item::NO_PERMISSION);
    }
    if change == Change::Replace && !rights.may(UPDATE_ITEMS) { Ok(Change::Move) } else { Ok(change) }
}

/// Returns what an element does, and the permissions that it needs.
fn classify(element: &ItemPatch, existing: Option<&Existing>) -> Result<(Change, u32), u32> {
    let Some(existing) = existing else {
        return match (element.item_version, element.trashed) {
            (0, ItemState::Active) => Ok((Change::Create, CREATE_ITEMS)),
            (0, ItemState::Archived) => Ok((Change::Create, CREATE_ITEMS | ARCHIVE_ITEMS)),
            (0, ItemState::Deleted) => Err(failed_item::BAD_REQUEST),
            _ => Err(failed_item::CONFLICT),
        };
    };
    if existing.state == ItemState::Deleted || existing.version != element.item_version || element.item_version == 0 {
        return Err(failed_item::CONFLICT);
    }
    if existing.template != element.template_uuid {
        return Err(failed_item::BAD_REQUEST);
    }
    Ok(match element.trashed {
        ItemState::Deleted => (Change::Delete, DELETE_ITEMS),
        state if state == existing.state => (Change::Replace, UPDATE_ITEMS),
        _ => (Change::Replace, ARCHIVE_ITEMS),
    })
}

#[cfg(test)]
mod tests {
    use op_protocol::envelope::Envelope;
    use op_protocol::permissions::{ALL, UPDATE_ITEM_HISTORY, parse_grants};

    use super::*;

    fn element(item_version: u32, trashed: ItemState) -> ItemPatch {
        let sealed = Envelope::rsa("key", b"");
        ItemPatch {
            uuid: "a".repeat(26),
            item_version,
            enc_overview: sealed.clone(),
            enc_details: sealed,
            trashed,
            template_uuid: "001".to_owned(),
            created_at: String::new(),
            updated_at: String::new(),
            encrypted_by: "key".to_owned(),
            file_references: None,
        }
    }

    fn existing(state: ItemState) -> Existing {
        Existing { version: 3, state, template: "001".to_owned(), has_files: false }
    }

    #[test]
    fn each_change_needs_its_own_permission() {
        use ItemState::{Active, Archived, Deleted};
        let active = existing(Active);
        let archived = existing(Archived);
        let cases = [
            (element(0, Active), None, CREATE_ITEMS, Change::Create),
            (element(3, Active), Some(&active), UPDATE_ITEMS, Change::Replace),
            (element(3, Archived), Some(&archived), UPDATE_ITEMS, Change::Replace),
            (element(3, Archived), Some(&active), ARCHIVE_ITEMS, Change::Move),
            (element(3, Archived), Some(&active), ARCHIVE_ITEMS | UPDATE_ITEMS, Change::Replace),
            (element(3, Active), Some(&archived), ARCHIVE_ITEMS, Change::Move),
            (element(3, Deleted), Some(&active), DELETE_ITEMS, Change::Delete),
            (element(3, Deleted), Some(&archived), DELETE_ITEMS, Change::Delete),
        ];
        for (element, existing, rights, change) in cases {
            assert_eq!(review(&element, existing, Rights(rights)), Ok(change));
            let others = ALL & !rights;
            assert_eq!(review(&element, existing, Rights(others)), Err(failed_item::NO_PERMISSION), "{element:?}");
        }
    }

    #[test]
    fn what_does_not_build_on_the_stored_item_is_a_conflict() {
        let all = Rights(ALL);
        let active = existing(ItemState::Active);
        let deleted = existing(ItemState::Deleted);
        for (element, existing) in [
            (element(2, ItemState::Active), Some(&active)),
            (element(0, ItemState::Active), Some(&active)),
            (element(3, ItemState::Active), Some(&deleted)),
            (element(3, ItemState::Deleted), Some(&deleted)),
            (element(1, ItemState::Active), None),
        ] {
            assert_eq!(review(&element, existing, all), Err(failed_item::CONFLICT), "{element:?} {existing:?}");
        }
    }

    #[test]
    fn nobody_gives_more_than_they_have() {
        let manager = Rights(parse_grants("read_items,manage_vault").unwrap());
        assert_eq!(manager.check_grant(0, READ), Ok(()));
        assert_eq!(manager.check_grant(0, READ | UPDATE_ITEMS), Err(Refusal::Forbidden("UPDATE_ITEMS")));
        assert_eq!(manager.check_grant(READ | UPDATE_ITEMS, READ | UPDATE_ITEMS), Ok(()), "it was given by another");
        assert_eq!(Rights(READ).check_grant(0, READ), Err(Refusal::Forbidden("MANAGE_VAULT")));
        assert!(matches!(Rights(ALL).check_grant(READ, 0), Err(Refusal::Impossible(_))));
        let error = Rights(ALL).check_grant(0, UPDATE_ITEM_HISTORY | READ_ITEMS).unwrap_err();
        assert_eq!(error, Refusal::impossible("UPDATE_ITEM_HISTORY also needs REVEAL_ITEM_PASSWORD"));
    }

    #[test]
    fn the_missing_permission_is_named() {
        assert_eq!(Rights(READ_ITEMS).missing(READ), Some("REVEAL_ITEM_PASSWORD"));
        assert_eq!(Rights(READ).missing(READ), None);
        assert_eq!(Rights(READ).require_write(), Err(Refusal::Forbidden("UPDATE_ITEMS")));
        assert_eq!(Rights(DELETE_ITEMS).require_write(), Ok(()));
    }
}
