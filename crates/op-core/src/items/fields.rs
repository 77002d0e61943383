//! Finding the value that a secret reference names within an item.

use super::{
    ssh::{self, SshError},
    totp,
};
use crate::{
    reference::Query,
    types::{
        Item, ItemCategory, ItemField, ItemFieldDetails, ItemFieldType, ItemFile, ItemSection, ResolveReferenceError,
        SshKeyAttributes,
    },
};

type Result<T> = std::result::Result<T, ResolveReferenceError>;

/// What a reference names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Secret {
    /// A value.
    Text(String),
    /// The file of this id, whose content is the value.
    File(String),
}

impl Secret {
    /// The value, or the id of the file.
    pub(crate) fn into_string(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::File(id) => id,
        }
    }
}

/// The value of a field by its id or title and, where given, that of its section; letter case does not matter.
///
/// A section name is looked for in all sections that have it as id or title; the empty name means the section with
/// the empty id. Without a section, fields that have none win over fields that have one.
pub(crate) fn find(
    item: &Item,
    section: Option<&str>,
    field: &str,
    query: Option<Query>,
    now_seconds: u64,
) -> Result<Secret> {
    let sections = section.map(|name| matching_sections(item, name)).transpose()?;
    match found(item, sections.as_deref(), field)? {
        Found::Field(field) => field_value(field, query, now_seconds).map(Secret::Text),
        // The public SDKs give the content of a file whatever the query asks for.
        Found::Other(file @ Secret::File(_)) => Ok(file),
        Found::Other(secret) => query.map_or(Ok(secret), |query| Err(incompatible(query))),
    }
}

enum Found<'a> {
    Field(&'a ItemField),
    Other(Secret),
}

impl From<Secret> for Found<'_> {
    fn from(secret: Secret) -> Self {
        Self::Other(secret)
    }
}

/// The fields that a reference can read.
pub(crate) fn readable(item: &Item) -> impl Iterator<Item = &ItemField> {
    // A Password item shows its password always, be there none.
    let is_absent = |field: &ItemField| {
        item.category == ItemCategory::Password && field.section_id.is_none() && field.value.is_empty()
    };
    item.fields.iter().filter(move |field| field.field_type != ItemFieldType::Unsupported && !is_absent(field))
}

/// The sections of this name.
pub(crate) fn sections_named<'a>(item: &'a Item, name: &str) -> impl Iterator<Item = &'a ItemSection> {
    item.sections.iter().filter(move |section| {
        if name.is_empty() { section.id.is_empty() } else { same(&section.id, name) || same(&section.title, name) }
    })
}

/// The fields of this name, in sections of that name; what has no section wins where none is named.
pub(crate) fn named<'a>(item: &'a Item, section: Option<&str>, name: &str) -> Vec<&'a ItemField> {
    match section.map(|name| matching_sections(item, name)).transpose() {
        Ok(sections) => named_of(&of_sections(item, sections.as_deref()), name),
        Err(_) => Vec::new(),
    }
}

fn of_sections<'a>(item: &'a Item, sections: Option<&[&str]>) -> Vec<&'a ItemField> {
    readable(item).filter(|field| is_there(sections, field.section_id.as_deref())).collect()
}

fn is_there(sections: Option<&[&str]>, id: Option<&str>) -> bool {
    sections.is_none_or(|sections| id.is_some_and(|id| sections.contains(&id)))
}

fn named_of<'a>(fields: &[&'a ItemField], name: &str) -> Vec<&'a ItemField> {
    let named: Vec<&ItemField> =
        fields.iter().copied().filter(|field| same(&field.id, name) || same(&field.title, name)).collect();
    let built_in: Vec<&ItemField> = named.iter().copied().filter(|field| field.section_id.is_none()).collect();
    if built_in.is_empty() { named } else { built_in }
}

fn matching_sections<'a>(item: &'a Item, name: &str) -> Result<Vec<&'a str>> {
    let ids: Vec<&str> = sections_named(item, name).map(|section| section.id.as_str()).collect();
    if ids.is_empty() { Err(ResolveReferenceError::NoMatchingSections) } else { Ok(ids) }
}

/// References hold ASCII only.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn found<'a>(item: &'a Item, sections: Option<&[&str]>, name: &str) -> Result<Found<'a>> {
    if sections.is_none() && !item.notes.is_empty() && ["notesPlain", "notes"].iter().any(|notes| same(notes, name)) {
        return Ok(Secret::Text(item.notes.clone()).into());
    }
    let fields = of_sections(item, sections);
    match named_of(&fields, name).as_slice() {
        [] => {}
        [field] => return Ok(Found::Field(field)),
        _ => return Err(ResolveReferenceError::TooManyMatchingFields),
    }
    if let Some(text) = ssh_metadata(&fields, name)? {
        return Ok(Secret::Text(text).into());
    }
    let document = item.document.iter().filter(|document| sections.is_none() && same(&document.name, name));
    let is_wanted = |file: &&ItemFile| {
        is_there(sections, Some(&file.section_id)) && (same(&file.attributes.name, name) || same(&file.field_id, name))
    };
    match document.chain(item.files.iter().filter(is_wanted).map(|file| &file.attributes)).next() {
        Some(file) => Ok(Secret::File(file.id.clone()).into()),
        None => Err(ResolveReferenceError::FieldNotFound),
    }
}

/// What an SSH key tells beside its private part counts as fields of the key's section.
fn ssh_metadata(fields: &[&ItemField], name: &str) -> Result<Option<String>> {
    let metadata: fn(&SshKeyAttributes) -> String = match name.to_ascii_lowercase().as_str() {
        "public key" | "public_key" => |key| key.public_key.clone(),
        "fingerprint" => |key| key.fingerprint.clone(),
        "key type" | "key_type" => |key| algorithm(&key.key_type),
        _ => return Ok(None),
    };
    let Some(key) = fields.iter().find(|field| field.field_type == ItemFieldType::SshKey) else {
        return Ok(None);
    };
    match &key.details {
        Some(ItemFieldDetails::SshKey(Some(attributes))) => Ok(Some(metadata(attributes))),
        _ => Err(ResolveReferenceError::SSHKeyMetadataNotFound),
    }
}

/// References give the stored algorithm, `ed25519` or `rsa`, where items show `Ed25519` or `RSA, 2048-bit`.
fn algorithm(key_type: &str) -> String {
    key_type.split(',').next().unwrap_or_default().to_ascii_lowercase()
}

fn field_value(field: &ItemField, query: Option<Query>, now_seconds: u64) -> Result<String> {
    use ItemFieldType::{Address, Date, MonthYear};
    match (query, field.field_type) {
        // No value that could be read is an empty text.
        (None, MonthYear | Date | Address) if field.value.is_empty() => Err(ResolveReferenceError::Other),
        (None, _) => Ok(field.value.clone()),
        (Some(Query::Totp), ItemFieldType::Totp) => totp::code(&field.value, now_seconds)
            .map_err(|error| ResolveReferenceError::UnableToGenerateTotpCode(error.to_string().into())),
        (Some(Query::SshFormatOpenSsh), ItemFieldType::SshKey) => {
            ssh::to_openssh(&field.value).map_err(|SshError| ResolveReferenceError::UnableToParsePrivateKey)
        }
        (Some(query), _) => Err(incompatible(query)),
    }
}

fn incompatible(query: Query) -> ResolveReferenceError {
    match query {
        Query::Totp => ResolveReferenceError::IncompatibleTOTPQueryParameterField,
        Query::SshFormatOpenSsh => ResolveReferenceError::IncompatibleSshKeyQueryParameterField,
    }
}
