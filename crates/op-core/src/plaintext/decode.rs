//! Decoding a stored item's plaintext into the SDK's types.

use op_protocol::{
    item::{self, Details, Field, Overview, Section},
    rest::{self, ItemRecord, ListedItem},
};

use time::OffsetDateTime;

use super::{Plaintext, kinds, totp, values, vault::ENCRYPTED};
use crate::{
    error::{Error, ErrorKind, Result},
    plaintext::timestamp,
    types::{
        FileAttributes, Item, ItemCategory, ItemField, ItemFieldDetails, ItemFieldType, ItemFile, ItemOverview,
        ItemSection, ItemState, OtpFieldDetails, SshKeyAttributes, Website,
    },
};

/// The unencrypted members of an item's record.
pub(crate) struct RecordMetadata<'a> {
    pub(crate) id: &'a str,
    pub(crate) template_uuid: &'a str,
    pub(crate) version: u32,
    pub(crate) created_at: &'a str,
    pub(crate) updated_at: &'a str,
}

impl<'a> From<&'a ItemRecord> for RecordMetadata<'a> {
    fn from(record: &'a ItemRecord) -> Self {
        Self {
            id: &record.uuid,
            template_uuid: &record.template_uuid,
            version: record.item_version,
            created_at: &record.created_at,
            updated_at: &record.updated_at,
        }
    }
}

impl<'a> From<&'a ListedItem<'a>> for RecordMetadata<'a> {
    fn from(item: &'a ListedItem<'a>) -> Self {
        Self {
            id: &item.uuid,
            template_uuid: &item.template_uuid,
            version: item.item_version,
            created_at: &item.created_at,
            updated_at: &item.updated_at,
        }
    }
}

/// Decodes the overview of an item.
pub(crate) fn overview(
    metadata: &RecordMetadata<'_>,
    state: rest::ItemState,
    plaintext: &[u8],
    vault_id: &str,
) -> Result<ItemOverview> {
    let overview = Overview::from_json(plaintext).map_err(|error| unreadable(metadata, error))?;
    Ok(ItemOverview {
        id: metadata.id.to_owned(),
        title: overview.title.text().to_owned(),
        category: kinds::category(metadata.template_uuid),
        vault_id: vault_id.to_owned(),
        websites: websites(&overview),
        tags: tags(&overview),
        created_at: time(metadata, metadata.created_at)?,
        updated_at: time(metadata, metadata.updated_at)?,
        state: listed_state(state).ok_or_else(|| unreadable(metadata, "it is deleted"))?,
        subtitle: overview.ainfo.text().to_owned(),
        opens: true,
    })
}

/// Returns what is known of an item whose overview does not open; `None` if it is deleted.
pub(crate) fn closed_overview(
    metadata: &RecordMetadata<'_>,
    state: rest::ItemState,
    vault_id: &str,
) -> Option<ItemOverview> {
    let known = |text| time(metadata, text).unwrap_or_else(|_| timestamp::text(OffsetDateTime::UNIX_EPOCH));
    Some(ItemOverview {
        id: metadata.id.to_owned(),
        title: ENCRYPTED.to_owned(),
        category: kinds::category(metadata.template_uuid),
        vault_id: vault_id.to_owned(),
        websites: Vec::new(),
        tags: Vec::new(),
        created_at: known(metadata.created_at),
        updated_at: known(metadata.updated_at),
        state: listed_state(state)?,
        subtitle: String::new(),
        opens: false,
    })
}

fn listed_state(state: rest::ItemState) -> Option<ItemState> {
    match state {
        rest::ItemState::Active => Some(ItemState::Active),
        rest::ItemState::Archived => Some(ItemState::Archived),
        rest::ItemState::Deleted => None,
    }
}

/// Decodes an item, with the one-time passwords at `now_seconds`. The caller checks whether it is active.
pub(crate) fn item(
    metadata: &RecordMetadata<'_>,
    plaintext: &Plaintext,
    vault_id: &str,
    now_seconds: u64,
) -> Result<Item> {
    let (overview, details) = parse(metadata, plaintext)?;
    shown(metadata, &overview, &details, vault_id, now_seconds)
}

