//! Checks of the parameters of a new item. Their order and texts are those of the public SDKs.

use std::collections::HashSet;

use super::{kinds, values};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{ItemCategory, ItemCreateParams, ItemField, ItemFieldDetails, ItemFieldType},
};

/// Fails with everything that is wrong with the parameters of a new item.
pub(super) fn check(params: &ItemCreateParams) -> Result<()> {
    refuse(&problems(params))
}

/// Fails with the problems that an edit introduces. Problems that other clients have stored before may remain.
pub(super) fn check_edit(before: &ItemCreateParams, after: &ItemCreateParams) -> Result<()> {
    let known = problems(before);
    let new: Vec<_> = problems(after).into_iter().filter(|problem| !known.contains(problem)).collect();
    refuse(&new)
}

fn refuse(problems: &[String]) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::InvalidConfiguration, problems.join("; "))) }
}

/// Returns everything that is wrong with the parameters of a new item.
pub(super) fn problems(params: &ItemCreateParams) -> Vec<String> {
    let mut problems = Vec::new();
    if kinds::template(params.category).is_none() {
        problems.push(kinds::unsupported_category());
    }
    check_tags(params, &mut problems);
    check_ssh_keys(params, &mut problems);
    problems.extend(bad_values(params, ItemFieldType::Date));
    problems.extend(unsupported_field(params));
    check_ids(params, &mut problems);
    problems.extend(unknown_sections(params));
    problems.extend(bad_references(params));
    let takes_websites = matches!(params.category, ItemCategory::Login | ItemCategory::Password);
    if !takes_websites && params.websites.as_ref().is_some_and(|websites| !websites.is_empty()) {
        problems.push("Only items with a Login or Password category can contain websites for autofilling".to_owned());
    }
    check_files(params, &mut problems);
    check_stored_ids(params, &mut problems);
    check_attached(params, &mut problems);
    problems.extend(bad_values(params, ItemFieldType::MonthYear));
    problems.extend(bad_addresses(params));
    problems
}

fn fields(params: &ItemCreateParams) -> &[ItemField] {
    params.fields.as_deref().unwrap_or_default()
}

fn of_type(params: &ItemCreateParams, field_type: ItemFieldType) -> impl Iterator<Item = &ItemField> {
    fields(params).iter().filter(move |field| field.field_type == field_type)
}

fn check_tags(params: &ItemCreateParams, problems: &mut Vec<String>) {
    let tags = params.tags.as_deref().unwrap_or_default();
    if tags.iter().any(String::is_empty) {
        problems.push("tags list contains one or more empty tags(s)".to_owned());
    }
    if tags.iter().any(|tag| tag.trim().is_empty()) {
        problems.push("tags list contains one or more tags that are entirely spaces or tabs(s)".to_owned());
    }
    if has_duplicates(tags) {
        problems.push("tags list contains duplicate tags(s)".to_owned());
    }
}

fn check_ssh_keys(params: &ItemCreateParams, problems: &mut Vec<String>) {
    let keys: Vec<&ItemField> = of_type(params, ItemFieldType::SshKey).collect();
    if params.category != ItemCategory::SshKey && !keys.is_empty() {
        problems.push("Only items with an SSH key category can contain an SSH key field".to_owned());
    } else if keys.len() > 1 {
        problems.push("An SSH Key item can only contain one SSH key field".to_owned());
    }
    if keys.iter().any(|key| key.id != "private_key" || key.title != "private key") {
        problems.push("SSH key fields must have ID 'private_key' and title 'private key'".to_owned());
    }
}

/// Returns the problems of values of a type that cannot be stored. Empty values are not stored.
fn bad_values(params: &ItemCreateParams, field_type: ItemFieldType) -> impl Iterator<Item = String> {
    of_type(params, field_type).filter(|field| !field.value.is_empty()).filter_map(move |field| {
        let problem = values::write(field_type, &field.value).err()?;
        Some(format!("{problem}: field '{}'", field.title))
    })
}

