//! Building the fields of a new item from a draft without ids. docs/decisions/0037 says why.

use op_protocol::id;

use super::{check, totp};
use crate::{
    error::{Error, ErrorKind, Result},
    host::Host,
    types::{
        BuiltFields, FieldDraft, ItemCreateParams, ItemDraft, ItemField, ItemFieldDetails, ItemFieldType, ItemSection,
    },
};

/// Returns the fields and sections, or everything that is wrong with the draft.
pub(crate) fn build(draft: &ItemDraft, host: &dyn Host) -> Result<BuiltFields> {
    let new_id = || {
        let mut bytes = [0; 16];
        host.fill_random(&mut bytes);
        id::new_id(bytes)
    };
    let mut sections: Vec<ItemSection> = Vec::new();
    let mut fields = Vec::new();
    for field in &draft.fields {
        let section_id = field.section.as_deref().filter(|title| !title.is_empty()).map(|title| {
            if let Some(known) = sections.iter().find(|section| section.title == title) {
                return known.id.clone();
            }
            let section = ItemSection { id: new_id(), title: title.to_owned() };
            let id = section.id.clone();
            sections.push(section);
            id
        });
        fields.push(ItemField {
            id: field.id.clone().unwrap_or_else(new_id),
            title: field.title.clone(),
            section_id,
            field_type: field.field_type,
            value: field.value.clone(),
            details: field.address.clone().map(|address| ItemFieldDetails::Address(Some(address))),
        });
    }
    let mut params = ItemCreateParams {
        category: draft.category,
        vault_id: draft.vault_id.clone(),
        title: draft.title.clone(),
        fields: Some(fields),
        sections: Some(sections),
        notes: draft.notes.clone(),
        tags: Some(draft.tags.clone()),
        websites: Some(draft.websites.clone()),
        files: None,
        document: None,
    };
    let mut problems = own_problems(draft);
    problems.extend(check::problems(&params));
    if problems.is_empty() {
        let (fields, sections) = (params.fields.take(), params.sections.take());
        return Ok(BuiltFields { fields: fields.unwrap_or_default(), sections: sections.unwrap_or_default() });
    }
    Err(Error::new(ErrorKind::InvalidConfiguration, problems.join("; ")).with_field("draft"))
}

/// Returns the problems that a builder refuses although a new item may have them, because such an item would be
/// useless.
fn own_problems(draft: &ItemDraft) -> Vec<String> {
    let mut problems = Vec::new();
    if !id::is_id(&draft.vault_id) {
        problems.push("the vault's id is not in a valid format".to_owned());
    }
    if draft.title.trim().is_empty() {
        problems.push("the item has no title".to_owned());
    }
    problems.extend(draft.fields.iter().filter_map(|field| {
        let problem = field_problem(field)?;
        Some(format!("{problem}: field '{}'", field.title))
    }));
    problems
}

fn field_problem(field: &FieldDraft) -> Option<String> {
    let is_address = field.field_type == ItemFieldType::Address;
    match field.field_type {
        ItemFieldType::Totp => totp::code(&field.value, 0).err().map(|error| error.to_string()),
        _ if is_address && field.address.is_none() => Some("an address field has no parts".to_owned()),
        _ if !is_address && field.address.is_some() => {
            Some("only an address field may have the parts of one".to_owned())
        }
        _ => None,
    }
}
