//! What an edit makes of a stored item: its overview, its details, its sections.

use op_protocol::item::{Details, Overview};

use super::{
    Plaintext,
    decode::{self, Facts},
    edit::{Edit, same_category},
    sections::merge_sections,
};
use crate::{error::Result, types::Item};

/// What `edited` makes of a stored item, or everything that is wrong with it.
pub(crate) fn edited_item(
    facts: &Facts<'_>,
    stored: &Plaintext,
    edited: &Item,
    now_seconds: u64,
) -> Result<(Overview, Details)> {
    let (mut overview, mut details) = decode::parse(facts, stored)?;
    let before = decode::shown(facts, &overview, &details, &edited.vault_id, now_seconds)?;
    same_category(&before, edited)?;
    let edit = Edit::new(&before, edited, now_seconds)?;
    edit.write_overview(&mut overview);
    edit.write_details(&mut details);
    merge_sections(&edit, &mut details)?;
    Ok((overview, details))
}
