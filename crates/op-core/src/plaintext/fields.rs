//! Finding the value that a secret reference names within an item. All rules of what a name matches are here;
//! docs/decisions/0059 says why.

use op_protocol::{
    id::{ItemId, VaultId},
    item::{Details, Field, FileAttributes, Loose, Section, SshKeyAttributes, Text},
};

use super::{kinds, ssh, totp, values};
use crate::types::{ItemFieldType, ResolveReferenceError};

type Result<T> = std::result::Result<T, ResolveReferenceError>;

/// What a reference requests in place of the stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    /// The current one-time password.
    Totp,
    /// The private key in OpenSSH's format.
    SshFormatOpenSsh,
}

/// An item in which references are looked up, in its stored form, which distinguishes an empty text from no text.
pub(crate) struct Opened {
    pub(crate) vault_id: VaultId,
    pub(crate) item_id: ItemId,
    pub(crate) details: Details,
}

/// The secret that a reference names.
#[derive(Debug, PartialEq)]
pub(crate) enum Secret {
    /// A value.
    Text(String),
    /// The file whose content is the value.
    File(Box<FileAttributes>),
}

/// A part of an item that references can name.
pub(crate) struct Candidate<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// The section that contains it. The metadata of an SSH key have the section of the key.
    pub(crate) section: Option<&'a Section>,
    content: Content<'a>,
}

enum Content<'a> {
    /// The notes, or a field of a web form.
    Text(&'a Text),
    Field(&'a Field),
    /// Metadata of an SSH key, such as its public key.
    KeyPart(&'a Field, KeyPart),
    File(Box<FileAttributes>),
}

type KeyPart = fn(&SshKeyAttributes) -> Option<&Text>;

const KEY_PARTS: [(&str, &str, KeyPart); 3] = [
    ("public_key", "public key", |key| key.public_key.get()),
    ("fingerprint", "fingerprint", |key| key.fingerprint.get()),
    ("key_type", "key type", |key| key.key_type.get()?.algorithm.get()),
];

/// Returns the secret that a reference with these names matches.
pub(crate) fn find(
    details: &Details,
    section: Option<&str>,
    name: &str,
    query: Option<Query>,
    now_seconds: u64,
) -> Result<Secret> {
    let mut named = named(details, section, name)?.into_iter();
    match (named.next(), named.next()) {
        (None, _) => Err(ResolveReferenceError::FieldNotFound),
        (Some(only), None) => only.secret(query, now_seconds),
        (Some(_), Some(_)) => Err(ResolveReferenceError::TooManyMatchingFields),
    }
}

/// Returns what a reference with these names matches, case-insensitive. More than one match is ambiguous.
///
/// Without the name of a section, candidates outside of sections have priority. A name matches a section's id or title.
/// The empty name matches sections without an id or title, and otherwise the candidates that are in no section.
pub(crate) fn named<'a>(details: &'a Details, section: Option<&str>, name: &str) -> Result<Vec<Candidate<'a>>> {
    let mut named = candidates(details);
    named.retain(|each| each.is_named(name));
    let Some(section) = section else {
        if named.iter().any(Candidate::is_outside) {
            named.retain(Candidate::is_outside);
        }
        return Ok(named);
    };
    let is_there = |each: &Candidate<'_>| match each.section {
        Some(of) => is_section_named(of, section),
        None => section.is_empty(),
    };
    named.retain(is_there);
    if named.iter().any(Candidate::is_within) {
        named.retain(Candidate::is_within);
    }
    if named.is_empty() && sections_named(details, section).next().is_none() {
        return Err(ResolveReferenceError::NoMatchingSections);
    }
    Ok(named)
}

/// Returns the sections with this name.
pub(crate) fn sections_named<'a>(details: &'a Details, name: &str) -> impl Iterator<Item = &'a Section> {
    details.sections.elements().filter(move |section| is_section_named(section, name))
}

fn is_section_named(section: &Section, name: &str) -> bool {
    same(section.id.text(), name) || same(section.title.text(), name)
}

