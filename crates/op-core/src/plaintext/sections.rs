//! Merging the sections of an edited item. Fields and sections that the SDK does not show keep their places.

use op_protocol::item::{Details, Field, Loose, Section};

use super::{decode::is_shown, edit::Edit, elements_mut};
use crate::{
    error::Result,
    types::{ItemField, ItemFieldType},
};

/// A section that is being merged, separate from its fields.
struct Draft {
    /// Its place among the caller's sections.
    order: Option<usize>,
    section: Loose<Section>,
    fields: Vec<Placed>,
    had_fields: bool,
}

/// A field, and its place among the caller's fields; fields that are not shown have none.
struct Placed {
    order: Option<usize>,
    field: Loose<Field>,
}

/// A field that moves to the section with this id.
struct Moved<'a> {
    to: &'a str,
    order: usize,
    field: Field,
}

/// Applies the edit to the sections and their fields.
pub(super) fn merge_sections(edit: &Edit<'_>, details: &mut Details) -> Result<()> {
    let nothing_wanted = edit.section_fields().next().is_none() && edit.sections().next().is_none();
    if details.sections.get().is_none() && nothing_wanted {
        return Ok(());
    }
    let sections = elements_mut(&mut details.sections);
    let had_sections = !sections.is_empty();
    let mut drafts: Vec<Draft> = std::mem::take(sections).into_iter().map(take_apart).collect();
    let moved = match_fields(edit, &mut drafts)?;
    arrange(edit, &mut drafts);
    for Moved { to, order, field } in moved {
        let placed = Placed { order: Some(order), field: Loose::Known(field) };
        match drafts.iter_mut().find(|draft| draft.id() == Some(to)) {
            Some(draft) => draft.fields.push(placed),
            None => drafts.push(Draft { fields: vec![placed], ..Draft::new(to, "") }),
        }
    }
    sort_shown(&mut drafts, |draft| draft.order);
    sections.extend(drafts.into_iter().map(put_together));
    if sections.is_empty() && had_sections {
        details.sections = Loose::Missing;
    }
    Ok(())
}

impl Draft {
    fn new(id: &str, title: &str) -> Self {
        let section = Section { id: id.into(), title: title.into(), ..Section::default() };
        Self { order: None, section: Loose::Known(section), fields: Vec::new(), had_fields: false }
    }

    fn id(&self) -> Option<&str> {
        self.section.get().map(|section| section.id.text())
    }

    fn take_place(&mut self, order: usize, title: &str) {
        self.order = Some(order);
        if let Loose::Known(section) = &mut self.section
            && section.title.text() != title
        {
            section.title = title.into();
        }
    }
}

fn take_apart(mut section: Loose<Section>) -> Draft {
    let fields = match &mut section {
        Loose::Known(Section { fields: Loose::Known(fields), .. }) => std::mem::take(fields),
        _ => Vec::new(),
    };
    let placed = |field| Placed { order: None, field };
    Draft { order: None, section, had_fields: !fields.is_empty(), fields: fields.into_iter().map(placed).collect() }
}

/// Changes the stored fields that the caller kept, and removes the others. Returns the fields that belong to another
/// section: those that move, and new ones.
fn match_fields<'a>(edit: &Edit<'a>, drafts: &mut [Draft]) -> Result<Vec<Moved<'a>>> {
    let mut wanted: Vec<Option<&'a ItemField>> = edit.section_fields().map(Some).collect();
    let mut moved = Vec::new();
    for draft in drafts {
        let section_id = draft.id().unwrap_or_default().to_owned();
        for placed in std::mem::take(&mut draft.fields) {
            let stored = match placed.field {
                Loose::Known(stored) if is_shown(&stored) => stored,
                field => {
                    draft.fields.push(Placed { order: None, field });
                    continue;
                }
            };
            let Some((order, field)) = claim(&mut wanted, &stored, &section_id) else { continue };
            let stored = edit.changed(stored, &section_id, field)?;
            match target(field) {
                Some(to) if to != section_id => moved.push(Moved { to, order, field: stored }),
                _ => draft.fields.push(Placed { order: Some(order), field: Loose::Known(stored) }),
            }
        }
    }
    for (order, field) in wanted.into_iter().enumerate() {
        if let Some(field) = field {
            let to = field.section_id.as_deref().unwrap_or_default();
            moved.push(Moved { to, order, field: edit.added(field)? });
        }
    }
    Ok(moved)
}

/// Returns the section to which a field belongs; `None` for fields of unsupported types, whose section the SDK does not
/// show.
fn target(field: &ItemField) -> Option<&str> {
    (field.field_type != ItemFieldType::Unsupported).then(|| field.section_id.as_deref().unwrap_or_default())
}

/// Takes the caller's version of a stored field: the field with the same id, preferably in the same section.
fn claim<'a>(wanted: &mut [Option<&'a ItemField>], stored: &Field, section_id: &str) -> Option<(usize, &'a ItemField)> {
    let same_id = |field: &ItemField| field.id == stored.id.text();
    let same_section = |field: &ItemField| target(field).is_none_or(|target| target == section_id);
    let at = wanted.iter().position(|field| field.is_some_and(|field| same_id(field) && same_section(field)));
    let at = at.or_else(|| wanted.iter().position(|field| field.is_some_and(same_id)))?;
    Some((at, wanted.get_mut(at)?.take()?))
}

/// Gives the sections the caller's order and titles, and adds new ones. Removes those that the caller left out, unless
/// they contain fields that the caller could not see.
fn arrange(edit: &Edit<'_>, drafts: &mut Vec<Draft>) {
    for (order, (id, title)) in edit.sections().enumerate() {
        let stored = drafts.iter_mut().find(|draft| draft.order.is_none() && draft.id() == Some(id));
        match stored {
            Some(draft) => draft.take_place(order, title),
            None => drafts.push(Draft { order: Some(order), ..Draft::new(id, title) }),
        }
    }
    drafts.retain(|draft| draft.order.is_some() || draft.id().is_none() || !draft.fields.is_empty());
}

/// Sorts the elements that have an order among their places; the others keep their places.
fn sort_shown<T>(list: &mut Vec<T>, order: impl Fn(&T) -> Option<usize>) {
    let orders: Vec<_> = list.iter().map(order).collect();
    let mut elements: Vec<_> = std::mem::take(list).into_iter().map(Some).collect();
    list.extend(sorted(&orders).into_iter().filter_map(|place| elements.get_mut(place)?.take()));
}

/// Returns the places of a list in their new order.
fn sorted(orders: &[Option<usize>]) -> Vec<usize> {
    let order = |place: usize| orders.get(place).copied().flatten();
    let mut shown: Vec<usize> = (0..orders.len()).filter(|place| order(*place).is_some()).collect();
    shown.sort_by_key(|place| order(*place));
    let mut shown = shown.into_iter();
    (0..orders.len()).filter_map(|place| if order(place).is_some() { shown.next() } else { Some(place) }).collect()
}

fn put_together(mut draft: Draft) -> Loose<Section> {
    sort_shown(&mut draft.fields, |placed| placed.order);
    if let Loose::Known(section) = &mut draft.section {
        if !draft.fields.is_empty() {
            section.fields = Loose::Known(draft.fields.into_iter().map(|placed| placed.field).collect());
        } else if draft.had_fields {
            section.fields = Loose::Missing;
        }
    }
    draft.section
}
