//! The files in an item's fields, and the file of a Document.

use op_protocol::item::{Details, Field, FileAttributes, Loose, Overview, Section};

use super::{elements_mut, encode::invalid, subtitle};
use crate::{
    error::Result,
    types::{Item, ItemCategory, ItemCreateParams},
};

/// Refuses the id of a field that exists.
pub(crate) fn check_free(details: &Details, field_id: &str) -> Result<()> {
    let mut fields = details.sections.elements().flat_map(|section| section.fields.elements());
    if fields.any(|field| field.id.text() == field_id) {
        let problem = "field or file with provided field/section ID already exists";
        return Err(invalid(problem).with_field("fieldId"));
    }
    Ok(())
}

/// Refuses an item that is not a Document.
pub(crate) fn check_document(item: &Item) -> Result<()> {
    if item.category == ItemCategory::Document {
        return Ok(());
    }
    Err(invalid("only Document items can have their document replaced").with_field("item.category"))
}

/// Adds the uploaded files of a new item. The first one is that of a Document.
pub(crate) fn add_all(details: &mut Details, params: &ItemCreateParams, uploaded: Vec<FileAttributes>) {
    let mut uploaded = uploaded.into_iter();
    if params.document.is_some()
        && let Some(file) = uploaded.next()
    {
        details.document_attributes = file.into();
    }
    for (params, file) in params.files.iter().flatten().zip(uploaded) {
        add(details, &params.section_id, &params.field_id, &file);
    }
}

/// Adds a field with a file, whose id is not in use. Creates the section if it does not exist.
pub(crate) fn add(details: &mut Details, section_id: &str, field_id: &str, file: &FileAttributes) {
    let field = Loose::Known(Field::of_file(field_id, file));
    let sections = elements_mut(&mut details.sections);
    let of_this_id = |section: &&mut Section| section.id.text() == section_id;
    match sections.iter_mut().filter_map(Loose::get_mut).find(of_this_id) {
        Some(section) => elements_mut(&mut section.fields).push(field),
        None => sections.push(Loose::Known(Section {
            id: section_id.into(),
            title: "".into(),
            fields: Loose::Known(vec![field]),
            ..Section::default()
        })),
    }
}

/// Removes the field of a file.
pub(crate) fn remove(details: &mut Details, section_id: &str, field_id: &str) -> Result<()> {
    let is_it =
        |field: &Loose<Field>| field.get().is_some_and(|field| field.id.text() == field_id && field.file().is_some());
    for section in details.sections.elements_mut().filter(|section| section.id.text() == section_id) {
        let Some(fields) = section.fields.get_mut() else { continue };
        let Some(at) = fields.iter().position(is_it) else { continue };
        fields.remove(at);
        if fields.is_empty() {
            section.fields = Loose::Missing;
        }
        return Ok(());
    }
    Err(invalid("no file field found with given section and field IDs").with_field("fieldId"))
}

/// Replaces the file of a Document.
pub(crate) fn replace_document(overview: &mut Overview, details: &mut Details, file: FileAttributes) {
    overview.ainfo = subtitle::file_size(file.unencrypted_size.get().copied().unwrap_or(0)).as_str().into();
    details.document_attributes = file.into();
}
