//! Items: from their plaintext to the SDK's types, and back.

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
    /// Of `encOverview`.
    pub(crate) overview: zeroize::Zeroizing<Vec<u8>>,
    /// Of `encDetails`.
    pub(crate) details: zeroize::Zeroizing<Vec<u8>>,
}

impl Plaintext {
    pub(crate) fn new(overview: &Overview, details: &Details) -> Self {
        Self { overview: overview.to_json(), details: details.to_json() }
    }
}

/// The record is neither archived nor deleted.
pub(crate) fn is_active(record: &ItemRecord) -> bool {
    record.trashed == ItemState::Active
}

/// The elements of a list, which is made where there is none.
pub(super) fn elements_mut<T>(list: &mut Loose<Vec<Loose<T>>>) -> &mut Vec<Loose<T>> {
    if list.get().is_none() {
        *list = Loose::Known(Vec::new());
    }
    match list {
        Loose::Known(elements) => elements,
        // It was made above.
        Loose::Missing | Loose::Unknown(_) => unreachable!(),
    }
}