fn unsupported_field(params: &ItemCreateParams) -> Option<String> {
    let field = fields(params).iter().find(|field| kinds::kind(field.field_type).is_none())?;
    Some(kinds::unsupported_field(&field.title))
}

fn check_ids(params: &ItemCreateParams, problems: &mut Vec<String>) {
    let section_ids = || params.sections.iter().flatten().map(|section| section.id.as_str());
    let field_ids = || fields(params).iter().map(|field| field.id.as_str());
    if has_duplicates(section_ids()) {
        problems.push("item contained duplicate section ids. Make sure every id is unique.".to_owned());
    }
    if has_duplicates(field_ids()) {
        problems.push("item contained duplicate field ids. Make sure every id is unique.".to_owned());
    }
    problems.extend(bad_ids("field", field_ids()).chain(bad_ids("section", section_ids())));
}

fn bad_ids<'a>(what: &'static str, ids: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    ids.filter(move |id| !id.chars().all(allowed)).map(move |id| {
        format!("{what} id '{id}' must contain only alphanumeric characters or -, _, . and the whitespace character")
    })
}

fn unknown_sections(params: &ItemCreateParams) -> impl Iterator<Item = String> {
    let known: HashSet<&str> = params.sections.iter().flatten().map(|section| section.id.as_str()).collect();
    fields(params).iter().filter_map(move |field| {
        let section = field.section_id.as_deref().filter(|section| !known.contains(section))?;
        Some(format!("field {} was linked to section id '{section}', but no section with this id exists", field.title))
    })
}

fn bad_references(params: &ItemCreateParams) -> impl Iterator<Item = String> {
    of_type(params, ItemFieldType::Reference)
        .filter(|field| !op_protocol::id::is_id(&field.value))
        .map(|field| format!("reference: {} does not refer to a valid UUID", field.title))
}

fn check_files(params: &ItemCreateParams, problems: &mut Vec<String>) {
    match (params.category == ItemCategory::Document, params.document.is_some()) {
        (true, false) => problems.push("Document items must have a document file attached".to_owned()),
        (false, true) => problems.push("cannot have a document file on a non-document item".to_owned()),
        _ => {}
    }
    if params.document.as_ref().is_some_and(|document| document.name.is_empty()) {
        problems.push("document name cannot be empty".to_owned());
    }
}

/// Checks that ids are unique as they are stored, too. The ids of some types of fields get a prefix.
fn check_stored_ids(params: &ItemCreateParams, problems: &mut Vec<String>) {
    let fields = fields(params).iter().map(|field| kinds::marked_id(field.field_type, &field.id));
    if has_duplicates(fields.chain(params.files.iter().flatten().map(|file| file.field_id.clone()))) {
        problems.push("file and field IDs must be unique within an item".to_owned());
    }
}

fn check_attached(params: &ItemCreateParams, problems: &mut Vec<String>) {
    let files = params.files.as_deref().unwrap_or_default();
    let known = |id: &str| params.sections.iter().flatten().any(|section| section.id == id);
    if files.iter().any(|file| !known(&file.section_id)) {
        problems.push("the field file has a section ID that isn't linked to a section".to_owned());
    }
    if files.iter().any(|file| file.name.is_empty()) {
        problems.push("file name cannot be empty".to_owned());
    }
}

/// Returns the problems of addresses without parts. A text cannot be split into parts.
fn bad_addresses(params: &ItemCreateParams) -> impl Iterator<Item = String> {
    let has_parts = |field: &&ItemField| matches!(field.details, Some(ItemFieldDetails::Address(Some(_))));
    of_type(params, ItemFieldType::Address).filter(move |field| !field.value.is_empty() && !has_parts(field)).map(
        |field| {
            let problem = "Address fields are constructed from the Address field's details. Provide valid \
                           AddressFieldDetails";
            format!("{problem}: field '{}'", field.title)
        },
    )
}

fn has_duplicates<T: std::hash::Hash + Eq>(values: impl IntoIterator<Item = T>) -> bool {
    let mut seen = HashSet::new();
    values.into_iter().any(|value| !seen.insert(value))
}
