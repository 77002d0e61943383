//! From the SDK's parameters to the plaintext of a new item.

use std::collections::HashSet;

use op_protocol::item::{
    self, Details, Field, FieldAttributes, FormField, Json, Loose, Overview, Section, SshKeyType, Url,
};
use zeroize::Zeroizing;

use super::{
    kinds,
    ssh::PrivateKey,
    strength::strength,
    subtitle::subtitle,
    values::{self, BadValue},
};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{ItemCategory, ItemCreateParams, ItemField, ItemFieldDetails, ItemFieldType},
};

/// The plaintext of a new item.
pub(crate) struct NewItem {
    /// Which category the item is of.
    pub(crate) template_uuid: &'static str,
    /// The plaintext of `encOverview`.
    pub(crate) overview: Zeroizing<Vec<u8>>,
    /// The plaintext of `encDetails`.
    pub(crate) details: Zeroizing<Vec<u8>>,
}

/// Converts parameters, or says everything that is wrong with them.
pub(crate) fn new_item(params: &ItemCreateParams, now_seconds: u64) -> Result<NewItem> {
    let mut problems = Vec::new();
    let template_uuid = kinds::template(params.category).unwrap_or_else(|| {
        problems.push("An unsupported item category was specified".to_owned());
        ""
    });
    check_files(params, &mut problems);
    check_tags(params, &mut problems);
    check_ids(params, &mut problems);
    if !takes_websites(params.category) && params.websites.as_ref().is_some_and(|websites| !websites.is_empty()) {
        problems.push("Only items with a Login or Password category can contain websites".to_owned());
    }
    let ssh_key = ssh_key(params, &mut problems);
    let details = details(params, ssh_key.as_ref(), &mut problems);
    if !problems.is_empty() {
        return Err(Error::new(ErrorKind::InvalidConfiguration, problems.join("; ")));
    }
    let overview = overview(params, subtitle(params, ssh_key.as_ref(), now_seconds));
    Ok(NewItem { template_uuid, overview: overview.to_json(), details: details.to_json() })
}

fn takes_websites(category: ItemCategory) -> bool {
    matches!(category, ItemCategory::Login | ItemCategory::Password)
}

fn fields(params: &ItemCreateParams) -> &[ItemField] {
    params.fields.as_deref().unwrap_or_default()
}

fn check_files(params: &ItemCreateParams, problems: &mut Vec<String>) {
    if params.document.is_some() || params.files.as_ref().is_some_and(|files| !files.is_empty()) {
        problems.push("files and documents are not supported by this version of opwire yet".to_owned());
    } else if params.category == ItemCategory::Document {
        problems.push("Document items must have a document file attached".to_owned());
    }
}

fn check_tags(params: &ItemCreateParams, problems: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for tag in params.tags.iter().flatten() {
        if tag.trim().is_empty() {
            problems.push("tags must not be empty".to_owned());
        } else if !seen.insert(tag) {
            problems.push(format!("duplicate tag: {tag}"));
        }
    }
}

fn check_ids(params: &ItemCreateParams, problems: &mut Vec<String>) {
    let mut sections = HashSet::new();
    for section in params.sections.iter().flatten() {
        if !sections.insert(section.id.as_str()) {
            problems.push(format!("duplicate section ID: {}", section.id));
        }
    }
    let mut ids = HashSet::new();
    for field in fields(params) {
        let marked = kinds::marked_id(field.field_type, &field.id);
        let new = ids.insert(field.id.clone());
        if !new || (marked != field.id && !ids.insert(marked)) {
            problems.push(format!("duplicate field ID: {}", field.id));
        }
        let section = field.section_id.as_deref().unwrap_or_default();
        // The unnamed section need not be declared: fields without a section go there as well.
        if !section.is_empty() && !sections.contains(section) {
            problems.push(format!("field '{}' is in section '{section}', which the item does not have", field.title));
        }
    }
}

/// The key of an SshKey item, which has to have one and only one.
fn ssh_key(params: &ItemCreateParams, problems: &mut Vec<String>) -> Option<PrivateKey> {
    let mut keys = fields(params).iter().filter(|field| field.field_type == ItemFieldType::SshKey);
    let key = keys.next();
    if params.category != ItemCategory::SshKey {
        if key.is_some() {
            problems.push("Only items with an SSH key category can contain an SSH key field".to_owned());
        }
        return None;
    }
    match key {
        Some(field) if field.id == "private_key" && field.title == "private key" && keys.next().is_none() => {
            PrivateKey::parse(&field.value).map_err(|error| problems.push(error.to_string())).ok()
        }
        _ => {
            problems.push(
                "an SSH key item must have exactly one SSH key field, with ID 'private_key' and title 'private key'"
                    .to_owned(),
            );
            None
        }
    }
}

fn overview(params: &ItemCreateParams, subtitle: String) -> Overview {
    let mut overview = Overview {
        title: params.title.as_str().into(),
        ainfo: subtitle.as_str().into(),
        urls: non_empty(params.websites.iter().flatten().map(|website| Url {
            url: website.url.as_str().into(),
            label: website.label.as_str().into(),
            mode: kinds::mode(website.autofill_behavior).into(),
            ..Url::default()
        })),
        tags: non_empty(params.tags.iter().flatten().map(|tag| tag.as_str().into())),
        ..Overview::default()
    };
    let password = fields(params).iter().find(|field| is_built_in(params.category, field) && field.id == "password");
    if let Some(password) = password {
        if !password.value.is_empty() {
            overview.password_strength = strength(&password.value).into();
        }
        overview.password_entropy = 0.into();
        overview.password_generated = false.into();
    }
    overview
}

