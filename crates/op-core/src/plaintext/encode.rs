//! Encoding the parameters of a new item as its plaintext.

use op_protocol::item::{
    self, Details, Field, FieldAttributes, FormField, Json, Loose, Overview, Section, SshKeyType, Url,
};

use super::{check, kinds, ssh::PrivateKey, strength::strength, subtitle::subtitle, values};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{ItemCategory, ItemCreateParams, ItemField, ItemFieldDetails, ItemFieldType},
};

/// Returns the template and the plaintext of a new item, without its files, or everything that is wrong with the
/// parameters.
pub(crate) fn new_item(params: &ItemCreateParams, now_seconds: u64) -> Result<(&'static str, Overview, Details)> {
    check::check(params)?;
    let ssh_key = ssh_key(params)?;
    let details = details(params, ssh_key.as_ref())?;
    let overview = overview(params, subtitle(params, ssh_key.as_ref(), now_seconds));
    let template_uuid = kinds::template(params.category).unwrap_or_default();
    Ok((template_uuid, overview, details))
}

fn fields(params: &ItemCreateParams) -> &[ItemField] {
    params.fields.as_deref().unwrap_or_default()
}

pub(super) fn ssh_key(params: &ItemCreateParams) -> Result<Option<PrivateKey>> {
    let field = fields(params).iter().find(|field| field.field_type == ItemFieldType::SshKey);
    field.map(private_key).transpose()
}

/// Reads the private key in a field.
pub(super) fn private_key(field: &ItemField) -> Result<PrivateKey> {
    PrivateKey::parse(&field.value).map_err(|why| invalid(format_args!("error parsing private key: {why}")))
}

pub(super) fn invalid(problem: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidConfiguration, problem)
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

/// Whether the plaintext has a special place for a field, outside of sections.
pub(super) fn is_built_in(category: ItemCategory, field: &ItemField) -> bool {
    // Fields of unsupported types are shown without a section too, but are stored in one.
    field.section_id.is_none()
        && field.field_type != ItemFieldType::Unsupported
        && match category {
            ItemCategory::Login => matches!(field.id.as_str(), "username" | "password"),
            ItemCategory::Password => field.id == "password",
            _ => false,
        }
}

fn details(params: &ItemCreateParams, ssh_key: Option<&PrivateKey>) -> Result<Details> {
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
    details.sections = non_empty(sections(params, &others, ssh_key)?.into_iter());
    Ok(details)
}

pub(super) fn form_field(field: &ItemField) -> FormField {
    FormField {
        value: field.value.as_str().into(),
        id: field.id.as_str().into(),
        name: field.id.as_str().into(),
        kind: if field.id == "password" { "P" } else { "T" }.into(),
        designation: field.id.as_str().into(),
        ..FormField::default()
    }
}

/// Returns the declared sections and, if fields without a section need it, an unnamed one after them.
fn sections(params: &ItemCreateParams, fields: &[&ItemField], ssh_key: Option<&PrivateKey>) -> Result<Vec<Section>> {
    let declared = params.sections.iter().flatten().map(|section| (section.id.as_str(), section.title.as_str()));
    let mut ids: Vec<_> = declared.collect();
    if fields.iter().any(|field| field.section_id.is_none()) && !ids.iter().any(|(id, _)| id.is_empty()) {
        ids.push(("", ""));
    }
    let section = |(id, title): (&str, &str)| {
        let fields = fields.iter().filter(|field| field.section_id.as_deref().unwrap_or_default() == id);
        let fields: Vec<Field> = fields.map(|field| section_field(field, ssh_key)).collect::<Result<_>>()?;
        Ok(Section { id: id.into(), title: title.into(), fields: non_empty(fields.into_iter()), ..Section::default() })
    };
    ids.into_iter().map(section).collect()
}

pub(super) fn section_field(field: &ItemField, ssh_key: Option<&PrivateKey>) -> Result<Field> {
    Ok(Field {
        title: field.title.as_str().into(),
        id: kinds::marked_id(field.field_type, &field.id).as_str().into(),
        kind: kinds::kind(field.field_type).unwrap_or_default().into(),
        value: stored_value(field)?,
        attributes: match (field.field_type, ssh_key) {
            (ItemFieldType::SshKey, Some(key)) => ssh_attributes(&field.value, key).into(),
            _ => Loose::Missing,
        },
        ..Field::default()
    })
}

pub(super) fn stored_value(field: &ItemField) -> Result<Option<Json>> {
    match (field.field_type, &field.details) {
        (ItemFieldType::Address, Some(ItemFieldDetails::Address(Some(address)))) => {
            Ok(values::write_address(address).map(Into::into))
        }
        _ if field.value.is_empty() => Ok(None),
        (field_type, _) => Ok(Some(values::write(field_type, &field.value).map_err(invalid)?.into())),
    }
}

pub(super) fn ssh_attributes(text: &str, key: &PrivateKey) -> FieldAttributes {
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

/// Returns the list; missing if it is empty, because plaintexts have no empty lists.
pub(super) fn non_empty<T>(elements: impl Iterator<Item = T>) -> Loose<Vec<Loose<T>>> {
    let mut elements = elements.peekable();
    if elements.peek().is_none() { Loose::Missing } else { elements.collect() }
}
