//! Finding the value that a secret reference names within an item. Here is the only rule of what a name matches.

use op_protocol::item::{Details, Field, FileAttributes, Loose, Section, SshKeyAttributes, Text};

use super::{kinds, ssh, totp, values};
use crate::types::{ItemFieldType, ResolveReferenceError};

type Result<T> = std::result::Result<T, ResolveReferenceError>;

/// What a reference asks for in place of the stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Query {
    /// The current one-time password.
    Totp,
    /// The private key in OpenSSH's format.
    SshFormatOpenSsh,
}

/// An item in which references are looked up, as it is stored: that tells an empty text from none.
pub(crate) struct Opened {
    pub(crate) vault_id: String,
    pub(crate) item_id: String,
    pub(crate) details: Details,
}

/// What a reference names.
#[derive(Debug, PartialEq)]
pub(crate) enum Secret {
    /// A value.
    Text(String),
    /// The file whose content is the value.
    File(Box<FileAttributes>),
}

/// Something in an item that references can name.
pub(crate) struct Candidate<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// The section that it is in; of what an SSH key tells, that of the key.
    pub(crate) section: Option<&'a Section>,
    content: Content<'a>,
}

enum Content<'a> {
    /// Notes, or a field of a web form.
    Text(&'a Text),
    Field(&'a Field),
    /// What an SSH key tells beside its private part.
    KeyPart(&'a Field, KeyPart),
    File(Box<FileAttributes>),
}

type KeyPart = fn(&SshKeyAttributes) -> Option<&Text>;

const KEY_PARTS: [(&str, &str, KeyPart); 3] = [
    ("public_key", "public key", |key| key.public_key.get()),
    ("fingerprint", "fingerprint", |key| key.fingerprint.get()),
    ("key_type", "key type", |key| key.key_type.get()?.algorithm.get()),
];

/// The value of what a reference of these names matches.
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

/// What a reference of these names matches, in any letter case; more than one is ambiguous.
///
/// Where no section is named, what is outside of sections wins over what is in one. A section is named by its id or title;
/// the empty name is that of sections which lack one of the two, and else of what is in no section.
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

/// The sections of this name.
pub(crate) fn sections_named<'a>(details: &'a Details, name: &str) -> impl Iterator<Item = &'a Section> {
    details.sections.elements().filter(move |section| is_section_named(section, name))
}

fn is_section_named(section: &Section, name: &str) -> bool {
    same(section.id.text(), name) || same(section.title.text(), name)
}

/// References hold ASCII only.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// All that references can name in an item.
pub(crate) fn candidates<'a>(details: &'a Details) -> Vec<Candidate<'a>> {
    let mut all = Vec::new();
    let mut text = |id, title, text: &'a Loose<Text>| {
        all.extend(text.get().map(|text| Candidate { id, title, section: None, content: Content::Text(text) }));
    };
    text("notesPlain", "notes", &details.notes_plain);
    text("password", "password", &details.password);
    for field in details.fields.elements() {
        let (id, designation) = (field.id.text(), field.designation.text());
        // The designation is the better name: ids of web pages have letters that no reference can hold.
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

/// What a field of a section gives to name; what has no id or no kind cannot be named.
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

    /// Both are the same one of an item's [`candidates`].
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let section = |each: &Self| each.section.map(std::ptr::from_ref);
        (self.id, self.title, section(self)) == (other.id, other.title, section(other))
    }

    /// It is in a section. What an SSH key tells is beside it.
    fn is_within(&self) -> bool {
        self.section.is_some() && !matches!(self.content, Content::KeyPart(..))
    }

    /// It is outside of sections, or in one without a title, as apps store it.
    fn is_outside(&self) -> bool {
        !self.is_within() || self.section.is_some_and(|section| section.title.text().is_empty())
    }

    fn secret(self, query: Option<Query>, now_seconds: u64) -> Result<Secret> {
        let text =
            |text: &Text| query.map_or_else(|| Ok(Secret::Text(text.to_string())), |query| Err(incompatible(query)));
        match self.content {
            Content::Text(value) => text(value),
            Content::KeyPart(field, part) => {
                let told = || part(field.attributes.get()?.ssh_key_attributes.get()?);
                text(told().ok_or(ResolveReferenceError::SSHKeyMetadataNotFound)?)
            }
            Content::Field(field) => field_value(field, query, now_seconds).map(Secret::Text),
            // The public SDKs give the content of a file whatever the query asks for.
            Content::File(file) => Ok(Secret::File(file)),
        }
    }
}

fn field_value(field: &Field, query: Option<Query>, now_seconds: u64) -> Result<String> {
    let field_type = kinds::field_type(field.kind.text(), field.id.text());
    let stored = field.value.as_deref();
    let value = stored.and_then(|value| values::readable(field_type, value));
    match (query, field_type) {
        // No value that could be read is an empty text.
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
