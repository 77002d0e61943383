//! The plaintext of a shared item.

use op_protocol::item::{Details, Field, Loose, Overview};

use super::{Plaintext, edit::params, encode, kinds};
use crate::types::{Item, ItemFieldType};

/// Returns the plaintext of an item as it is shown; `None` for an item with more than that, such as files and fields of
/// unknown types.
pub(crate) fn of_shown(item: &Item, now_seconds: u64) -> Option<(Overview, Details)> {
    if !item.files.is_empty() || item.document.is_some() {
        return None;
    }
    let (_, overview, details) = encode::new_item(&params(item), now_seconds).ok()?;
    Some((overview, details))
}

/// Leaves out what is not for recipients: earlier passwords, the keys by which items prove that they own files, and
/// references to other items, which recipients do not have.
pub(crate) fn for_recipients(overview: &Overview, mut details: Details) -> Plaintext {
    details.other.remove("passwordHistory");
    let is_reference = |field: &Field| Some(field.kind.text()) == kinds::kind(ItemFieldType::Reference);
    for section in details.sections.elements_mut() {
        if let Some(fields) = section.fields.get_mut() {
            fields.retain(|field| !field.get().is_some_and(is_reference));
            if fields.is_empty() {
                section.fields = Loose::Missing;
            }
        }
    }
    let files: Vec<_> = details.files().collect();
    details.replace_files(files.into_iter().map(|mut file| {
        file.other.remove("signingKey");
        file
    }));
    Plaintext::new(overview, &details)
}
