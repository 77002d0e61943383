//! The result of an edit of a stored item.

use op_protocol::item::{Details, Overview};

use super::{
    Plaintext,
    decode::{self, RecordMetadata},
    edit::{Edit, same_category},
    sections::merge_sections,
};
use crate::{error::Result, types::Item};

/// Applies the changes in `edited` to a stored item. Fails with everything that is wrong with them.
pub(crate) fn edited_item(
    metadata: &RecordMetadata<'_>,
    stored: &Plaintext,
    edited: &Item,
    now_seconds: u64,
) -> Result<(Overview, Details)> {
    let (mut overview, mut details) = decode::parse(metadata, stored)?;
    let before = decode::shown(metadata, &overview, &details, &edited.vault_id, now_seconds)?;
    same_category(&before, edited)?;
    let edit = Edit::new(&before, edited, now_seconds)?;
    edit.write_overview(&mut overview);
    edit.write_details(&mut details);
    merge_sections(&edit, &mut details)?;
    Ok((overview, details))
}