/// Returns the files of an item, with their keys.
pub(crate) fn files(metadata: &RecordMetadata<'_>, plaintext: &Plaintext) -> Result<Vec<item::FileAttributes>> {
    Ok(details(metadata, plaintext)?.files().collect())
}

/// Reads the details of an item.
pub(crate) fn details(metadata: &RecordMetadata<'_>, plaintext: &Plaintext) -> Result<Details> {
    Details::from_json(&plaintext.details).map_err(|error| unreadable(metadata, error))
}

/// Reads the overview and the details of an item.
pub(super) fn parse(metadata: &RecordMetadata<'_>, plaintext: &Plaintext) -> Result<(Overview, Details)> {
    let overview = Overview::from_json(&plaintext.overview).map_err(|error| unreadable(metadata, error))?;
    Ok((overview, details(metadata, plaintext)?))
}

/// Returns the item that the SDK shows for a plaintext.
pub(super) fn shown(
    metadata: &RecordMetadata<'_>,
    overview: &Overview,
    details: &Details,
    vault_id: &str,
    now_seconds: u64,
) -> Result<Item> {
    let category = kinds::category(metadata.template_uuid);
    let mut fields = built_in_fields(category, details);
    fields.extend(
        section_fields(details).filter_map(|(section, field)| item_field(section.id.text(), field, now_seconds)),
    );
    Ok(Item {
        id: metadata.id.to_owned(),
        title: overview.title.text().to_owned(),
        category,
        vault_id: vault_id.to_owned(),
        fields,
        sections: details.sections.elements().map(item_section).collect(),
        notes: details.notes_plain.text().to_owned(),
        tags: tags(overview),
        websites: websites(overview),
        version: metadata.version,
        files: section_fields(details).filter_map(|(section, field)| item_file(section, field)).collect(),
        document: details.document_attributes.get().map(file_attributes),
        created_at: time(metadata, metadata.created_at)?,
        updated_at: time(metadata, metadata.updated_at)?,
    })
}

fn unreadable(metadata: &RecordMetadata<'_>, what: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidResponse, format_args!("item {} cannot be read: {what}", metadata.id))
}

/// Converts any RFC 3339 time to UTC, in whole seconds.
fn time(metadata: &RecordMetadata<'_>, text: &str) -> Result<String> {
    let time = timestamp::parse(text).ok_or_else(|| unreadable(metadata, "its times are not RFC 3339"))?;
    Ok(if timestamp::is_canonical(text) { text.to_owned() } else { timestamp::text(time) })
}

fn tags(overview: &Overview) -> Vec<String> {
    overview.tags.elements().map(|tag| tag.to_string()).collect()
}

fn websites(overview: &Overview) -> Vec<Website> {
    // Some programs write an empty list beside the older member.
    if overview.urls.elements().next().is_none() {
        let url = overview.url.text();
        let only = (!url.is_empty()).then(|| website(url, "", ""));
        return only.into_iter().collect();
    }
    overview.urls.elements().map(|url| website(url.url.text(), url.label.text(), url.mode.text())).collect()
}

fn website(url: &str, label: &str, mode: &str) -> Website {
    Website { url: url.to_owned(), label: label.to_owned(), autofill_behavior: kinds::autofill_behavior(mode) }
}

/// Returns the fields without a section: those that are filled in, for a Login, and the password, even if it is empty,
/// for a Password.
fn built_in_fields(category: ItemCategory, details: &Details) -> Vec<ItemField> {
    match category {
        ItemCategory::Login => {
            let fields = details.fields.elements();
            let fields = fields.filter(|field| matches!(field.designation.text(), "username" | "password"));
            fields.map(|field| built_in_field(field.designation.text(), field.value.text())).collect()
        }
        ItemCategory::Password => vec![built_in_field("password", details.password.text())],
        _ => Vec::new(),
    }
}

