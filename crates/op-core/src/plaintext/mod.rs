//! Plaintexts of items, files and vaults: converting them to the SDK's types, and back.

pub(crate) mod build;
mod check;
pub(crate) mod decode;
pub(crate) mod diff;
mod edit;
pub(crate) mod edited_item;
pub(crate) mod encode;
pub(crate) mod fields;
pub(crate) mod file_fields;
pub(crate) mod kinds;
mod sections;
pub(crate) mod share;
pub(crate) mod ssh;
mod strength;
mod subtitle;
#[cfg(test)]
mod tests;
pub(crate) mod timestamp;
mod totp;
pub(crate) mod values;
pub(crate) mod vault;

use op_protocol::{
    item::{Details, Loose, Overview},
    rest::{ItemRecord, ItemState},
};

/// The plaintext of an item.
pub(crate) struct Plaintext {
    /// The plaintext of `encOverview`.
    pub(crate) overview: zeroize::Zeroizing<Vec<u8>>,
    /// The plaintext of `encDetails`.
    pub(crate) details: zeroize::Zeroizing<Vec<u8>>,
}

impl Plaintext {
    pub(crate) fn new(overview: &Overview, details: &Details) -> Self {
        Self { overview: overview.to_json(), details: details.to_json() }
    }
}

/// Whether an item is neither archived nor deleted.
pub(crate) fn is_active(record: &ItemRecord) -> bool {
    record.trashed == ItemState::Active
}

/// Returns the elements of a list. Creates the list if it is missing.
pub(super) fn elements_mut<T>(list: &mut Loose<Vec<Loose<T>>>) -> &mut Vec<Loose<T>> {
    if list.get().is_none() {
        *list = Loose::Known(Vec::new());
    }
    match list {
        Loose::Known(elements) => elements,
        // Cannot happen: the list was created above.
        Loose::Missing | Loose::Unknown(_) => unreachable!(),
    }
}