/// Whether two names are the same. Ignoring the case of ASCII is enough, because references contain only ASCII.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Returns everything in an item that references can name.
pub(crate) fn candidates<'a>(details: &'a Details) -> Vec<Candidate<'a>> {
    let mut all = Vec::new();
    let mut text = |id, title, text: &'a Loose<Text>| {
        all.extend(text.get().map(|text| Candidate { id, title, section: None, content: Content::Text(text) }));
    };
    text("notesPlain", "notes", &details.notes_plain);
    text("password", "password", &details.password);
    for field in details.fields.elements() {
        let (id, designation) = (field.id.text(), field.designation.text());
        // The designation comes first, because ids of web pages may contain characters that references cannot contain.
        let (first, second) = if designation.is_empty() { (id, designation) } else { (designation, id) };
        text(first, second, &field.value);
    }
    if let Some(file) = details.document_attributes.get() {
        let name = file.file_name.text();
        all.push(Candidate { id: name, title: name, section: None, content: Content::File(Box::new(file.clone())) });
    }
    for section in details.sections.elements() {
        all.extend(section.fields.elements().flat_map(|field| in_section(section, field)));
    }
    all
}

/// Returns the candidates of a field in a section. A field without an id or kind has none.
fn in_section<'a>(section: &'a Section, field: &'a Field) -> Vec<Candidate<'a>> {
    let (Some(id), Some(kind)) = (field.id.get(), field.kind.get()) else { return Vec::new() };
    let candidate = |id, title, content| Candidate { id, title, section: Some(section), content };
    let content = field.file().map_or(Content::Field(field), |file| Content::File(Box::new(file)));
    let mut all = vec![candidate(id, field.title.text(), content)];
    if kinds::field_type(kind, id) == ItemFieldType::SshKey {
        all.extend(KEY_PARTS.map(|(id, title, part)| candidate(id, title, Content::KeyPart(field, part))));
    }
    all
}

impl Candidate<'_> {
    fn is_named(&self, name: &str) -> bool {
        let is_file_name = || matches!(&self.content, Content::File(file) if same(file.file_name.text(), name));
        same(self.id, name) || same(self.title, name) || is_file_name()
    }

    /// Whether both are the same candidate of an item.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let section = |each: &Self| each.section.map(std::ptr::from_ref);
        (self.id, self.title, section(self)) == (other.id, other.title, section(other))
    }

    /// Whether it is in a section. The metadata of an SSH key count as outside.
    fn is_within(&self) -> bool {
        self.section.is_some() && !matches!(self.content, Content::KeyPart(..))
    }

    /// Whether it is outside of sections, or in a section without a title, which apps use for fields outside of
    /// sections.
    fn is_outside(&self) -> bool {
        !self.is_within() || self.section.is_some_and(|section| section.title.text().is_empty())
    }

    fn secret(self, query: Option<Query>, now_seconds: u64) -> Result<Secret> {
        let text =
            |text: &Text| query.map_or_else(|| Ok(Secret::Text(text.to_string())), |query| Err(incompatible(query)));
        match self.content {
            Content::Text(value) => text(value),
            Content::KeyPart(field, part) => {
                let metadata = || part(field.attributes.get()?.ssh_key_attributes.get()?);
                text(metadata().ok_or(ResolveReferenceError::SSHKeyMetadataNotFound)?)
            }
            Content::Field(field) => field_value(field, query, now_seconds).map(Secret::Text),
            // The public SDKs return the content of a file whatever the query is.
            Content::File(file) => Ok(Secret::File(file)),
        }
    }
}

fn field_value(field: &Field, query: Option<Query>, now_seconds: u64) -> Result<String> {
    let field_type = kinds::field_type(field.kind.text(), field.id.text());
    let stored = field.value.as_deref();
    let value = stored.and_then(|value| values::readable(field_type, value));
    match (query, field_type) {
        // A readable value of these types is never empty, so an empty text would hide that the value cannot be read.
        (
            None,
            ItemFieldType::MonthYear | ItemFieldType::Date | ItemFieldType::Address | ItemFieldType::Unsupported,
        ) => value.ok_or(ResolveReferenceError::Other),
        (None, _) => Ok(value.unwrap_or_default()),
        (Some(Query::Totp), ItemFieldType::Totp) => totp::code(&value.unwrap_or_default(), now_seconds)
            .map_err(|error| ResolveReferenceError::UnableToGenerateTotpCode(error.to_string().into())),
        (Some(Query::SshFormatOpenSsh), ItemFieldType::SshKey) => {
            ssh::to_openssh(&value.unwrap_or_default()).map_err(|_| ResolveReferenceError::UnableToParsePrivateKey)
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