fn built_in_field(id: &str, value: &str) -> ItemField {
    ItemField {
        id: id.to_owned(),
        title: id.to_owned(),
        section_id: None,
        field_type: if id == "password" { ItemFieldType::Concealed } else { ItemFieldType::Text },
        value: value.to_owned(),
        details: None,
    }
}

fn item_section(section: &Section) -> ItemSection {
    ItemSection { id: section.id.text().to_owned(), title: section.title.text().to_owned() }
}

/// Returns the fields that have an id and a kind, with their sections. Others cannot be shown.
fn section_fields(details: &Details) -> impl Iterator<Item = (&Section, &Field)> {
    details
        .sections
        .elements()
        .flat_map(|section| section.fields.elements().map(move |field| (section, field)))
        .filter(|(_, field)| field.id.get().is_some() && field.kind.get().is_some())
}

/// Whether the field appears among an item's fields. Files appear elsewhere, and fields without an id or kind nowhere.
pub(super) fn is_shown(field: &Field) -> bool {
    field.id.get().is_some() && field.kind.get().is_some() && field.kind.text() != item::FILE_KIND
}

/// Returns the field that the SDK shows for a field of a section.
pub(super) fn item_field(section_id: &str, field: &Field, now_seconds: u64) -> Option<ItemField> {
    if !is_shown(field) {
        return None;
    }
    let (id, kind) = (field.id.text(), field.kind.text());
    let field_type = kinds::field_type(kind, id);
    let value = field.value.as_ref().map(|value| values::read(field_type, value)).unwrap_or_default();
    Some(ItemField {
        id: id.to_owned(),
        title: field.title.text().to_owned(),
        // The official SDK returns no section for fields of unsupported types.
        section_id: (field_type != ItemFieldType::Unsupported).then(|| section_id.to_owned()),
        field_type,
        details: field_details(field_type, field, &value, now_seconds),
        value,
    })
}

fn field_details(field_type: ItemFieldType, field: &Field, value: &str, now_seconds: u64) -> Option<ItemFieldDetails> {
    match field_type {
        ItemFieldType::Totp => Some(ItemFieldDetails::Otp(one_time_password(value, now_seconds))),
        ItemFieldType::SshKey => Some(ItemFieldDetails::SshKey(ssh_key_attributes(field))),
        ItemFieldType::Address => {
            Some(ItemFieldDetails::Address(field.value.as_ref().and_then(|value| values::address(value))))
        }
        _ => None,
    }
}

fn one_time_password(value: &str, now_seconds: u64) -> OtpFieldDetails {
    match totp::code(value, now_seconds) {
        Ok(code) => OtpFieldDetails { code: Some(code), error_message: None },
        Err(error) => OtpFieldDetails {
            code: None,
            error_message: Some(format!("unable to generate one-time password: {error}")),
        },
    }
}

fn ssh_key_attributes(field: &Field) -> Option<SshKeyAttributes> {
    let attributes = field.attributes.get()?.ssh_key_attributes.get()?;
    let key_type = attributes.key_type.get()?;
    let key_type = match (key_type.algorithm.get()?.as_ref(), key_type.bits.get()) {
        ("ed25519", _) => "Ed25519".to_owned(),
        ("rsa", Some(bits)) => format!("RSA, {bits}-bit"),
        (other, _) => other.to_owned(),
    };
    Some(SshKeyAttributes {
        public_key: attributes.public_key.get()?.to_string(),
        fingerprint: attributes.fingerprint.get()?.to_string(),
        key_type,
    })
}

fn item_file(section: &Section, field: &Field) -> Option<ItemFile> {
    Some(ItemFile {
        attributes: file_attributes(&field.file()?),
        section_id: section.id.text().to_owned(),
        field_id: field.id.text().to_owned(),
    })
}

pub(super) fn file_attributes(attributes: &item::FileAttributes) -> FileAttributes {
    FileAttributes {
        name: attributes.file_name.text().to_owned(),
        id: attributes.document_id.text().to_owned(),
        size: attributes.unencrypted_size.get().map_or(0, |size| u32::try_from(*size).unwrap_or(u32::MAX)),
    }
}