/// Whether the plaintext has a place of its own for a field.
fn is_built_in(category: ItemCategory, field: &ItemField) -> bool {
    field.section_id.is_none()
        && match category {
            ItemCategory::Login => matches!(field.id.as_str(), "username" | "password"),
            ItemCategory::Password => field.id == "password",
            _ => false,
        }
}

fn details(params: &ItemCreateParams, ssh_key: Option<&PrivateKey>, problems: &mut Vec<String>) -> Details {
    let mut details = Details::default();
    if let Some(notes) = params.notes.as_deref().filter(|notes| !notes.is_empty()) {
        details.notes_plain = notes.into();
    }
    let (built_in, others): (Vec<_>, Vec<_>) =
        fields(params).iter().partition(|field| is_built_in(params.category, field));
    match params.category {
        ItemCategory::Password => {
            if let Some(field) = built_in.first() {
                details.password = field.value.as_str().into();
            }
        }
        _ => details.fields = non_empty(built_in.into_iter().map(form_field)),
    }
    details.sections = non_empty(sections(params, &others, ssh_key, problems).into_iter());
    details
}

fn form_field(field: &ItemField) -> FormField {
    FormField {
        value: field.value.as_str().into(),
        id: field.id.as_str().into(),
        name: field.id.as_str().into(),
        kind: if field.id == "password" { "P" } else { "T" }.into(),
        designation: field.id.as_str().into(),
        ..FormField::default()
    }
}

/// The declared sections and, after them, an unnamed one if fields without a section need it.
fn sections(
    params: &ItemCreateParams,
    fields: &[&ItemField],
    ssh_key: Option<&PrivateKey>,
    problems: &mut Vec<String>,
) -> Vec<Section> {
    let declared = params.sections.iter().flatten().map(|section| (section.id.as_str(), section.title.as_str()));
    let mut ids: Vec<_> = declared.collect();
    let unnamed = |field: &&ItemField| field.section_id.as_deref().unwrap_or_default().is_empty();
    if fields.iter().any(unnamed) && !ids.iter().any(|(id, _)| id.is_empty()) {
        ids.push(("", ""));
    }
    let mut section = |(id, title): (&str, &str)| Section {
        id: id.into(),
        title: title.into(),
        fields: non_empty(
            fields
                .iter()
                .filter(|field| field.section_id.as_deref().unwrap_or_default() == id)
                .filter_map(|field| section_field(field, ssh_key).map_err(|problem| problems.push(problem)).ok()),
        ),
        ..Section::default()
    };
    ids.into_iter().map(&mut section).collect()
}

fn section_field(field: &ItemField, ssh_key: Option<&PrivateKey>) -> Result<Field, String> {
    let kind = kinds::kind(field.field_type)
        .ok_or_else(|| format!("field '{}' had an unsupported field type", field.title))?;
    Ok(Field {
        title: field.title.as_str().into(),
        id: kinds::marked_id(field.field_type, &field.id).as_str().into(),
        kind: kind.into(),
        value: stored_value(field)?,
        attributes: match (field.field_type, ssh_key) {
            (ItemFieldType::SshKey, Some(key)) => ssh_attributes(&field.value, key).into(),
            _ => Loose::Missing,
        },
        ..Field::default()
    })
}

fn stored_value(field: &ItemField) -> Result<Option<Json>, String> {
    match (field.field_type, &field.details) {
        (ItemFieldType::Address, Some(ItemFieldDetails::Address(Some(address)))) => {
            Ok(Some(values::write_address(address).into()))
        }
        // An address is its parts; without them there is nothing to store.
        (ItemFieldType::Address, _) => Ok(None),
        (ItemFieldType::Reference, _) if !op_protocol::id::is_id(&field.value) => {
            Err(format!("reference: {} does not refer to a valid UUID", field.title))
        }
        _ if field.value.is_empty() => Ok(None),
        (field_type, _) => match values::write(field_type, &field.value) {
            Ok(value) => Ok(Some(value.into())),
            Err(BadValue(problem)) => Err(format!("the value of field '{}' {problem}", field.title)),
        },
    }
}

fn ssh_attributes(text: &str, key: &PrivateKey) -> FieldAttributes {
    FieldAttributes {
        guarded: "yes".into(),
        ssh_key_attributes: item::SshKeyAttributes {
            private_key: text.into(),
            public_key: key.public_key().as_str().into(),
            fingerprint: key.fingerprint().as_str().into(),
            key_type: SshKeyType {
                algorithm: key.algorithm().into(),
                bits: key.rsa_bits().map_or(Loose::Missing, |bits| (bits as u64).into()),
                ..SshKeyType::default()
            }
            .into(),
            ..item::SshKeyAttributes::default()
        }
        .into(),
        ..FieldAttributes::default()
    }
}

/// Empty lists are left out of plaintexts.
fn non_empty<T>(elements: impl Iterator<Item = T>) -> Loose<Vec<Loose<T>>> {
    let mut elements = elements.peekable();
    if elements.peek().is_none() { Loose::Missing } else { elements.collect() }
}
